"""Labelled messages: what a customer wrote and what was meant, as CSV files hold them."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from agent.errors import DatasetError
from agent.language import detect_language
from agent.row_files import Row, rows_of

NEEDED = ("text", "intent")


@dataclass(frozen=True)
class Utterance:
    """What a customer wrote, and what was meant.

    Attributes:
        text: the message.
        language: ``en``, ``zh`` or ``mixed``.
        intent: an intent's id, or ``oos`` for out of scope.
        faq: the id of the entry that answers it, or None; two ids with a space between them where it asks two questions.
        dialogue: the dialogue that it is a turn of, or empty.
        kind: what it is in that dialogue: ``opening``, ``follow_up``, ``new_topic``, ``correction`` or ``social``.
    """

    text: str
    language: str
    intent: str
    faq: str | None
    dialogue: str = ""
    kind: str = ""

    @property
    def faqs(self) -> tuple[str, ...]:
        """The ids of the entries that answer it."""
        return tuple((self.faq or "").split())


def read_utterances(file: Path) -> list[tuple[int, Utterance]]:
    """Read a file of labelled messages: CSV with a header, JSON lines, or a YAML list.

    ``text`` and ``intent`` are needed; ``language`` is detected where it is missing; ``faq``, ``dialogue`` and ``kind`` may be there;
    other columns are ignored.

    Returns:
        Line numbers and utterances, in the file's order.

    Raises:
        DatasetError: the file is missing, not UTF-8 or not of its kind, a column is missing, or a text or an intent is empty.
    """
    try:
        return [(line, _utterance(row, f"{file}:{line}")) for line, row in rows_of(file, NEEDED)]
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{file} cannot be read as UTF-8: {error}") from error


def _utterance(row: Row, place: str) -> Utterance:
    text, intent = (_cell(row, name) for name in NEEDED)
    for name, value in zip(NEEDED, (text, intent), strict=True):
        if not value.strip():
            raise DatasetError(f"{place}: {name} is empty.")
    if "/" in intent:
        raise DatasetError(f"{place}: the intent {intent} has a slash in its name, which separates intents from entries. Rename it.")
    language, faq, dialogue, kind = (_cell(row, name).strip() for name in ("language", "faq", "dialogue", "kind"))
    language = language or ("zh" if detect_language(text).code == "zh" else "en")
    return Utterance(text, language, intent.strip(), faq or None, dialogue, kind)  # the text as it stands, blanks and all


def _cell(row: Row, name: str) -> str:
    value = row.get(name)
    return "" if value is None else str(value)


def dialogues(rows: Iterable[Utterance]) -> list[list[Utterance]]:
    """Group the rows that are turns of dialogues, in their order."""
    found: dict[str, list[Utterance]] = {}
    for row in rows:
        if row.dialogue:
            found.setdefault(row.dialogue, []).append(row)
    return list(found.values())
