"""`python -m training train` as people call it: on their own files, twice at once, on a full disk, with several processes."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from filelock import FileLock

from agent.intents import OUT_OF_SCOPE
from agent.release import read_release
from tests.conftest import ROOT
from tests.training.small_shop import TEXTS, write_files
from training.__main__ import main

ROWS = [(text.strip(), intent) for intent, texts in TEXTS.items() for text in texts.strip().splitlines()]


def write_rows(file: Path, rows: list[tuple[str, str]]) -> Path:
    file.write_text("text,intent\n" + "".join(f'"{text}",{intent}\n' for text, intent in rows), encoding="utf-8")
    return file


def train(place: Path, *options: str) -> list[str]:
    return ["train", "--method", "head", "--output", str(place / "release"), "--json", *options]


@pytest.mark.slow
def test_labelled_messages_are_enough(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_rows(place / "messages.csv", ROWS)
    assert main(train(place, "--data", str(data))) == 0
    document = json.loads(capsys.readouterr().out)
    assert document["metrics"]["intent_accuracy"] > 0.5
    release = read_release(place / "release")
    assert set(release.intents) == set(TEXTS) - {OUT_OF_SCOPE}
    assert not (place / "release.work" / "training.lock").read_bytes()
    assert main(["evaluate", "--model", str(place / "release"), "--data", str(data), "--json"]) == 0
    figures = json.loads(capsys.readouterr().out)
    assert figures["accuracy"] > 0.7
    assert figures["out_of_scope"]["auroc"] > 0.7


@pytest.mark.slow
def test_no_message_needs_to_be_out_of_scope(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_rows(place / "messages.csv", [row for row in ROWS if row[1] != OUT_OF_SCOPE])
    assert main(train(place, "--data", str(data))) == 0
    assert json.loads(capsys.readouterr().out)["metrics"]["out_of_scope_auroc"] is None
    assert OUT_OF_SCOPE not in read_release(place / "release").labels


def test_a_class_with_one_example_is_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_rows(place / "messages.csv", [*ROWS, ("gift wrap please", "gifts")])
    assert main(train(place, "--data", str(data))) == 1
    assert "There is one utterance only to train on for gifts." in capsys.readouterr().err
    assert not (place / "release").exists()


def test_an_unreadable_base_is_refused(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_rows(place / "messages.csv", ROWS)
    (place / "base").mkdir()
    (place / "base" / "model.safetensors").write_bytes(b"no tensors")
    assert main(train(place, "--data", str(data), "--base", str(place / "base"))) == 1
    assert "could not be prepared as a text encoder" in capsys.readouterr().err
    assert not (place / "release").exists()


def test_two_trainings_into_one_place_do_not_meet(place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_rows(place / "messages.csv", ROWS)
    (place / "release.work").mkdir()
    with FileLock(place / "release.work" / "training.lock"):
        assert main(train(place, "--data", str(data))) == 2
    assert "Another training writes to" in capsys.readouterr().err
    assert not (place / "release").exists()


@pytest.mark.slow
def test_on_a_full_disk_no_half_release_is_visible(place: Path, small_disk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = write_rows(place / "messages.csv", ROWS)
    command = ["train", "--method", "head", "--data", str(data), "--output", str(small_disk / "release"), "--json"]
    assert main(command) == 1
    assert "No space left" in capsys.readouterr().err
    assert [path.name for path in small_disk.iterdir()] == ["release.work"]
    assert not list((small_disk / "release.work").glob(".release*"))


@pytest.mark.slow
def test_two_processes_train_one_release(place: Path) -> None:
    """As `accelerate launch` starts them on two GPUs; here on the CPU."""
    files = [f"--{name}={path}" for name, path in write_files(place).items()]
    launch = [sys.executable, "-m", "accelerate.commands.launch", "--cpu", "--num_processes", "2", "--num_machines", "1"]
    options = ["--mixed_precision", "no", "--dynamo_backend", "no", "-m", "training", "train", "--epochs=1", "--frozen-layers=10"]
    output = place / "release"
    done = subprocess.run(
        [*launch, *options, *files, f"--output={output}", "--json"],
        cwd=ROOT,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]
    assert json.loads(done.stdout)["output"] == str(output), "one process reports"
    assert read_release(output).lineage["arguments"]["epochs"] == 1
