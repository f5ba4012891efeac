"""The releases of a data directory and its history: kept whole by kills, several hands and damage."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from agent import data_directory
from agent.data_directory import DataDirectory
from agent.errors import ReleaseError
from agent.release import read_release
from agent.release_history import Change, read_history, served_before, that_happened
from knowledge_base.errors import StorageError
from tests.agent.copied_release import copy_directory, copy_release
from tests.agent.small_release import write_release
from tests.conftest import ROOT
from training.__main__ import main
from training.gate import PromotionError, unjudged
from training.registry import Registry

DIE_BEFORE_THE_POINTER_MOVES = """
import os, signal, sys
from pathlib import Path
from agent import data_directory

write = data_directory._write_whole

def die(path, text):
    if path.name == "current":
        os.kill(os.getpid(), signal.SIGKILL)
    write(path, text)

data_directory._write_whole = die
data_directory.DataDirectory(Path(sys.argv[1])).serve_with(sys.argv[2], "promote")
"""
PROMOTE_ALL = """
import sys
from pathlib import Path
from agent.data_directory import DataDirectory
for release in sys.argv[2:]:
    DataDirectory(Path(sys.argv[1])).serve_with(release, "promote")
"""


@pytest.fixture
def directory(tmp_path: Path) -> DataDirectory:
    """A data directory that serves the base release."""
    directory = DataDirectory(tmp_path / "data")
    directory.create()
    return directory


@pytest.fixture
def ids(directory: DataDirectory, tmp_path: Path) -> list[str]:
    """Three small releases in it, none of which served yet."""
    return [add(directory, tmp_path, note) for note in ("one", "two", "three")]


def add(directory: DataDirectory, folder: Path, note: str) -> str:
    write_release(folder / note, note)
    return directory.add_release(folder / note).id


def lines(directory: DataDirectory) -> list[Change]:
    """Every line of the history, what did not happen among them."""
    return read_history(directory.path / "releases" / "history.jsonl")


def files(directory: DataDirectory) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in directory.path.rglob("*") if path.is_file() and path.suffix != ".lock"}


def start(script: str, *arguments: str | Path) -> "subprocess.Popen[bytes]":
    return subprocess.Popen([sys.executable, "-c", script, *map(str, arguments)], cwd=ROOT)


# --- history and pointer ---


def test_the_history_names_every_change(directory: DataDirectory, ids: list[str]) -> None:
    base = directory.current()
    directory.serve_with(ids[0], "promote", reason="trust me", gate={"figure": 0.5})
    directory.serve_with(base, "rollback", instead_of=ids[0])
    rows = [json.loads(line) for line in (directory.path / "releases" / "history.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [list(row) for row in rows] == [["time", "release", "from", "action", "reason", "gate"]] * 3
    assert [(row["release"], row["from"], row["action"]) for row in rows] == [
        (base, None, "init"),
        (ids[0], base, "promote"),
        (base, ids[0], "rollback"),
    ]
    assert (rows[1]["reason"], rows[1]["gate"]) == ("trust me", {"figure": 0.5})
    assert all(row["time"].endswith("+00:00") for row in rows)
    assert rows[0]["time"] <= rows[1]["time"] <= rows[2]["time"]


def test_a_kill_between_the_two_writes_promotes_nothing(directory: DataDirectory, ids: list[str]) -> None:
    base = directory.current()
    assert start(DIE_BEFORE_THE_POINTER_MOVES, directory.path, ids[0]).wait() == -signal.SIGKILL
    assert [line.release for line in lines(directory)] == [base, ids[0]]
    assert directory.current() == directory.release().id == base
    assert [change.release for change in directory.history()] == [base]
    registry = Registry(directory)
    assert [version.id for version in registry.versions() if version.served] == [base]
    with pytest.raises(ReleaseError, match="nothing to roll back to"):
        registry.rollback()

    directory.serve_with(ids[1], "promote")  # nothing is locked
    assert [change.release for change in directory.history()] == [base, ids[1]]
    assert registry.rollback().id == base
    directory.serve_with(ids[0], "promote")  # the one that was killed
    assert [change.release for change in directory.history()] == [base, ids[1], base, ids[0]]
    assert not list((directory.path / "releases").glob(".current*"))


def test_a_line_counts_if_the_next_one_starts_from_it() -> None:
    def change(release: str, before: str | None) -> Change:
        return Change("2026-01-01T00:00:00+00:00", release, before, "promote")

    first, killed, again, last = change("a", None), change("b", "a"), change("b", "a"), change("c", "b")
    assert that_happened([first, killed, again, last], "c") == [first, again, last]
    assert that_happened([first, killed, again, last], "b") == [first, again]
    assert that_happened([], "a") == []
    assert served_before([], "a") is None
    assert served_before([first], "a") is None
    assert served_before([first, again, last], "c") == "b"
    assert served_before([again], "b") == "a", "in a directory whose history began later"
    assert served_before([first, again], "by-hand") == "b"


def test_a_damaged_history_is_named_with_its_line(directory: DataDirectory, ids: list[str]) -> None:
    with (directory.path / "releases" / "history.jsonl").open("a", encoding="utf-8") as stream:
        stream.write("{\n")
    before = files(directory)
    with pytest.raises(ReleaseError, match=r"history\.jsonl:2: this is no line"):
        directory.serve_with(ids[0], "promote")
    assert files(directory) == before


def test_promotions_at_once_come_one_after_another(directory: DataDirectory, tmp_path: Path) -> None:
    base = directory.current()
    groups = [[add(directory, tmp_path, f"{group}-{number}") for number in range(10)] for group in "ab"]
    processes = [start(PROMOTE_ALL, directory.path, *group) for group in groups]
    assert [process.wait() for process in processes] == [0, 0]
    history = directory.history()
    assert history == lines(directory), "each one happened"
    assert {change.release for change in history} == {base, *groups[0], *groups[1]}
    assert [change.before for change in history[1:]] == [change.release for change in history[:-1]]
    assert directory.current() == history[-1].release


def test_what_was_decided_about_another_release_is_refused(directory: DataDirectory, ids: list[str]) -> None:
    base = directory.current()
    directory.serve_with(ids[0], "promote")
    with pytest.raises(ReleaseError, match="came into service meanwhile"):
        directory.serve_with(ids[1], "promote", instead_of=base)
    with pytest.raises(ReleaseError, match="in service already"):
        directory.serve_with(ids[0], "promote")
    assert (directory.current(), len(lines(directory))) == (ids[0], 2)


def test_a_lock_that_is_kept_is_named(directory: DataDirectory, ids: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data_directory, "LOCK_WAIT_S", 0.1)
    before = files(directory)
    with FileLock(directory.path / "releases" / "promotion.lock"), pytest.raises(StorageError, match="Try again when it has ended"):
        directory.serve_with(ids[0], "promote")
    assert files(directory) == before
    directory.serve_with(ids[0], "promote")


# --- rolling back ---


def test_each_rollback_goes_one_further_back(directory: DataDirectory, ids: list[str]) -> None:
    registry, base = Registry(directory), directory.current()
    for release in ids:
        directory.serve_with(release, "promote")
    assert registry.rollback().id == ids[1]
    assert registry.rollback().id == directory.current() == ids[0]
    directory.serve_with(ids[2], "promote")
    assert registry.rollback().id == ids[0]
    assert registry.rollback().id == base
    with pytest.raises(ReleaseError, match="Promote one instead"):
        registry.rollback()
    assert directory.current() == base


def test_a_rollback_to_a_damaged_release_changes_nothing(directory: DataDirectory, ids: list[str]) -> None:
    for release in ids[:2]:
        directory.serve_with(release, "promote")
    (directory.path / "releases" / ids[0] / "adapter" / "weights.bin").write_bytes(b"damaged")
    before = files(directory)
    with pytest.raises(ReleaseError, match="is not the file that release"):
        Registry(directory).rollback()
    assert files(directory) == before


def test_rolling_back_by_command(directory: DataDirectory, ids: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    base = directory.current()
    directory.serve_with(ids[0], "promote")
    assert main(["rollback", "--data-dir", str(directory.path), "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"release": base, "from": ids[0]}
    assert main(["rollback", "--data-dir", str(directory.path)]) == 1
    output = capsys.readouterr()
    assert output.out == ""
    assert "nothing to roll back to" in output.err


# --- versions ---


def test_versions_say_what_each_is_and_when_it_served(directory: DataDirectory, ids: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    base = directory.release()
    directory.serve_with(ids[0], "promote")
    directory.serve_with(base.id, "rollback")
    (directory.path / "releases" / ids[1] / "release.json").write_text("{", encoding="utf-8")
    assert main(["versions", "--data-dir", str(directory.path), "--json"]) == 0
    versions = {version["id"]: version for version in json.loads(capsys.readouterr().out)}
    assert set(versions) == {base.id, *ids}
    served = versions[base.id]
    assert served["in_service"]
    assert (served["encoder"], served["created"]) == (base.encoder_fingerprint, base.lineage["created"])
    assert served["examples"] == base.lineage["examples"]
    assert served["metrics"] == json.loads(json.dumps(base.lineage["metrics"]))
    (first, second), ((start_of_other, end_of_other),) = served["served"], versions[ids[0]]["served"]
    assert first[1] == start_of_other <= end_of_other == second[0]
    assert second[1] is None
    assert not versions[ids[0]]["in_service"]
    assert "holds no readable release" in versions[ids[1]]["problem"]
    assert (versions[ids[2]]["served"], versions[ids[2]]["problem"]) == ([], None)
    assert main(["versions", "--data-dir", str(directory.path)]) == 0
    (marked,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("*")]
    assert base.id in marked


def test_no_data_directory_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for command in (["versions"], ["rollback"], ["promote", "x"], ["compare", "x", "y"]):
        assert main([*command, "--data-dir", str(tmp_path / "none")]) == 1
        assert "is no Frontdesk data directory" in capsys.readouterr().err


# --- what is not promoted ---


def test_nothing_is_promoted_without_a_verdict_or_a_reason(directory: DataDirectory, ids: list[str]) -> None:
    registry, before = Registry(directory), files(directory)
    for verdict in (None, unjudged(ids[0], directory.current(), "no golden set")):
        for reason in (None, "", " "):
            with pytest.raises(PromotionError, match="has not passed the gate"):
                registry.promote(ids[0], verdict, reason)
    with pytest.raises(ReleaseError, match="no folder and no release in"):
        registry.promote("2020-01-01-unknown", None, "a reason")
    assert files(directory) == before


def test_a_damaged_folder_is_refused_and_nothing_changes(directory: DataDirectory, tmp_path: Path) -> None:
    write_release(tmp_path / "damaged")
    (tmp_path / "damaged" / "adapter" / "weights.bin").write_bytes(b"damaged")
    before = files(directory)
    with pytest.raises(ReleaseError, match="is not the file that release"):
        Registry(directory).promote(str(tmp_path / "damaged"), None, "a reason")
    assert files(directory) == before


def test_what_cannot_be_loaded_here_is_not_promoted(starter_directory: Path, tmp_path: Path) -> None:
    directory = copy_directory(starter_directory, tmp_path / "data")
    write_release(tmp_path / "foreign", fingerprint="0" * 64)
    before = {name: content for name, content in files(directory).items() if "/releases/" in name}
    with pytest.raises(ReleaseError, match="learned with the encoder 000000000000"):
        Registry(directory).promote(str(tmp_path / "foreign"), None, "a reason")
    assert {name: content for name, content in files(directory).items() if "/releases/" in name} == before


def test_a_folder_is_copied_in_whole_and_kept_as_it_was(starter_directory: Path, tmp_path: Path) -> None:
    release = copy_release(tmp_path / "release", "another")
    directory = copy_directory(starter_directory, tmp_path / "data")
    kept = Registry(directory).promote(str(tmp_path / "release"), None, "a reason")
    assert kept.folder == directory.path / "releases" / release
    for path in [path for path in (tmp_path / "release").rglob("*") if path.is_file()]:
        assert (kept.folder / path.relative_to(tmp_path / "release")).read_bytes() == path.read_bytes()
        os.unlink(path)  # noqa: PTH108 - the copy does not depend on it
    assert directory.release().id == read_release(kept.folder).id == release
