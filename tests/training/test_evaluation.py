"""Figures by hand, and the whole command on a real release of a very small shop."""

import json
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from agent.conversation import IntentPrediction
from agent.intents import OUT_OF_SCOPE
from agent.utterances import Utterance
from knowledge_base.encoder import TextEncoder, encoder_folder
from tests.training.small_shop import ENTRIES, INTENTS, UTTERANCES, write_files
from training.__main__ import main
from training.arguments import FineTuningArguments
from training.evaluation import Judged, measure
from training.release_training import train_release

SCRIPT = "<script>alert(1)</script> & my refund"


def judged(
    intent: str, predicted: str, confidence: float = 0.9, out_of_scope: float = 0.1, language: str = "en", text: str = "?"
) -> Judged:
    prediction = IntentPrediction(predicted, None, confidence, out_of_scope, {}, is_rejected=out_of_scope >= 0.5)
    return Judged(Utterance(text, language, intent, None), prediction)


ROWS = [
    judged("refund", "refund", 0.95),
    judged("refund", "refund", 0.95, language="zh"),
    judged("refund", "track", 0.65, text="money parcel"),
    judged("refund", "track", 0.85, 0.6, text="surer"),
    judged("track", "track", 0.95, language="zh"),
    judged("track", "refund", 0.75, text="third", language="zh"),
    judged(OUT_OF_SCOPE, OUT_OF_SCOPE, 0.95, 0.9),
    judged(OUT_OF_SCOPE, "greeting", 0.55, 0.4, text="hi?"),
]


def test_rates_are_those_counted_by_hand() -> None:
    figures = measure(ROWS)
    assert figures["n"] == 8
    assert figures["accuracy"] == 0.5
    assert figures["by_language"] == {"en": {"n": 5, "accuracy": 0.4}, "zh": {"n": 3, "accuracy": 0.6667}}
    assert figures["by_intent"] == {
        "greeting": {"precision": 0.0, "recall": None, "f1": None, "support": 0},
        "refund": {"precision": 0.6667, "recall": 0.5, "f1": 0.5714, "support": 4},
        "track": {"precision": 0.3333, "recall": 0.5, "f1": 0.4, "support": 2},
        OUT_OF_SCOPE: {"precision": 1.0, "recall": 0.5, "f1": 0.6667, "support": 2},
    }
    assert figures["macro_f1"] == pytest.approx((0.5714 + 0.4 + 0.6667) / 3, abs=1e-4)
    # Each confidence has a bin of its own: 4 right at 0.95, the others wrong.
    assert figures["expected_calibration_error"] == pytest.approx((4 * 0.05 + 0.65 + 0.85 + 0.75 + 0.55) / 8, abs=1e-4)


def test_out_of_scope_is_judged_by_its_score() -> None:
    # In scope 0.1 five times and 0.6, out of scope 0.9 and 0.4: 11 of 12 pairs are in order.
    assert measure(ROWS)["out_of_scope"] == {"auroc": 0.9167, "recall": 0.5, "false_rejections": 0.1667, "in_scope_accuracy": 0.5}
    assert measure([row for row in ROWS if row.in_scope])["out_of_scope"] is None
    alone = measure([row for row in ROWS if not row.in_scope])["out_of_scope"]
    assert alone == {"auroc": None, "recall": 0.5, "false_rejections": None, "in_scope_accuracy": None}


def test_confusions_and_mistakes_come_worst_first() -> None:
    figures = measure(ROWS)
    assert figures["confusions"] == [
        {"intent": "refund", "predicted": "track", "n": 2, "examples": ["surer", "money parcel"]},
        {"intent": OUT_OF_SCOPE, "predicted": "greeting", "n": 1, "examples": ["hi?"]},
        {"intent": "track", "predicted": "refund", "n": 1, "examples": ["third"]},
    ]
    assert [mistake["text"] for mistake in figures["mistakes"]] == ["surer", "third", "money parcel", "hi?"]
    assert figures["mistakes"][0] == {"text": "surer", "language": "en", "intent": "refund", "predicted": "track", "confidence": 0.85}


def test_an_interval_narrows_with_more_messages() -> None:
    few, many = measure(ROWS), measure(ROWS * 50)
    for name in ("accuracy", "macro_f1"):
        assert many[name] == few[name]
        (low, high), (lower, higher) = many[f"{name}_interval"], few[f"{name}_interval"]
        assert 0 <= lower < low < many[name] < high < higher <= 1
    # Of 400 messages half are right: the standard error is 2.5 points.
    assert many["accuracy_interval"] == pytest.approx([0.451, 0.549], abs=0.005)
    assert measure(ROWS) == few, "the seed is fixed"
    assert measure([ROWS[0]])["accuracy_interval"] == [1.0, 1.0]


# --- the command, on a real release ---


@pytest.fixture(scope="module")
def release(model_cache: Path, encoder: TextEncoder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A release of one epoch."""
    folder = tmp_path_factory.mktemp("training")
    arguments = FineTuningArguments(epochs=1, batch_size=16, lora_rank=4, lora_alpha=8, max_tokens=32)
    train_release(encoder_folder(None, model_cache), encoder, UTTERANCES, ENTRIES, INTENTS, arguments, folder / "release", folder)
    return folder / "release"


@pytest.fixture(scope="module")
def data_directory(model_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shares the tests' encoder; the classifier's export goes with it."""
    folder = tmp_path_factory.mktemp("data")
    (folder / "cache").mkdir()
    for model in model_cache.iterdir():
        if not model.name.startswith("classifier"):
            (folder / "cache" / model.name).symlink_to(model, target_is_directory=True)
    return folder


@pytest.fixture
def data(data_directory: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The small shop's messages, one with a wrong label and markup, and rows that cannot be judged for themselves."""
    monkeypatch.setenv("FRONTDESK_DATA_DIR", str(data_directory))
    monkeypatch.setenv("FRONTDESK_ENCODER", "")
    files = write_files(tmp_path)
    with files["data"].open("a", encoding="utf-8") as stream:
        stream.write(f'"{SCRIPT}",en,greeting,\n')
        stream.write('"refund, and where is my parcel",en,refund_status track_order,refund-time track-parcel\n')
    return files["data"]


def evaluate(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> tuple[int, str, str]:
    code = main(["evaluate", *map(str, arguments)])
    printed = capsys.readouterr()
    return code, printed.out, printed.err


class Page(HTMLParser):
    """What a page holds: its tags, and the texts outside of style."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(source)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "br", "wbr"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, "what is opened is closed, in order"

    def handle_data(self, data: str) -> None:
        if self.open[-1:] != ["style"]:
            self.text += data


@pytest.mark.slow
def test_a_release_is_measured_and_reported(release: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report"
    code, printed, _ = evaluate(capsys, "--model", release, "--data", data, "--json", "--report", report)
    assert code == 0
    figures: dict[str, Any] = json.loads(printed)
    assert figures == json.loads((report / "report.json").read_text(encoding="utf-8"))
    assert (figures["n"], figures["skipped"]) == (len(UTTERANCES) + 1, 1)
    assert figures["accuracy_interval"][0] <= figures["accuracy"] <= figures["accuracy_interval"][1]
    assert figures["accuracy"] > 0.6, "most of these it was trained on"
    assert figures["out_of_scope"]["auroc"] > 0.7
    assert any(SCRIPT in row["examples"] for row in figures["confusions"])

    source = (report / "report.html").read_text(encoding="utf-8")
    page = Page(source)
    assert page.open == []
    assert SCRIPT in page.text
    assert [tags["role"] for tag, tags in page.tags if tag == "svg"] == ["img"] * 3
    assert "script" not in {tag for tag, _ in page.tags}
    assert not re.search(r'(?:src|href)="(?!#)', source), "nothing is loaded from elsewhere"
    ids = [tags["id"] for _, tags in page.tags if tags.get("id")]
    assert len(set(ids)) == len(ids)
    for used in re.findall(r'(?:url\(|href=")#([^")]+)', source):
        assert used in ids
    assert not re.search(r"#01020[345]", source), "every colour is one of the style sheet"
    assert f"{figures['accuracy'] * 100:.1f}\N{NO-BREAK SPACE}%" in page.text


@pytest.mark.slow
def test_a_report_replaces_a_former_one_and_nothing_else(
    release: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report, own = tmp_path / "report", tmp_path / "own"
    own.mkdir()
    for name in ("report.html", "report.json"):
        (own / name).write_text("my own", encoding="utf-8")
    code, printed, said = evaluate(capsys, "--model", release, "--data", data, "--report", own)
    assert (code, printed) == (2, "")
    assert "no former report; it is never overwritten" in said
    assert "Judging" not in said, "it is refused before the work"
    assert (own / "report.html").read_text(encoding="utf-8") == "my own"

    report.mkdir()
    for _ in range(2):
        code, printed, _ = evaluate(capsys, "--model", release, "--data", data, "--report", report)
        assert code == 0
        assert printed.splitlines()[1].startswith("right intent")
        assert f"taken for refund_status: {SCRIPT}" in printed or SCRIPT in printed
        assert sorted(path.name for path in report.iterdir()) == ["report.html", "report.json"]
    assert {path.name for path in tmp_path.iterdir()} >= {"own", "report"}
    assert not list(tmp_path.glob(".report*")), "nothing is left beside it"


@pytest.mark.slow
def test_labels_that_the_release_does_not_know_are_refused(
    release: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = tmp_path / "other.csv"
    other.write_text("text,language,intent,faq\nmy refund,en,refund_status,\ngift wrap?,en,gifts,\n", encoding="utf-8")
    code, printed, said = evaluate(capsys, "--model", release, "--data", data, other, "--report", tmp_path / "report")
    assert (code, printed) == (1, "")
    assert f"{other}: 'gift wrap?' has the intent gifts" in said
    assert "It knows greeting, oos, refund_status, track_order." in said
    assert not (tmp_path / "report").exists()


@pytest.mark.slow
def test_rows_that_cannot_be_judged_are_no_data(release: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert data.exists()
    turns = tmp_path / "turns.csv"
    turns.write_text("text,language,intent,faq,dialogue,kind\nand then?,en,refund_status,refund-time,d1,follow_up\n", encoding="utf-8")
    code, _, said = evaluate(capsys, "--model", release, "--data", turns)
    assert code == 1
    assert "Name messages that stand alone" in said
