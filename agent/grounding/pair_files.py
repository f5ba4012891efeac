"""Pairs of evidence and sentence from CSV, JSON lines and YAML."""

from dataclasses import dataclass
from pathlib import Path

from agent.errors import DatasetError
from agent.row_files import rows_of

NEEDED = ("evidence", "sentence")


@dataclass(frozen=True)
class LabelledPair:
    """A sentence, what it is judged by and, where somebody judged it, what they said.

    Attributes:
        evidence: an entry, or several.
        sentence: what would be told.
        language: ``en`` or ``zh``; None to have it detected.
        supported: None where it is not known.
        kind: what is wrong, or how it is supported; may be empty.
    """

    evidence: str
    sentence: str
    language: str | None
    supported: bool | None
    kind: str


def read_labelled_pairs(file: Path) -> list[LabelledPair]:
    """Read a file of pairs: ``evidence`` and ``sentence`` are needed, ``language``, ``supported`` (1 or 0) and ``kind`` may be there.

    Raises:
        DatasetError: the file is missing, not UTF-8 or not of its kind, a column is missing, or ``supported`` is neither.
    """
    pairs = []
    try:
        for line, row in rows_of(file, NEEDED):
            said = str(row.get("supported") if row.get("supported") is not None else "").strip().lower()
            if said not in LABELS:
                raise DatasetError(f"{file}:{line}: supported is 1 or 0, not {said}.")
            language = str(row.get("language") or "").strip() or None
            pairs.append(
                LabelledPair(str(row["evidence"] or ""), str(row["sentence"] or ""), language, LABELS[said], str(row.get("kind") or ""))
            )
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{file} cannot be read as UTF-8: {error}") from error
    return pairs


LABELS = {"1": True, "true": True, "0": False, "false": False, "": None}
