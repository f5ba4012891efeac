"""`ground-train` and `compose-train` as people call them, on a handful of lines; what they write is loaded and used."""

import json
from pathlib import Path

import pytest
from filelock import FileLock

from agent.generation.packaged_model import restore_packaged_model
from agent.grounding import GroundingCheck, PairClassifier
from agent.prompting import Depth, read_depths
from training.__main__ import main

DOMAINS = ("hotel", "gym", "veterinary clinic")
ENTRY = {
    "language": "en",
    "question": "Can I come late?",
    "answer": ["The doors close at 22:00.", "Members may come until 23:00 if they call before."],
    "supported": ["The doors close at ten in the evening.", "Members can come until 23:00 if they have called."],
    "unsupported": [{"kind": "condition", "text": "Members can come until 23:00."}, {"kind": "invented", "text": "There is a bar."}],
    "no_claim": ["A good question!", "I see."],
    "replies": [
        {"customer": "can i come at 10", "woven": "A late evening! [1]", "free": "A late evening! The doors close at 22:00 [1]."},
        {"customer": "members?", "woven": "[2]", "free": "Members may come until 23:00 if they call before [1]."},
    ],
}


@pytest.fixture
def lines(place: Path) -> Path:
    """Three entries, one of them of a domain that validates."""
    file = place / "en.jsonl"
    file.write_text("".join(json.dumps({"id": domain.split()[0], "domain": domain, **ENTRY}) + "\n" for domain in DOMAINS))
    return file


@pytest.mark.slow
def test_a_trained_check_is_loaded_and_judges(place: Path, lines: Path, model_cache: Path, capsys: pytest.CaptureFixture[str]) -> None:
    command = ["ground-train", "--data", str(lines), "--replies", str(lines), "--output", str(place / "check"), "--json"]
    options = ["--epochs", "1", "--frozen-layers", "11", "--validation-domains", "veterinary clinic"]
    assert main([*command, *options]) == 0
    metrics = json.loads(capsys.readouterr().out)["metrics"]
    assert set(metrics) == {"caught", "rejected_though_supported", "caught_by_kind"}
    check = GroundingCheck(PairClassifier.load(model_cache, place / "check"))
    assert check.check("The doors close at 22:00.", "Can I come late?\nThe doors close at 22:00.").reason == "verbatim"
    assert not check.check("The doors close at 23:30.", "Can I come late?\nThe doors close at 22:00.").supported
    assert main([*command, *options]) == 2
    assert "exists already" in capsys.readouterr().err


@pytest.mark.slow
def test_a_trained_composer_is_an_adapter_with_its_depths(
    place: Path, lines: Path, model_cache: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["compose-train", "--data", str(lines), "--validation-ids", "gym", "--output", str(place / "adapter"), "--json"]
    assert main([*command, "--batch-size", "2", "--lora-rank", "2"]) == 0
    assert json.loads(capsys.readouterr().out)["output"] == str(place / "adapter")
    folder = restore_packaged_model(model_cache, adapter=place / "adapter")
    assert read_depths(folder) == {"en": Depth.WOVEN, "zh": Depth.OPENED}


def test_two_trainings_do_not_write_to_one_place(place: Path, lines: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (place / "check.work").mkdir()
    with FileLock(place / "check.work" / "training.lock"):
        command = ["ground-train", "--data", str(lines), "--replies", str(lines), "--output", str(place / "check")]
        assert main([*command, "--validation-domains", "gym"]) == 2
    assert "Another training" in capsys.readouterr().err
