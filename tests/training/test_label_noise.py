"""Labels that were flipped on purpose are found, with the real encoder."""

import csv
import json
import random
from dataclasses import replace
from pathlib import Path

import pytest

from agent.errors import DatasetError
from agent.utterances import Utterance
from knowledge_base.encoder import TextEncoder
from tests.conftest import ROOT
from tests.training.small_shop import UTTERANCES
from training.__main__ import main
from training.dataset import read_dataset
from training.label_noise import audit_labels

INTENTS = ("greeting", "invoice", "reset_password", "warranty_repair")
ROWS, FLIPPED = 200, 10


@pytest.fixture(scope="module")
def flipped() -> tuple[list[Utterance], dict[str, str]]:
    """Starter messages of some intents, and the true intent by text of those whose label was changed to another."""
    chance = random.Random(1)
    rows = read_dataset([ROOT / f"training/starter/utterances/{intent}.csv" for intent in INTENTS])
    rows = chance.sample([row for row in rows if row.intent in INTENTS], ROWS)
    truth = {}
    for place in chance.sample(range(ROWS), FLIPPED):
        truth[rows[place].text] = rows[place].intent
        rows[place] = replace(rows[place], intent=chance.choice([intent for intent in INTENTS if intent != rows[place].intent]))
    return rows, truth


def test_flipped_labels_are_found(encoder: TextEncoder, flipped: tuple[list[Utterance], dict[str, str]]) -> None:
    rows, truth = flipped
    audit = audit_labels(encoder, rows)
    found = [issue for issue in audit.issues[:20] if issue.text in truth]
    assert len(found) >= 7
    assert sum(issue.suggested == truth[issue.text] for issue in found) >= 6, "it suggests the label that they had"
    assert (audit.n, audit.too_rare) == (len(rows), ())
    assert len(audit.issues) < ROWS / 3
    assert FLIPPED / 2 <= audit.estimated_wrong <= FLIPPED * 3
    for issue in audit.issues:
        assert issue.suggested != issue.intent
        assert 1 / len(INTENTS) <= issue.confidence <= 1


def test_near_duplicates_with_two_labels_are_conflicts(encoder: TextEncoder) -> None:
    rows = [
        *UTTERANCES,
        Utterance("Where is my package??", "en", "refund_status", None),
        Utterance("我要退款", "zh", "gifts", None),
    ]
    audit = audit_labels(encoder, rows)
    assert [(set(conflict.texts), set(conflict.intents)) for conflict in audit.conflicts] == [
        ({"where is my package", "Where is my package??"}, {"track_order", "refund_status"})
    ]
    assert 0.97 <= audit.conflicts[0].similarity <= 1
    assert audit.too_rare == ("gifts",)
    assert not any("gifts" in {issue.intent, issue.suggested} for issue in audit.issues)


def test_one_intent_alone_cannot_be_judged(encoder: TextEncoder) -> None:
    rows = [row for row in UTTERANCES if row.intent == "greeting"]
    with pytest.raises(DatasetError, match="at least two intents need 5 messages"):
        audit_labels(encoder, [*rows, *UTTERANCES[:4]])


def test_the_command_writes_what_it_prints(
    model_cache: Path, encoder: TextEncoder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert encoder.fingerprint
    (tmp_path / "cache").symlink_to(model_cache, target_is_directory=True)
    monkeypatch.setenv("FRONTDESK_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("FRONTDESK_ENCODER", "")
    data, output = tmp_path / "data.csv", tmp_path / "issues.csv"
    with data.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["text", "language", "intent", "faq"])
        writer.writerows((row.text, row.language, row.intent, row.faq) for row in UTTERANCES)
        writer.writerow(["how many days until my money is back", "en", "greeting", ""])
        writer.writerow(["refund? parcel?", "en", "refund_status track_order", "refund-time track-parcel"])
    command = ["audit", "--data", str(data), "--output", str(output)]
    assert main([*command, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) == {"n", "estimated_wrong", "issues", "conflicts", "too_rare"}
    assert document["n"] == len(UTTERANCES) + 1, "two questions are no one label"
    (issue,) = [issue for issue in document["issues"] if issue["text"].startswith("how many days until my money")]
    assert (issue["intent"], issue["suggested"]) == ("greeting", "refund_status")
    with output.open(encoding="utf-8", newline="") as stream:
        written = list(csv.DictReader(stream))
    assert [{**row, "confidence": float(row["confidence"])} for row in written] == document["issues"]
    before = output.read_bytes()
    assert main(command) == 2
    assert "exists already. Name a new file." in capsys.readouterr().err
    assert output.read_bytes() == before
