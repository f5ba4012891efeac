"""What customers' messages look like to the classifier: the distributions whose moves are watched."""

import zlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from agent.conversation import IntentPrediction
from agent.intents import OUT_OF_SCOPE
from agent.language import detect_language
from agent.utterances import Utterance
from training.insights.traffic import Message

BINS = 10  # of confidence
INSIDE = "inside"
GROUPS = 500  # that the conversations of a time are put into


class Dimension(StrEnum):
    """What is watched of messages."""

    INTENTS = "intents"  # the predicted ones, out of scope among them
    CONFIDENCE = "confidence"  # of the predictions, in bins of a tenth: "0.9" is from 0.9 on
    OUT_OF_SCOPE = "out_of_scope"  # rejected, or inside the catalogue
    LANGUAGES = "languages"


Category = tuple[Dimension, str]


@dataclass(frozen=True)
class TrafficProfile:
    """How messages are distributed.

    Attributes:
        counts: messages by category, of each dimension.
        size: of how many independent messages it tells as much, at least. Five messages of one conversation are in one language and about
            few things: n messages, n_i of them in conversation i, are as good as n^2 / sum(n_i^2) if those of each conversation are all
            alike (Kish 1965, "Survey Sampling").
    """

    counts: Mapping[Dimension, Mapping[str, int]]
    size: int

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> "TrafficProfile":
        """Read one from a release's lineage."""
        return cls({dimension: dict(document[dimension]) for dimension in Dimension}, int(document["size"]))

    def to_dict(self) -> dict[str, Any]:
        """As a release's lineage keeps it."""
        return {str(dimension): dict(sorted(counts.items())) for dimension, counts in self.counts.items()} | {"size": self.size}


@dataclass
class Sample:
    """The messages of a time, as far as distributions go.

    A conversation's messages stay together, because they do not count as independent ones; conversations are put into groups by hash, so
    that what is kept does not grow with their number. (Not customers: a portal's server may write for all of its customers as one.)

    Attributes:
        releases: how many messages each release read.
        conversations: how many each conversation has.
        groups: the messages by category, of each group of conversations in each of the times.

    Example:
        >>> sample = Sample()
        >>> for message in read_messages(database, since):
        ...     sample.add(message)
        >>> sample.profile().counts[Dimension.LANGUAGES]
        {'en': 70, 'zh': 30}
    """

    releases: Counter[str] = field(default_factory=Counter)
    conversations: Counter[str] = field(default_factory=Counter)
    groups: dict[tuple[int, int], Counter[Category]] = field(default_factory=lambda: defaultdict(Counter))

    @classmethod
    def together(cls, samples: Iterable["Sample"]) -> "Sample":
        """Several times as one."""
        whole = cls()
        for place, sample in enumerate(samples):
            whole.releases += sample.releases
            whole.conversations += sample.conversations
            whole.groups |= {(place, group): counts for (_, group), counts in sample.groups.items()}
        return whole

    def add(self, message: Message) -> None:
        """Take a message in; one that no classifier read does not count."""
        if message.confidence is None:
            return
        self.releases[message.release] += 1
        self.conversations[message.conversation_id] += 1
        group = self.groups[0, zlib.crc32(message.conversation_id.encode()) % GROUPS]
        group[Dimension.INTENTS, message.intent] += 1
        group[Dimension.CONFIDENCE, _bin(message.confidence)] += 1
        group[Dimension.OUT_OF_SCOPE, _scope(is_rejected=message.intent == OUT_OF_SCOPE)] += 1
        group[Dimension.LANGUAGES, message.language] += 1

    def profile(self) -> TrafficProfile:
        """How they are distributed."""
        counts: dict[Dimension, dict[str, int]] = {dimension: {} for dimension in Dimension}
        for group in self.groups.values():
            for (dimension, name), count in group.items():
                counts[dimension][name] = counts[dimension].get(name, 0) + count
        squares = sum(count**2 for count in self.conversations.values())
        return TrafficProfile(counts, self.conversations.total() ** 2 // max(squares, 1))


def training_profile(
    training: Sequence[Utterance], validation: Sequence[Utterance], predictions: Sequence[IntentPrediction]
) -> TrafficProfile:
    """What traffic would look like if customers wrote as the data were collected.

    Data are balanced by hand, so that rare intents and both languages are learned, and customers are not: that traffic is at some
    distance from it is the rule, and does not mean that anything moved.

    Args:
        training: labelled messages that were trained on.
        validation: those that were not.
        predictions: of the finished classifier for messages that were not: of what it was trained on it is surer than it will ever be.
    """
    labelled = [*training, *validation]
    counts = {
        Dimension.INTENTS: Counter(intent for utterance in labelled for intent in utterance.intent.split()),
        Dimension.CONFIDENCE: Counter(_bin(prediction.confidence) for prediction in predictions),
        Dimension.OUT_OF_SCOPE: Counter(_scope(is_rejected=prediction.is_rejected) for prediction in predictions),
        # As it is told when a message comes in; the data may say "mixed".
        Dimension.LANGUAGES: Counter(detect_language(utterance.text).code for utterance in labelled),
    }
    return TrafficProfile(counts, len(predictions))


def _bin(confidence: float) -> str:
    return f"{min(int(confidence * BINS), BINS - 1) / BINS:.1f}"


def _scope(*, is_rejected: bool) -> str:
    return OUT_OF_SCOPE if is_rejected else INSIDE
