"""The nouns of a dataset: labelled messages, where they come from, and what they are for."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from agent.utterances import Utterance
from knowledge_base.normalisation import normalise

VALIDATION_PERCENT, RECENT_PERCENT = 15, 20


class Origin(StrEnum):
    """How a message came by its label."""

    FILES = "files"  # the data directory's `utterances/` and `validation/`
    REVIEWED = "reviewed"  # people said so
    PSEUDO = "pseudo"  # the release in service was very sure


class Part(StrEnum):
    """What a message is for."""

    TRAINING = "training"
    VALIDATION = "validation"  # thresholds are learned on it
    RECENT = "recent"  # reviewed traffic on which releases are compared: nothing is learned from it


@dataclass(frozen=True)
class DatasetMessage:
    """A labelled message of a dataset.

    Attributes:
        utterance: what was written, and what was meant.
        part: what it is for.
        origin: how it came by its label.
        customer: whose it is; empty for what comes from files.
    """

    utterance: Utterance
    part: Part
    origin: Origin
    customer: str = ""


def part_of(text: str) -> Part:
    """What a reviewed message is for: its text decides, so it stays what it is from one dataset to the next."""
    number = int.from_bytes(hashlib.sha256(normalise(text).encode()).digest()[:4], "big") % 100
    if number < VALIDATION_PERCENT:
        return Part.VALIDATION
    return Part.RECENT if number < VALIDATION_PERCENT + RECENT_PERCENT else Part.TRAINING


def fingerprint(messages: Iterable[DatasetMessage]) -> str:
    """A SHA-256 of messages and labels, whatever their order."""
    rows = sorted(
        repr((m.part.value, m.origin.value, u.text, u.language, u.intent, u.faq, u.dialogue, u.kind))
        for m in messages
        for u in (m.utterance,)
    )
    return hashlib.sha256("\n".join(rows).encode()).hexdigest()
