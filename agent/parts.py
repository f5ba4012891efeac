"""One message, one or two questions: how it may be cut, and what speaks for answering both halves."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from agent.conversation import IntentPrediction, RouteKind
from agent.routing import Route, ScoredEntry
from agent.routing_model import log_odds, logistic

CUE = re.compile(
    r"\b(and|also|plus|btw|by the way|another|besides|separately|secondly|oh)\b|"
    r"另外|还有|顺便|顺带|对了|再问|以及|还想|同时|第二|[，,、]\s*(?=.{2,}[?？吗呢])"
)
ASKS = re.compile(
    r"[?？吗呢么]|怎|多少|多久|几|哪|啥|什么|能不能|可不可以|可以|能|要|想|请|帮|麻烦|求|是否|有没有|"
    r"\b(how|what|when|where|which|who|why|can|could|do|does|did|is|are|will|would|may|should|please|pls|tell|want|need|like to)\b"
)
DENIES = re.compile(
    r"^\W*(no|not|nope|i'?m not|i am not|it'?s not|that'?s not|i don'?t|i didn'?t|不是|不要|不用|没问|没让|别|我不是|我没|我不)"
)


@dataclass(frozen=True)
class PartsModel:
    """When a message is answered in parts; learned on validation messages, kept in the release.

    Attributes:
        two: weights by feature, and ``bias``, of the probability that a message asks two questions; see `evidence`.
        both: from this probability on both halves are answered.
        single: from this probability of its entry on a half is answered where the whole message is not.
        worth: weights by feature, and ``bias``, of the probability that searching for the halves changes something; see `hints`.
        look: from this probability on it is done, which takes most of the time of a message.
    """

    two: Mapping[str, float]
    both: float
    single: float
    worth: Mapping[str, float]
    look: float

    def probability(self, features: Mapping[str, float]) -> float:
        """The probability that a message asks two questions."""
        return float(logistic({name: np.array(value) for name, value in features.items()}, self.two))

    def is_worth(self, hints: Mapping[str, float]) -> bool:
        """Whether to look at the halves of a message."""
        return float(logistic({name: np.array(value) for name, value in hints.items()}, self.worth)) >= self.look


def halves(pieces: Sequence[str]) -> list[tuple[str, str]]:
    """Every way to cut a message in two between its pieces."""
    return [(" ".join(pieces[:place]), " ".join(pieces[place:])) for place in range(1, len(pieces))]


def strength(route: Route) -> float:
    """How sure it is that a half asks for the entry that would be sent, 0 to 1; 0 where none would be."""
    return route.sent.probability if route.sent else 0.0


Guess = tuple[str, float]  # an entry, and the classifier's probability that it is meant
UNKNOWN: Guess = ("", 0.0)


def guess_of(prediction: IntentPrediction | None) -> Guess:
    """The entry that the classifier takes for the likeliest."""
    return max(prediction.entries.items(), key=lambda pair: pair[1], default=UNKNOWN) if prediction else UNKNOWN


def doubleness(left: Guess, right: Guess) -> tuple[bool, float]:
    """How well two halves seem to ask for two entries: whether they do, and how sure the less sure one is."""
    return left[0] != right[0], min(left[1], right[1])


def hints(whole: Route, text: str, pairs: Sequence[tuple[str, str]], guesses: tuple[Guess, Guess]) -> dict[str, float]:
    """What speaks for searching for a message's halves, by feature name; known before it is done.

    Args:
        whole: the decision on the whole message.
        text: the message.
        pairs: its halves, as they are matched, for every way to cut it.
        guesses: what the classifier alone makes of the two halves that are likeliest to ask two questions.
    """
    chances = [*(one.probability for one in whole.ranked[:2]), 0.0, 0.0]
    first = whole.ranked[0].entry.id if whole.ranked else ""
    differ, low = doubleness(*guesses)
    return {
        "first": float(log_odds(np.array(chances[0]))),
        "second": float(log_odds(np.array(chances[1]))),
        "answers": float(whole.kind is RouteKind.ANSWER),
        "acts": float(whole.intent is not None),
        "questions": _questions(text),
        "cue": float(bool(CUE.search(text))),
        "both_ask": float(any(ASKS.search(left) and ASKS.search(right) for left, right in pairs)),
        "ways": float(len(pairs)),
        "length": math.log(len(text)),
        "differ": float(differ),
        "low": float(log_odds(np.array(low))),
        "differ_surely": float(differ) * low,
        "other": float(first not in {guesses[0][0], guesses[1][0]}),
    }


def evidence(
    whole: Route, left: ScoredEntry, right: ScoredEntry, *, dependent: float, text: str, texts: tuple[str, str], plain: bool
) -> dict[str, float]:
    """What speaks for two questions, by feature name.

    Args:
        whole: the decision on the whole message.
        left: what its first half alone would be answered with.
        right: what its second half would be answered with, another entry.
        dependent: the probability that the second half is no question for itself.
        text: the message.
        texts: its halves, as they were matched.
        plain: whether both halves would simply be answered, and neither is courtesy, a complaint or a request for a person.
    """
    ids = (left.entry.id, right.entry.id)
    chances = {one.entry.id: one.probability for one in whole.ranked}
    first = whole.ranked[0] if whole.ranked else None
    return {
        "low": float(log_odds(np.array(min(left.probability, right.probability)))),
        "high": float(log_odds(np.array(max(left.probability, right.probability)))),
        "whole": float(log_odds(np.array(first.probability if first else 0.0))),
        "whole_agrees": float(first is not None and first.entry.id in ids),
        "least_in_whole": float(log_odds(np.array(min(chances.get(entry, 0.0) for entry in ids)))),
        "same_intent": float(left.entry.intent == right.entry.intent),
        "dependent": dependent,
        "questions": _questions(text),
        "cue": float(bool(CUE.search(text))),
        "left_asks": float(bool(ASKS.search(texts[0]))),
        "right_asks": float(bool(ASKS.search(texts[1]))),
        "plain": float(plain),
        "denies": float(bool(DENIES.search(texts[0]))),
        "balance": min(map(len, texts)) / max(map(len, texts)),
    }


def _questions(text: str) -> float:
    return float(min(len(re.findall(r"[?？吗呢]", text)), 3))
