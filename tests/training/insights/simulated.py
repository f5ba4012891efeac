"""Customers who write at random, for many weeks: their messages as they would be read from a log."""

from datetime import UTC, datetime

import numpy as np

from agent.conversation import RouteKind
from agent.intents import OUT_OF_SCOPE
from training.insights.profile import Sample
from training.insights.traffic import Message

INTENTS = [f"intent-{place}" for place in range(30)]
ZIPF = 1 / np.arange(1, 31)
AT = datetime(2026, 11, 20, tzinfo=UTC)


def simulated_week(
    chance: np.random.Generator,
    customers: float,
    *,
    chinese: float = 0.3,
    out_of_scope: float = 0.08,
    campaign: float = 0.0,
    sureness: float = 8.0,
) -> Sample:
    """The messages of a week.

    Args:
        chance: the source of randomness.
        customers: how many there are on average; each writes two messages on average in a conversation, in one language, most of them
            about one thing.
        chinese: the share of customers who write Chinese.
        out_of_scope: the share of messages that are rejected.
        campaign: the share of customers who write about one intent that is rare otherwise.
        sureness: the larger, the more confident is the classifier.
    """
    sample = Sample()
    for number in range(chance.poisson(customers)):
        language = "zh" if chance.random() < chinese else "en"
        own = 20 if chance.random() < campaign else _any(chance)
        for _ in range(chance.geometric(0.5)):
            about = own if chance.random() < 0.6 else _any(chance)
            intent = OUT_OF_SCOPE if chance.random() < out_of_scope else INTENTS[about]
            sample.add(message(str(number), language, intent, float(chance.beta(sureness, 1))))
    return sample


def message(conversation: str, language: str = "en", intent: str = INTENTS[0], confidence: float | None = 0.9) -> Message:
    """A message of a conversation."""
    return Message(conversation, AT, AT, language, intent, confidence, "release-1", RouteKind.ANSWER, True, True, None, None)


def _any(chance: np.random.Generator) -> int:
    return int(chance.choice(30, p=ZIPF / ZIPF.sum()))
