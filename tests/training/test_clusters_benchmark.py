"""The benchmark of clusters, on a set of a few utterances in its file format."""

import json
from pathlib import Path

import numpy as np
import pytest

from agent.errors import DatasetError
from tests.training.small_shop import TEXTS
from training.__main__ import main
from training.benchmarks.clusters import compare, read_parts


@pytest.fixture
def parts(tmp_path: Path) -> Path:
    for part, intents in (("test-banking", ["refund_status", "track_order"]), ("test-finance", ["greeting", "track_order"])):
        rows = [{"utterance": text.strip(), "intent": intent} for intent in intents for text in TEXTS[intent].strip().splitlines()]
        (tmp_path / "parts" / part).mkdir(parents=True)
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n"
        (tmp_path / "parts" / part / "test-utterances.jsonl").write_text(lines, encoding="utf-8")
    return tmp_path / "parts"


@pytest.mark.usefixtures("place")
def test_each_part_has_its_figures(parts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "clusters", "--data", str(parts), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert set(found) == {"test-banking", "test-finance", "machine", "versions"}
    for part in ("test-banking", "test-finance"):
        figures = found[part]
        assert (figures["utterances"], figures["intents"]) == (24, 2)
        assert 2 <= figures["clusters"] < 12
        assert figures["purity"] > 0.8
        assert {"purity_without_noise", "nmi", "ari", "noise", "median_size"} <= set(figures)
        assert all(0.0 <= figures[key] <= 1.0 for key in ("purity", "purity_without_noise", "nmi", "ari", "noise"))


@pytest.mark.usefixtures("place")
def test_people_get_a_line_for_each_part(parts: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "clusters", "--data", str(parts)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["test-banking", "test-finance"]
    assert "24 utterances, 2 intents" in lines[0]


def test_noise_counts_as_clusters_of_one() -> None:
    figures = compare(np.array([0, 0, 0, 1, 1, -1, -1]), ["a", "a", "b", "b", "b", "a", "b"])
    assert figures["purity"] == pytest.approx(6 / 7)
    assert figures["purity_without_noise"] == pytest.approx(4 / 5)
    assert figures["noise"] == pytest.approx(2 / 7)
    assert (figures["clusters"], figures["median_size"]) == (2, 2.5)
    assert 0.0 < figures["ari"] < 1.0


def test_without_any_cluster_there_is_nothing_to_praise() -> None:
    figures = compare(np.array([-1, -1, -1]), ["a", "a", "b"])
    assert (figures["clusters"], figures["noise"], figures["ari"], figures["median_size"]) == (0, 1.0, 0.0, 0.0)


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="Name the folder with the parts"):
        read_parts(tmp_path)
    (tmp_path / "test-banking").mkdir()
    (tmp_path / "test-banking" / "test-utterances.jsonl").write_text('{"text": "hello"}\n', encoding="utf-8")
    with pytest.raises(DatasetError, match="cannot be read as JSON lines"):
        read_parts(tmp_path)
