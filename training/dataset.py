"""Labelled utterances from CSV files, split stably by hash."""

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from knowledge_base.errors import FrontdeskError
from knowledge_base.normalisation import normalise

COLUMNS = ("text", "language", "intent", "faq")
VALIDATION_PERCENT = 20


class DatasetError(FrontdeskError):
    """A data file cannot be read or breaks a rule; the message names file and line."""


@dataclass(frozen=True)
class Utterance:
    """What a customer wrote, and what was meant.

    Attributes:
        text: the message.
        language: ``en``, ``zh`` or ``mixed``.
        intent: an intent's id, or ``oos`` for out of scope.
        faq: the id of the entry that answers it, or None.
    """

    text: str
    language: str
    intent: str
    faq: str | None

    @property
    def is_validation(self) -> bool:
        """Whether the utterance belongs to the validation part: decided by its text alone, so it never moves."""
        digest = hashlib.sha256(normalise(self.text).encode()).digest()
        return int.from_bytes(digest[:4], "big") % 100 < VALIDATION_PERCENT


def read_utterances(paths: Iterable[Path]) -> list[Utterance]:
    """Read CSV files with the columns text, language, intent, faq (others are ignored); exact repeats are kept once.

    Args:
        paths: files, or folders of ``*.csv`` files.

    Raises:
        DatasetError: a file is missing or not UTF-8 CSV, a column is missing, a cell is empty, or a text has two labels.
    """
    utterances: dict[str, Utterance] = {}
    for path in paths:
        for file in sorted(path.glob("*.csv")) if path.is_dir() else [path]:
            for line, utterance in _read_file(file):
                key = normalise(utterance.text)
                known = utterances.setdefault(key, utterance)
                if known.intent != utterance.intent:
                    raise DatasetError(f"{file}:{line}: {utterance.text!r} is labelled {utterance.intent}, and {known.intent} elsewhere.")
    if not utterances:
        raise DatasetError("No utterances were found in " + ", ".join(map(str, paths)) + ".")
    return list(utterances.values())


def split(utterances: Sequence[Utterance]) -> tuple[list[Utterance], list[Utterance]]:
    """Return the training part and the validation part."""
    return [u for u in utterances if not u.is_validation], [u for u in utterances if u.is_validation]


def data_hash(utterances: Iterable[Utterance]) -> str:
    """A SHA-256 of the utterances and labels, whatever their order and file."""
    lines = sorted(f"{normalise(u.text)}\t{u.intent}\t{u.faq or ''}" for u in utterances)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _read_file(file: Path) -> list[tuple[int, Utterance]]:
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
    cells = {name: (row[name] or "").strip() for name in COLUMNS}
    for name in COLUMNS[:3]:
        if not cells[name]:
            raise DatasetError(f"{place}: {name} is empty.")
    return Utterance(cells["text"], cells["language"], cells["intent"], cells["faq"] or None)
