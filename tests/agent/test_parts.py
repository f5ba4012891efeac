import math

import pytest

from agent.conversation import RouteKind
from agent.parts import PartsModel, evidence, strength
from agent.routing import Route, ScoredEntry
from tests.agent.small_catalogue import entry

FEES, TIME, SLOTS = ScoredEntry(entry("fees", "a"), 0.9), ScoredEntry(entry("time", "b"), 0.6), ScoredEntry(entry("slots", "b"), 0.1)
TEXTS = ("how long does it take", "and what does it cost")
WHOLE = Route(RouteKind.ANSWER, FEES, (FEES, ScoredEntry(entry("time", "b"), 0.2)))


def test_what_speaks_for_two_questions_by_hand() -> None:
    found = evidence(WHOLE, FEES, TIME, dependent=0.3, text="how long does it take? and what does it cost?", texts=TEXTS, plain=True)
    assert found["low"] == pytest.approx(math.log(1.5))
    assert found["high"] == pytest.approx(math.log(9))
    assert found["whole"] == pytest.approx(math.log(9))
    assert found["least_in_whole"] == pytest.approx(math.log(0.25))
    assert (found["whole_agrees"], found["same_intent"], found["dependent"], found["questions"], found["cue"]) == (1.0, 0.0, 0.3, 2.0, 1.0)
    assert (found["left_asks"], found["right_asks"], found["denies"]) == (1.0, 1.0, 0.0)
    assert found["balance"] == pytest.approx(len(TEXTS[0]) / len(TEXTS[1]))
    other = evidence(
        Route(RouteKind.DECLINE, None, ()), TIME, SLOTS, dependent=0.0, text="几天到。", texts=("不是加急", "几天到"), plain=False
    )
    assert (other["whole_agrees"], other["same_intent"], other["questions"], other["cue"]) == (0.0, 1.0, 0.0, 0.0)
    assert (other["left_asks"], other["right_asks"], other["denies"]) == (0.0, 1.0, 1.0)


def test_the_probability_is_logistic() -> None:
    weights = dict.fromkeys(evidence(WHOLE, FEES, TIME, dependent=0.0, text="", texts=TEXTS, plain=True), 0.0) | {"cue": 2.0, "bias": -1.0}
    model = PartsModel(weights, both=0.5, single=0.5)
    assert model.probability(evidence(WHOLE, FEES, TIME, dependent=0.0, text="a and b", texts=TEXTS, plain=True)) == pytest.approx(
        1 / (1 + math.exp(-1))
    )
    assert model.probability(evidence(WHOLE, FEES, TIME, dependent=0.0, text="a", texts=TEXTS, plain=True)) == pytest.approx(
        1 / (1 + math.exp(1))
    )


def test_a_half_that_sends_nothing_has_no_strength() -> None:
    assert strength(WHOLE) == 0.9
    assert strength(Route(RouteKind.CLARIFY, None, (FEES,))) == 0.0
