"""The training data: utterances of several files together, split stably by hash."""

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from agent.privacy import Masker
from agent.utterances import DatasetError, Utterance, read_utterances
from knowledge_base.normalisation import normalise

VALIDATION_PERCENT = 20


def read_dataset(paths: Iterable[Path]) -> list[Utterance]:
    """Read utterances, personal data masked as it is when a message comes in; exact repeats are kept once.

    Args:
        paths: CSV files, or folders of them.

    Raises:
        DatasetError: a file is missing or breaks a rule, or a text has two labels.
    """
    masker = Masker(b"training")  # pseudonyms do not matter here: matching sees [order] whatever stood there
    utterances: dict[str, Utterance] = {}
    for path in paths:
        for file in sorted(path.glob("*.csv")) if path.is_dir() else [path]:
            for line, row in read_utterances(file):
                utterance = Utterance(masker.mask(row.text), row.language, row.intent, row.faq)
                known = utterances.setdefault(normalise(utterance.text), utterance)
                if known.intent != utterance.intent:
                    raise DatasetError(f"{file}:{line}: {row.text!r} is labelled {row.intent}, and {known.intent} elsewhere.")
    if not utterances:
        raise DatasetError("No utterances were found in " + ", ".join(map(str, paths)) + ".")
    return list(utterances.values())


def split(utterances: Sequence[Utterance]) -> tuple[list[Utterance], list[Utterance]]:
    """Return the training part and the validation part; a text's part is decided by the text alone, so it never moves."""
    part = [int.from_bytes(hashlib.sha256(normalise(u.text).encode()).digest()[:4], "big") % 100 for u in utterances]
    validation = [u for u, number in zip(utterances, part, strict=True) if number < VALIDATION_PERCENT]
    return [u for u, number in zip(utterances, part, strict=True) if number >= VALIDATION_PERCENT], validation


def data_hash(utterances: Iterable[Utterance]) -> str:
    """A SHA-256 of the utterances and labels, whatever their order and file."""
    lines = sorted(f"{normalise(u.text)}\t{u.intent}\t{u.faq or ''}" for u in utterances)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
