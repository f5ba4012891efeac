import math

import pytest

from agent.conversation import RouteKind
from agent.parts import PartsModel, evidence, hints, strength
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
    model = PartsModel(weights, both=0.5, single=0.5, worth={}, look=0.0)
    assert model.probability(evidence(WHOLE, FEES, TIME, dependent=0.0, text="a and b", texts=TEXTS, plain=True)) == pytest.approx(
        1 / (1 + math.exp(-1))
    )
    assert model.probability(evidence(WHOLE, FEES, TIME, dependent=0.0, text="a", texts=TEXTS, plain=True)) == pytest.approx(
        1 / (1 + math.exp(1))
    )


def test_halves_are_looked_at_where_that_may_change_something() -> None:
    text = "how long does it take? and what does it cost?"
    found = hints(WHOLE, text, [TEXTS], (("time", 0.8), ("fees", 0.5)))
    assert found["first"] == pytest.approx(math.log(9))
    assert found["second"] == pytest.approx(math.log(0.25))
    assert found["length"] == pytest.approx(math.log(len(text)))
    one = {name: found[name] for name in ("answers", "acts", "questions", "cue", "both_ask", "ways", "differ", "low", "other")}
    assert one == {
        "answers": 1.0,
        "acts": 0.0,
        "questions": 2.0,
        "cue": 1.0,
        "both_ask": 1.0,
        "ways": 1.0,
        "differ": 1.0,
        "low": 0.0,
        "other": 0.0,
    }
    declined = hints(
        Route(RouteKind.DECLINE, None, ()), "hello there, my friend", [("hello there", "my friend")], (("fees", 0.3), ("fees", 0.2))
    )
    assert (declined["answers"], declined["cue"], declined["both_ask"], declined["differ"]) == (0.0, 0.0, 0.0, 0.0)
    assert declined["first"] == declined["second"] == pytest.approx(math.log(0.001 / 0.999))
    model = PartsModel({}, both=0.5, single=0.5, worth={**dict.fromkeys(found, 0.0), "both_ask": 2.0, "bias": -1.0}, look=0.5)
    assert model.is_worth(found)
    assert not model.is_worth(declined)


def test_a_half_that_sends_nothing_has_no_strength() -> None:
    assert strength(WHOLE) == 0.9
    assert strength(Route(RouteKind.CLARIFY, None, (FEES,))) == 0.0
