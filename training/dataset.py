"""The training data: utterances of several files together, split stably by hash."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
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
                dialogue = row.dialogue and f"{file.stem}/{row.dialogue}"
                utterance = replace(row, text=masker.mask(row.text), dialogue=dialogue)
                # What a turn means depends on the turns before it.
                known = utterances.setdefault(f"{dialogue}\t{normalise(utterance.text)}", utterance)
                if known.intent != utterance.intent or (known.faq and utterance.faq and known.faq != utterance.faq):
                    labels = " and ".join(f"{one.intent} ({one.faq or 'no entry'})" for one in (utterance, known))
                    raise DatasetError(f"{file}:{line}: {row.text!r} is labelled {labels}.")
    if not utterances:
        raise DatasetError("No utterances were found in " + ", ".join(map(str, paths)) + ".")
    return list(utterances.values())


def split(utterances: Sequence[Utterance]) -> tuple[list[Utterance], list[Utterance]]:
    """Return the training part and the validation part; the text, or the dialogue, decides, so what is in a part stays there."""
    keys = [u.dialogue or normalise(u.text) for u in utterances]
    part = [int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") % 100 for key in keys]
    validation = [u for u, number in zip(utterances, part, strict=True) if number < VALIDATION_PERCENT]
    return [u for u, number in zip(utterances, part, strict=True) if number >= VALIDATION_PERCENT], validation


def data_hash(utterances: Iterable[Utterance]) -> str:
    """A SHA-256 of the utterances and labels, whatever their order and file."""
    lines = sorted(f"{u.dialogue}\t{u.kind}\t{normalise(u.text)}\t{u.intent}\t{u.faq or ''}" for u in utterances)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
