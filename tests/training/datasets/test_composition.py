"""What goes into a dataset, and what does not."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agent.errors import DatasetError
from agent.intents import Intent
from agent.utterances import Utterance
from training.datasets.composition import LabelledFiles, compose
from training.datasets.message import DatasetMessage, Origin, Part, part_of
from training.review.item import Decision, ItemState, Label, Message, Review, ReviewItem

INTENTS = [Intent("refund", "query", "answer"), Intent("track", "query", "answer")]
NOW = datetime(2026, 11, 29, tzinfo=UTC)


def row(text: str, intent: str = "refund", faq: str | None = None, dialogue: str = "") -> Utterance:
    return Utterance(text, "en", intent, faq, dialogue)


def item(text: str, *labels: Label, language: str = "en") -> ReviewItem:
    """A message on which reviewers gave these labels."""
    reviews = tuple(Review(f"reviewer-{n}", Decision.CORRECT, label, "", NOW) for n, label in enumerate(labels))
    state = ItemState.SETTLED if len(set(labels)) == 1 else ItemState.DISPUTED
    return ReviewItem(1, Message(1, "ann", text, language, NOW, "r1", None, "decline", 0.4, 0.6, (), 1.0), state, reviews)


def composed(
    *reviewed: ReviewItem,
    files: LabelledFiles = LabelledFiles([], []),  # noqa: B008 - it cannot change
    pseudo: tuple[DatasetMessage, ...] = (),
    golden: tuple[Utterance, ...] = (),
) -> dict[str, tuple[str, str | None, Origin]]:
    found = compose(files, reviewed, pseudo, golden, INTENTS, {"refund-time"})
    return {m.utterance.text: (m.utterance.intent, m.utterance.faq, m.origin) for m in found}


def test_people_count_more_than_files_and_files_more_than_pseudo_labels() -> None:
    guessed = tuple(
        DatasetMessage(row(text, "track"), Part.TRAINING, Origin.PSEUDO, "bo") for text in ("Money back?", "parcel?", "new one")
    )
    files = LabelledFiles([row("money back?", "track"), row("parcel?", "track")], [])
    assert composed(item("Money back?", Label("refund", "refund-time")), files=files, pseudo=guessed) == {
        "Money back?": ("refund", "refund-time", Origin.REVIEWED),
        "parcel?": ("track", None, Origin.FILES),
        "new one": ("track", None, Origin.PSEUDO),
    }


def test_nothing_of_the_golden_set_is_learned() -> None:
    guessed = (DatasetMessage(row("Secret three"), Part.TRAINING, Origin.PSEUDO, "bo"),)
    golden = tuple(row(text) for text in ("secret ONE", "secret two ", "secret three"))
    files = LabelledFiles([row("Secret two"), row("kept")], [row("secret one")])
    assert set(composed(item("Secret one", Label("refund")), files=files, pseudo=guessed, golden=golden)) == {"kept"}


def test_what_is_disputed_or_not_in_the_catalogue_is_left_out(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        found = composed(
            item("disputed", Label("refund"), Label("track")),
            item("unknown", Label("gift_cards")),
            item("entry is gone", Label("refund", "old-entry")),
            item("nothing for a shop", Label("oos")),
        )
    assert found == {"entry is gone": ("refund", None, Origin.REVIEWED), "nothing for a shop": ("oos", None, Origin.REVIEWED)}
    assert "gift_cards" in caplog.text
    assert "old-entry" in caplog.text


def test_a_turn_means_what_its_dialogue_says() -> None:
    files = LabelledFiles([row("and by express?", "refund", dialogue="a"), row("and by express?", "track", dialogue="b")], [])
    assert len(compose(files, [], [], [row("and by express?")], INTENTS, set())) == 2


def test_a_message_stays_in_its_part() -> None:
    texts = [f"where is parcel number {n}" for n in range(400)]
    parts = [part_of(text) for text in texts]
    assert [part_of(f"  {text.upper()}") for text in texts] == parts
    shares = {part: parts.count(part) / len(parts) for part in Part}
    assert shares[Part.VALIDATION] == pytest.approx(0.15, abs=0.05)
    assert shares[Part.RECENT] == pytest.approx(0.2, abs=0.05)


def test_nothing_at_all_is_told() -> None:
    with pytest.raises(DatasetError, match="utterances/"):
        composed()


def test_files_validate_with_a_fifth_where_there_are_no_others(tmp_path: Path) -> None:
    texts = [f"message {n} about money" for n in range(60)]
    (tmp_path / "utterances").mkdir()
    (tmp_path / "utterances" / "all.csv").write_text("\n".join(["text,intent", *(f"{text},refund" for text in texts)]), encoding="utf-8")
    files = LabelledFiles.read(tmp_path / "utterances", tmp_path / "validation")
    assert len(files.training) + len(files.validation) == 60
    assert 4 < len(files.validation) < 20
    (tmp_path / "validation").mkdir()
    (tmp_path / "validation" / "own.csv").write_text("text,intent\nmy own,refund\n", encoding="utf-8")
    files = LabelledFiles.read(tmp_path / "utterances", tmp_path / "validation")
    assert (len(files.training), [row.text for row in files.validation]) == (60, ["my own"])
    assert LabelledFiles.read(tmp_path / "none", tmp_path / "nothing") == LabelledFiles([], [])
