import math
from dataclasses import replace

import numpy as np
import pytest

from agent.conversation import IntentPrediction, RouteKind
from agent.routing import Route, Router, ScoredEntry
from agent.utterances import Utterance
from tests.agent.small_catalogue import INTENTS, candidate, entry
from training.costs import Costs, cost, total_cost
from training.route_learning import Case, learn_routing

COSTS = Costs(wrong_answer=16, needless_question=1, useless_question=2, needless_refusal=4, spared_question=8)


def scored(entry_id: str) -> ScoredEntry:
    return ScoredEntry(entry(entry_id), 0.5)


REFUND, FEES, SLOTS, OTHER = map(scored, ("refund-time", "fees", "slots", "other"))


def route(kind: RouteKind, sent: ScoredEntry | None = None, ranked: tuple[ScoredEntry, ...] = (), intent: str | None = None) -> Route:
    return Route(kind, sent, ranked, INTENTS[intent] if intent else None)


def message(intent: str, faq: str | None = None) -> Utterance:
    return Utterance("?", "en", intent, faq)


ASKS_REFUND = message("refund_status", "refund-time")
ASKS_ADVICE = message("recommend_product")
NONSENSE = message("oos")
HELLO = message("greeting")
WHO = message("bot_identity", "about-assistant")


@pytest.mark.parametrize(
    ("row", "decision", "expected"),
    [
        # an entry answers it
        (ASKS_REFUND, route(RouteKind.ANSWER, REFUND), 0),
        (ASKS_REFUND, route(RouteKind.HAND_OFF, REFUND, intent="complaint"), 0),
        (ASKS_REFUND, route(RouteKind.ANSWER, FEES), 16),
        (ASKS_REFUND, route(RouteKind.CLARIFY, ranked=(FEES, SLOTS, REFUND)), 1),
        (ASKS_REFUND, route(RouteKind.CLARIFY, ranked=(FEES, SLOTS, OTHER, REFUND)), 2),  # offered are three
        (ASKS_REFUND, route(RouteKind.CLARIFY, ranked=(REFUND,), intent="recommend_product"), 2),  # asks for advice, offers nothing
        (ASKS_REFUND, route(RouteKind.DECLINE, ranked=(REFUND,)), 4),
        (ASKS_REFUND, route(RouteKind.HAND_OFF, intent="complaint"), 4),
        (ASKS_REFUND, route(RouteKind.SOCIAL, intent="greeting"), 16),
        # a known intent that no entry answers
        (ASKS_ADVICE, route(RouteKind.CLARIFY, intent="recommend_product"), 0),
        (ASKS_ADVICE, route(RouteKind.CLARIFY, ranked=(FEES,)), 8),
        (ASKS_ADVICE, route(RouteKind.ANSWER, FEES), 16),
        (ASKS_ADVICE, route(RouteKind.DECLINE), 0),
        # out of scope
        (NONSENSE, route(RouteKind.DECLINE, ranked=(FEES,)), 0),
        (NONSENSE, route(RouteKind.CLARIFY, ranked=(FEES,)), 8),
        (NONSENSE, route(RouteKind.ANSWER, FEES), 16),
        (NONSENSE, route(RouteKind.SOCIAL, intent="greeting"), 16),
        (NONSENSE, route(RouteKind.HAND_OFF, FEES, intent="complaint"), 16),
        # social
        (HELLO, route(RouteKind.SOCIAL, intent="greeting"), 0),
        (HELLO, route(RouteKind.SOCIAL, FEES, intent="bot_identity"), 4),
        (HELLO, route(RouteKind.DECLINE), 4),
        (WHO, route(RouteKind.SOCIAL, scored("about-assistant"), intent="bot_identity"), 0),
    ],
)
def test_costs_by_hand(row: Utterance, decision: Route, expected: float) -> None:
    assert cost(row, decision, INTENTS, COSTS) == expected


BOTH = message("refund_status refund_status", "refund-time fees")


@pytest.mark.parametrize(
    ("row", "sent", "expected"),
    [
        (BOTH, (REFUND, FEES), 0),
        (BOTH, (FEES, REFUND), 0),
        (BOTH, (REFUND,), 3),
        (BOTH, (REFUND, SLOTS), 3 + 2),
        (BOTH, (SLOTS,), 16),
        (BOTH, (), 4),
        (ASKS_REFUND, (REFUND, FEES), 2),
        (ASKS_REFUND, (SLOTS, FEES), 16 + 2),
    ],
)
def test_costs_of_two_questions_by_hand(row: Utterance, sent: tuple[ScoredEntry, ...], expected: float) -> None:
    routes = [route(RouteKind.ANSWER, one) for one in sent] or [route(RouteKind.DECLINE)]
    assert total_cost(row, routes, INTENTS, replace(COSTS, half_answer=3, extra_answer=2)) == expected


# --- learning ---


def cases(*, classified: bool) -> list[Case]:
    """Messages whose nearest entry is more often the right one the nearer it is."""
    generator = np.random.default_rng(7)
    made = []
    for _ in range(300):
        nearest = float(generator.uniform(0.5, 1.0))
        right = generator.random() < 1 / (1 + math.exp(-16 * (nearest - 0.75)))
        row = message("refund_status", "a" if right else "c")
        prediction = IntentPrediction("refund_status", "query", 0.9, 0.1, {"refund_status": 0.9, "oos": 0.1}) if classified else None
        found = [candidate("a", "refund_status", question=nearest), candidate("b", "refund_status", question=nearest - 0.3)]
        made.append(Case(row, prediction, found))
    return made


def answered(learnt_from: list[Case], costs: Costs) -> tuple[int, float]:
    """How many messages are answered, and how many of them rightly, after learning with these costs."""
    router = Router(learn_routing(learnt_from, INTENTS, {"refund_status"}, costs), INTENTS)
    routes = [router.route(case.prediction, case.candidates, {"refund_status"}, asked_back=False) for case in learnt_from]
    sent = [decision.sent.entry.id == case.row.faq for case, decision in zip(learnt_from, routes, strict=True) if decision.sent]
    return len(sent), sum(sent) / max(len(sent), 1)


@pytest.mark.parametrize("classified", [False, True])
def test_the_dearer_a_wrong_answer_the_fewer_and_the_better_are_given(classified: bool) -> None:
    known = cases(classified=classified)
    bold, precise_bold = answered(known, replace(Costs(), wrong_answer=2.6))
    careful, precise_careful = answered(known, replace(Costs(), wrong_answer=20.0))
    assert 0 < careful < bold
    assert precise_bold < precise_careful


def test_the_probability_is_that_of_being_right() -> None:
    known = cases(classified=False)
    model = learn_routing(known, {}, {"refund_status"}, Costs())
    assert model.by_intent is None
    best = np.array([model.probabilities(case.candidates, None)[0] for case in known])
    right = np.array([case.row.faq == "a" for case in known])
    assert abs(best.mean() - right.mean()) < 0.03
    assert best[right].mean() > best[~right].mean() + 0.2


def test_with_a_classifier_both_models_are_learned() -> None:
    model = learn_routing(cases(classified=True), INTENTS, {"refund_status"}, Costs())
    assert model.by_intent is not None
    assert set(model.by_intent) - set(model.by_retrieval) >= {"intent", "out_of_scope"}
