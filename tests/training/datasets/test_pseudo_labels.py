"""Which labels of the release itself may be believed."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.conversation import Manner, RouteKind
from training.datasets.message import Origin, Part
from training.datasets.pseudo_labels import EACH, confidence_wanted, pseudo_labelled
from training.review.item import Decision, ItemState, Label, Message, Review, ReviewItem
from training.review.queue import key_of
from training.review.signals import LoggedTurn, Signal

NOW = datetime(2026, 11, 29, tzinfo=UTC)
TURN = LoggedTurn(
    *(1, "c", "ann", "where is my money", "en", NOW, "r1", "refund", 0.99, 0.01, False, {"refund": 0.99}),
    *(RouteKind.ANSWER, ("refund-time",), "refund-time", Manner.ALONE, False, frozenset()),
)


def reviewed(confidence: float, *, right: bool, release: str = "r1") -> ReviewItem:
    predicted = Label("refund", "refund-time")
    message = Message(1, "ann", "text", "en", NOW, release, predicted, "answer", confidence, 0.1, (), 1.0)
    label = predicted if right else Label("track")
    return ReviewItem(1, message, ItemState.SETTLED, (Review("lin", Decision.CORRECT, label, "", NOW),))


def test_the_confidence_from_which_on_reviewers_agreed() -> None:
    sure = [reviewed(0.9 + n / 1000, right=True) for n in range(90)]
    unsure = [reviewed(0.5 + n / 1000, right=n % 2 == 0) for n in range(60)]
    wanted = confidence_wanted([*unsure, *sure], "r1")
    assert wanted is not None
    assert 0.55 < wanted <= 0.9


@pytest.mark.parametrize(
    "cases",
    [
        [reviewed(0.99, right=True) for _ in range(20)],
        [reviewed(0.99, right=n % 8 != 0) for n in range(100)],
        [reviewed(0.99, right=True, release="older") for _ in range(100)],
        [],
    ],
    ids=["too few", "too often wrong", "another release's", "none"],
)
def test_where_that_is_not_shown_there_is_none(cases: list[ReviewItem]) -> None:
    assert confidence_wanted(cases, "r1") is None


def test_a_sure_answer_that_nothing_speaks_against_is_taken() -> None:
    (found,) = pseudo_labelled([TURN], 0.95, "r1", set(), 10)
    assert (found.utterance.intent, found.utterance.faq, found.customer) == ("refund", "refund-time", "ann")
    assert (found.part, found.origin) == (Part.TRAINING, Origin.PSEUDO)


@pytest.mark.parametrize(
    "turn",
    [
        replace(TURN, confidence=0.94),
        replace(TURN, signals=frozenset({Signal.THUMB_DOWN})),
        replace(TURN, signals=frozenset({Signal.REPHRASED})),
        replace(TURN, manner=Manner.FOLLOW_UP),
        replace(TURN, release="older"),
        replace(TURN, route=RouteKind.CLARIFY, sent=()),
        replace(TURN, message="Known text"),
    ],
    ids=["unsure", "disliked", "rephrased", "a follow-up", "another release's", "not answered", "reviewed"],
)
def test_others_are_not(turn: LoggedTurn) -> None:
    assert pseudo_labelled([turn], 0.95, "r1", {key_of("known text")}, 10) == []


def test_frequent_intents_do_not_drown_others() -> None:
    many = [replace(TURN, message=f"refund number {n}") for n in range(50)]
    rare = replace(TURN, label="track", message="parcel", sent=("parcel",))
    found = pseudo_labelled([*many, many[0], rare], 0.95, "r1", set(), 100)
    assert [message.utterance.intent for message in found] == ["refund"] * EACH + ["track"]
    assert len(pseudo_labelled([*many, rare], 0.95, "r1", set(), 4)) == 4
