"""The public sets' benchmark, on sets of a few messages in their file formats."""

import json
from pathlib import Path

import pytest

from agent.errors import DatasetError
from agent.intents import OUT_OF_SCOPE
from tests.training.small_shop import TEXTS
from training.__main__ import main
from training.benchmarks.public_sets import read_banking77, read_clinc150

ROWS = [(text.strip(), intent) for intent, texts in TEXTS.items() for text in texts.strip().splitlines()]
INSIDE = [row for row in ROWS if row[1] != OUT_OF_SCOPE]


@pytest.fixture
def banking(tmp_path: Path) -> Path:
    for name, rows in (("train", INSIDE * 2), ("test", [(text + " now", intent) for text, intent in INSIDE])):
        lines = "".join(f'"{text}",{intent}\n' for text, intent in rows)
        (tmp_path / f"{name}.csv").write_text("text,category\n" + lines, encoding="utf-8")
    return tmp_path


@pytest.fixture
def clinc(tmp_path: Path) -> Path:
    parts = {}
    for part, suffix in (("train", ""), ("val", " please"), ("test", " now")):
        parts[part] = [(text + suffix, intent) for text, intent in INSIDE]
        parts["oos_" + part] = [(text + suffix, intent) for text, intent in ROWS if intent == OUT_OF_SCOPE]
    (tmp_path / "data.json").write_text(json.dumps(parts), encoding="utf-8")
    return tmp_path / "data.json"


def run(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, dict[str, float]]:
    assert main(["benchmark", *options, "--method", "head", "--json"]) == 0
    document: dict[str, dict[str, float]] = json.loads(capsys.readouterr().out)
    return document


@pytest.mark.usefixtures("place")
@pytest.mark.slow
def test_banking77(banking: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run(capsys, "banking77", "--data", str(banking), "--seeds", "2", "--work", str(tmp_path / "work"))
    assert found["accuracy"]["mean"] > 0.8
    assert found["accuracy"]["std"] == 0.0, "a logistic regression has no seed"
    assert set(found["beside"]) == {"packaged, frozen", "TF-IDF"}
    assert {"ece", "training_s", "million_parameters", "latency_ms"} <= set(found)
    assert 20 < found["million_parameters"]["mean"] < 22


@pytest.mark.usefixtures("place")
def test_clinc150_has_one_operating_point(clinc: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = run(capsys, "clinc150", "--data", str(clinc), "--seeds", "1", "--no-plain", "--work", str(tmp_path / "work"))
    assert {"in_scope_accuracy", "oos_recall", "oos_auroc", "ece"} <= set(found)
    assert found["in_scope_accuracy"]["mean"] <= found["in_scope_accuracy_unrejected"]["mean"]
    assert found["oos_auroc"]["mean"] > 0.6


def test_a_few_shots_are_drawn_and_the_rest_is_held_out(banking: Path) -> None:
    data = read_banking77(banking)
    few = data.few(3, seed=1)
    assert len(few.training) == 3 * len(data.labels)
    assert few.test == data.test
    held_out = data.few(3, seed=1, held_out=True)
    assert held_out.training == few.training
    assert not {example.text for example in held_out.test} & {example.text for example in few.training}
    assert few.training != data.few(3, seed=2).training


def test_no_text_of_the_test_part_is_trained_on(banking: Path, clinc: Path) -> None:
    table = banking / "train.csv"
    table.write_text(table.read_text(encoding="utf-8") + '"HELLO, now!",greeting\n', encoding="utf-8")
    data = read_banking77(banking)
    assert "HELLO, now!" not in {example.text for example in [*data.training, *data.validation]}
    assert OUT_OF_SCOPE in read_clinc150(clinc).labels


def test_other_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="cannot be read as BANKING77"):
        read_banking77(tmp_path)
    (tmp_path / "data.json").write_text("[]", encoding="utf-8")
    with pytest.raises(DatasetError, match="cannot be read as CLINC150"):
        read_clinc150(tmp_path / "data.json")


@pytest.mark.usefixtures("place")
def test_held_out_examples_need_shots(banking: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "banking77", "--data", str(banking), "--held-out"]) == 2
    assert "--held-out goes with --shots" in capsys.readouterr().err


@pytest.mark.usefixtures("place")
@pytest.mark.slow
def test_the_speed_of_one_text_with_torch_and_as_it_serves(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["benchmark", "speed", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    for part in ("encoder", "classifier"):
        assert found[part]["times"] == pytest.approx(found[part]["torch_ms"] / found[part]["onnx_ms"])
    assert {"machine", "versions"} <= set(found)
