"""The training data: utterances of several files together, split stably by hash."""

import hashlib
import logging
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from agent.errors import DatasetError
from agent.privacy import Masker
from agent.row_files import KINDS
from agent.utterances import Utterance, read_utterances
from knowledge_base.normalisation import normalise

VALIDATION_PERCENT = 20
FEWEST = 2  # messages that an intent is trained on
LONG = 400  # characters; more than the classifier reads
SHOWN = 5  # places that a report names

logger = logging.getLogger(__name__)


def read_dataset(paths: Iterable[Path]) -> list[Utterance]:
    """Read utterances, personal data masked as it is when a message comes in.

    Exact repeats are kept once, and very long texts are kept; both are reported in the log.

    Args:
        paths: files as `read_utterances` takes them, or folders of them.

    Raises:
        DatasetError: a file is missing or breaks a rule, or a text has two labels.
    """
    masker = Masker(b"training")  # pseudonyms do not matter here: matching sees [order] whatever stood there
    utterances: dict[str, Utterance] = {}
    repeats, long = [], []
    for file in _files(paths):
        for line, row in read_utterances(file):
            dialogue = row.dialogue and f"{file.stem}/{row.dialogue}"
            utterance = replace(row, text=masker.mask(row.text), dialogue=dialogue)
            key = f"{dialogue}\t{normalise(utterance.text)}"  # what a turn means depends on the turns before it
            known = utterances.setdefault(key, utterance)
            if known.intent != utterance.intent or (known.faq and utterance.faq and known.faq != utterance.faq):
                labels = " and ".join(f"{one.intent} ({one.faq or 'no entry'})" for one in (utterance, known))
                raise DatasetError(f"{file}:{line}: {row.text!r} is labelled {labels}.")
            if known is not utterance:
                repeats.append(f"{file}:{line}")
            if len(row.text) > LONG:
                long.append(f"{file}:{line}")
    _report(repeats, "texts are there already and count once")
    _report(long, f"texts are longer than {LONG} characters; only their beginning is learned from")
    if not utterances:
        raise DatasetError("No utterances were found in " + ", ".join(map(str, paths)) + ".")
    return list(utterances.values())


def _files(paths: Iterable[Path]) -> list[Path]:
    """The files named, and those in the folders named."""
    found = []
    for path in paths:
        found += sorted(file for file in path.iterdir() if file.suffix.lower() in KINDS) if path.is_dir() else [path]
    return found


def _report(places: Sequence[str], what: str) -> None:
    if places:
        more = f" and {len(places) - SHOWN} more" if len(places) > SHOWN else ""
        logger.info("%d %s: %s%s.", len(places), what, ", ".join(places[:SHOWN]), more)


def split(utterances: Sequence[Utterance]) -> tuple[list[Utterance], list[Utterance]]:
    """Return the training part and the validation part; the text, or the dialogue, decides, so what is in a part stays there.

    Only of an intent with very few messages some train that would validate.
    """
    keys = [u.dialogue or normalise(u.text) for u in utterances]
    numbers = [int.from_bytes(hashlib.sha256(key.encode()).digest()[:4], "big") % 100 for key in keys]
    trains: Counter[str] = Counter()
    validating = set()
    for place in sorted(range(len(utterances)), key=lambda place: -numbers[place]):
        utterance = utterances[place]
        if numbers[place] < VALIDATION_PERCENT and (utterance.dialogue or trains[utterance.intent] >= FEWEST):
            validating.add(place)
        else:
            trains[utterance.intent] += 1
    return [u for place, u in enumerate(utterances) if place not in validating], [utterances[place] for place in sorted(validating)]


def data_hash(utterances: Iterable[Utterance]) -> str:
    """A SHA-256 of the utterances and labels, whatever their order and file."""
    lines = sorted(f"{u.dialogue}\t{u.kind}\t{normalise(u.text)}\t{u.intent}\t{u.faq or ''}" for u in utterances)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
