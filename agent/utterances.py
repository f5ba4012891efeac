"""Labelled messages: what a customer wrote and what was meant, as CSV files hold them."""

import csv
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.errors import FrontdeskError

COLUMNS = ("text", "language", "intent", "faq")


class DatasetError(FrontdeskError):
    """A data file cannot be read or breaks a rule; the message names file and line."""


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
    """Read a CSV file with the columns text, language, intent, faq; for dialogues with dialogue and kind, too (others are ignored).

    Returns:
        Line numbers and utterances, in the file's order.

    Raises:
        DatasetError: the file is missing or not UTF-8 CSV, a column is missing, or a cell other than faq is empty.
    """
    try:
        with file.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
            if missing:
                raise DatasetError(f"{file}:1: the column {missing[0]} is missing; needed are {', '.join(COLUMNS)}.")
            return [(reader.line_num, _read_row(row, f"{file}:{reader.line_num}")) for row in reader]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise DatasetError(f"{file} cannot be read as UTF-8 CSV: {error}") from error


def _read_row(row: dict[str, str | None], place: str) -> Utterance:
    text = row["text"] or ""  # evaluated as it stands, blanks and all
    language, intent, faq = ((row[name] or "").strip() for name in COLUMNS[1:])
    for name, value in zip(COLUMNS, (text.strip(), language, intent), strict=False):
        if not value:
            raise DatasetError(f"{place}: {name} is empty.")
    return Utterance(text, language, intent, faq or None, (row.get("dialogue") or "").strip(), (row.get("kind") or "").strip())


def dialogues(rows: Iterable[Utterance]) -> list[list[Utterance]]:
    """Group the rows that are turns of dialogues, in their order."""
    found: dict[str, list[Utterance]] = {}
    for row in rows:
        if row.dialogue:
            found.setdefault(row.dialogue, []).append(row)
    return list(found.values())
