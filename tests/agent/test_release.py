import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import ReleaseError
from agent.intents import Intent
from agent.release import MANIFEST, manifest_id, read_release
from tests.agent.small_release import write_release


def test_what_is_written_is_read(tmp_path: Path) -> None:
    manifest = write_release(tmp_path / "release")
    release = read_release(tmp_path / "release")
    assert release.id == manifest["id"]
    assert release.id.startswith("2026-11-22-")
    assert release.intents == {"refund_status": Intent("refund_status", "query", "answer")}
    assert release.labels == ("refund_status", "oos")
    assert release.classifier is None
    assert (release.routing.answer, release.routing.clarify) == (0.7, 0.3)
    assert release.lineage["note"] == "one"


def test_the_id_names_the_content(tmp_path: Path) -> None:
    first = write_release(tmp_path / "a", note="one")
    assert write_release(tmp_path / "b", note="one")["id"] == first["id"]
    assert write_release(tmp_path / "c", note="two")["id"] != first["id"]
    assert write_release(tmp_path / "d", note="one", payload=b"other weights")["id"] != first["id"]


def test_a_release_of_another_version_is_refused(tmp_path: Path) -> None:
    manifest = write_release(tmp_path / "release")
    (tmp_path / "release" / MANIFEST).write_text(json.dumps({**manifest, "format": 1}), encoding="utf-8")
    with pytest.raises(ReleaseError, match="is of format 1, this Frontdesk reads 5"):
        read_release(tmp_path / "release")


@pytest.mark.parametrize("part", ["routing", "encoder", "labels", "lineage", "intents"])
def test_a_changed_manifest_is_refused(tmp_path: Path, part: str) -> None:
    manifest = write_release(tmp_path / "release")
    manifest[part] = {**manifest[part], "answer": 0.0} if isinstance(manifest[part], dict) else [*manifest[part], "more"]
    (tmp_path / "release" / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ReleaseError, match="changed after it was written"):
        read_release(tmp_path / "release")


def test_a_changed_file_is_refused(tmp_path: Path) -> None:
    write_release(tmp_path / "release")
    (tmp_path / "release" / "adapter" / "weights.bin").write_bytes(b"Learned")
    with pytest.raises(ReleaseError, match=r"weights\.bin is not the file"):
        read_release(tmp_path / "release")


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    write_release(tmp_path / "release")
    (tmp_path / "release" / "adapter" / "weights.bin").unlink()
    with pytest.raises(ReleaseError, match=r"weights\.bin"):
        read_release(tmp_path / "release")


def test_a_missing_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ReleaseError, match="holds no readable release"):
        read_release(tmp_path / "nowhere")


@pytest.mark.parametrize(
    "change", [{"intents": [{"id": "x"}]}, {"intents": None}, {"routing": {"answer": 1}}, {"encoder": {}}, {"classifier": 5}]
)
def test_a_manifest_that_was_written_wrong_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    manifest = write_release(tmp_path / "release") | change
    manifest["id"] = manifest_id(manifest)
    (tmp_path / "release" / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(ReleaseError):
        read_release(tmp_path / "release")


GARBAGE = st.binary() | st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda part: st.lists(part) | st.dictionaries(st.sampled_from(["id", "files", "lineage", "created", "routing"]) | st.text(), part),
).map(lambda value: json.dumps(value).encode())


@settings(deadline=None, suppress_health_check=list(HealthCheck))
@given(GARBAGE)
def test_garbage_is_refused(tmp_path: Path, garbage: bytes) -> None:
    (tmp_path / MANIFEST).write_bytes(garbage)
    with pytest.raises(ReleaseError):
        read_release(tmp_path)


def test_another_encoder_is_refused_with_advice(tmp_path: Path) -> None:
    write_release(tmp_path / "release", fingerprint="a" * 64)
    release = read_release(tmp_path / "release")
    release.require_base("a" * 64)
    with pytest.raises(ReleaseError) as caught:
        release.require_base("b" * 64)
    for part in (release.id, "aaaaaaaaaaaa", "bbbbbbbbbbbb", "python -m training train --base", "FRONTDESK_ENCODER"):
        assert part in str(caught.value)
