"""The nouns of review: a message, what people said of it, and the label that comes of that."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agent.intents import OUT_OF_SCOPE


class Decision(StrEnum):
    """What a reviewer says of a message."""

    ACCEPT = "accept"  # it was understood
    CORRECT = "correct"  # something else was meant
    NEW_INTENT = "new_intent"  # something that the catalogue lacks was meant
    NO_QUESTION = "no_question"  # nothing that a shop could answer
    SKIP = "skip"  # no opinion


class ItemState(StrEnum):
    """What reviewing has come to."""

    OPEN = "open"
    SETTLED = "settled"
    DISPUTED = "disputed"  # reviewers disagree, and nothing is learned from it


@dataclass(frozen=True)
class Label:
    """What a message means.

    Attributes:
        intent: an intent's id, or ``oos``.
        entry: the id of the entry that answers it, None where none does.
    """

    intent: str
    entry: str | None = None


@dataclass(frozen=True)
class Review:
    """What one person said of a message.

    Attributes:
        reviewer: who.
        decision: what.
        label: the label that follows, None for `Decision.SKIP`.
        note: what a new intent would be called.
        at: when.
    """

    reviewer: str
    decision: Decision
    label: Label | None
    note: str
    at: datetime


@dataclass(frozen=True)
class Message:
    """A message that may be worth a person's minute.

    Attributes:
        turn_id: its turn in the log, None where that was erased since.
        customer: whose it is.
        text: as logged, personal data masked.
        language: ``en``, ``zh``, or another one's two letters.
        at: when it came in.
        release: the release that understood it.
        predicted: what that made of it; None where it has no classifier and found nothing.
        route: what was done about it.
        confidence: the probability of the predicted intent, 0 to 1.
        out_of_scope: the probability that no intent covers it, 0 to 1.
        signals: what speaks for looking at it, see `Signal`, and `training.review.filling` for ``unsure`` and the like.
        worth: how much it is worth looking at; the more the sooner.
    """

    turn_id: int | None
    customer: str
    text: str
    language: str
    at: datetime
    release: str
    predicted: Label | None
    route: str
    confidence: float
    out_of_scope: float
    signals: tuple[str, ...]
    worth: float


@dataclass(frozen=True)
class ReviewItem:
    """A message in review.

    Attributes:
        id: its number.
        message: the message.
        state: what reviewing has come to.
        reviews: what people said of it, the oldest first.
    """

    id: int
    message: Message
    state: ItemState
    reviews: tuple[Review, ...]

    @property
    def label(self) -> Label | None:
        """What it means, None while that is open or disputed."""
        return agreed([review.label for review in self.reviews if review.label]) if self.state is ItemState.SETTLED else None


def label_of(decision: Decision, predicted: Label | None, given: Label | None) -> Label | None:
    """The label that follows from a decision.

    A new intent is out of scope until somebody accepts it into the catalogue.

    Args:
        decision: the decision.
        predicted: what the release made of the message.
        given: what the reviewer named.
    """
    match decision:
        case Decision.ACCEPT:
            return predicted
        case Decision.CORRECT:
            return given
        case Decision.NEW_INTENT | Decision.NO_QUESTION:
            return Label(OUT_OF_SCOPE)
        case Decision.SKIP:
            return None


def agreed(labels: Sequence[Label]) -> Label | None:
    """The label that more than half of the reviewers gave, None where there is none."""
    if not labels:
        return None
    label, count = Counter(labels).most_common(1)[0]
    return label if 2 * count > len(labels) else None


def state_of(labels: Sequence[Label]) -> ItemState:
    """What reviewers' labels come to."""
    if not labels:
        return ItemState.OPEN
    return ItemState.SETTLED if agreed(labels) else ItemState.DISPUTED
