import math
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.conversation import IntentPrediction, RouteKind
from agent.intents import OUT_OF_SCOPE
from agent.routing import Router
from agent.routing_model import MOST_LEAD, RoutingModel, entry_features, intent_features, retrieval_features
from knowledge_base.retrieval import Candidate
from tests.agent.small_catalogue import INTENTS, candidate, entry


def probable(entry_id: str, probability: float, intent: str | None = None) -> Candidate:
    return candidate(entry_id, intent, question=math.log(probability / (1 - probability)), answer=0.0)


SOME = [probable("a", 0.5)]
NOTHING = IntentPrediction("oos", None, 1.0, 1.0, {})
EVERYTHING = [*retrieval_features(SOME), *intent_features(SOME, NOTHING), *entry_features(SOME, NOTHING), "bias"]
# Only the question's similarity counts here, so that a test can say how probable each candidate is.
WEIGHTS = {name: float(name == "question") for name in EVERYTHING}
MODEL = RoutingModel(WEIGHTS, WEIGHTS, WEIGHTS, answer=0.7, clarify=0.3, intent=0.6)
COVERED = {"refund_status", "bot_identity", "complaint", "human_agent"}
ROUTER = Router(MODEL, INTENTS)


def sure(label: str, confidence: float = 0.95, out_of_scope: float = 0.02) -> IntentPrediction:
    act = INTENTS[label].act if label in INTENTS else None
    return IntentPrediction(label, act, confidence, out_of_scope, {label: confidence})


# --- evidence ---


def test_leads_by_hand() -> None:
    candidates = [
        candidate("a", "refund_status", question=0.9, answer=0.5, keywords=10.0),
        candidate("b", "refund_status", question=0.8, answer=0.6, keywords=0.0),
        candidate("c", "complaint", question=0.85, answer=0.7, keywords=30.0),
    ]
    found = retrieval_features(candidates)
    assert found["lead"] == pytest.approx([MOST_LEAD, -0.1, -0.05])
    assert found["keywords"] == pytest.approx([0.5, 0.0, 0.75])
    assert found["keyword_lead"] == pytest.approx([-0.25, -0.75, 0.25])
    understood = intent_features(candidates, IntentPrediction("refund_status", "query", 0.75, 0.5, {"refund_status": 0.75, "oos": 0.25}))
    assert understood["probability"] == pytest.approx([0.75, 0.75, 0.0])
    assert understood["intent"][:2] == pytest.approx([math.log(3), math.log(3)])
    assert understood["out_of_scope"] == pytest.approx([0.0, 0.0, 0.0])
    assert understood["sibling_lead"][:2] == pytest.approx([0.1, -0.1])
    assert understood["sibling_keyword_lead"][:2] == pytest.approx([0.5, -0.5])
    assert understood["sibling_lead"][2] > 0  # it has no sibling to mistake it for


def test_what_the_classifier_says_about_entries_by_hand() -> None:
    prediction = replace(NOTHING, entries={"a": 0.6, "b": 0.3, "elsewhere": 0.05})
    found = entry_features([candidate("a"), candidate("b"), candidate("new")], prediction)
    assert found["entry_probability"] == pytest.approx([0.6, 0.3, 0.0])
    assert found["entry_lead"] == pytest.approx([0.3, -0.3, -0.6])
    assert found["entry"][:2] == pytest.approx([math.log(1.5), math.log(3 / 7)])


def test_an_entry_that_the_classifier_was_trained_on_is_judged_by_that() -> None:
    router = Router(replace(MODEL, by_entry={**WEIGHTS, "question": 0.0, "entry": 1.0}), INTENTS)
    prediction = replace(sure("refund_status"), entries={"refund-time": 0.9})
    ranked = router.rank(prediction, [probable("other", 0.7, "refund_status"), probable("refund-time", 0.2, "refund_status")])
    assert [(one.entry.id, round(one.probability, 2)) for one in ranked] == [("refund-time", 0.9), ("other", 0.7)]


@pytest.mark.parametrize(
    ("prediction", "probability", "rule"),
    [
        (None, 0.9, "answer: fees 0.90 >= 0.70"),
        (None, 0.5, "ask back: 0.30 <= fees 0.50 < 0.70"),
        (None, 0.1, "decline: fees 0.10 < 0.30"),
        (sure("greeting"), 0.9, "social: greeting 0.95 >= 0.60, out of scope 0.02"),
        (sure("complaint"), 0.9, "hand off: complaint 0.95 >= 0.60, out of scope 0.02"),
        (sure("recommend_product"), 0.9, "no entry answers this intent: recommend_product 0.95 >= 0.60, out of scope 0.02"),
    ],
)
def test_the_rule_is_told(prediction: IntentPrediction | None, probability: float, rule: str) -> None:
    assert ROUTER.route(prediction, [probable("fees", probability)], COVERED, asked_back=False).rule == rule


# --- by probability alone ---


@pytest.mark.parametrize(
    ("probability", "kind"),
    [
        (0.95, RouteKind.ANSWER),
        (0.71, RouteKind.ANSWER),
        (0.69, RouteKind.CLARIFY),
        (0.31, RouteKind.CLARIFY),
        (0.29, RouteKind.DECLINE),
        (0.01, RouteKind.DECLINE),
    ],
)
@pytest.mark.parametrize("prediction", [None, sure("refund_status"), sure(OUT_OF_SCOPE)])
def test_the_best_probability_decides(probability: float, kind: RouteKind, prediction: IntentPrediction | None) -> None:
    route = ROUTER.route(prediction, [probable("fees", 0.005), probable("refund-time", probability)], COVERED, asked_back=False)
    assert route.kind is kind
    assert [one.entry.id for one in route.ranked] == ["refund-time", "fees"]
    assert route.ranked[0].probability == pytest.approx(probability)
    assert route.sent == (route.ranked[0] if kind is RouteKind.ANSWER else None)
    assert route.intent is None


def test_a_threshold_itself_is_enough() -> None:
    even = Router(replace(MODEL, answer=0.5), INTENTS)
    assert even.route(None, [probable("a", 0.5)], COVERED, asked_back=False).kind is RouteKind.ANSWER


@pytest.mark.parametrize("prediction", [None, sure("refund_status"), sure(OUT_OF_SCOPE)])
def test_without_candidates_it_declines(prediction: IntentPrediction | None) -> None:
    route = ROUTER.route(prediction, [], COVERED, asked_back=False)
    assert (route.kind, route.sent, route.ranked) == (RouteKind.DECLINE, None, ())


def test_without_a_catalogue_a_prediction_changes_nothing() -> None:
    route = Router(MODEL, {}).route(sure("greeting"), [probable("a", 0.9)], set(), asked_back=False)
    assert route.kind is RouteKind.ANSWER


def test_intent_and_out_of_scope_are_evidence_where_they_have_weight() -> None:
    router = Router(replace(MODEL, by_intent={**WEIGHTS, "intent": 1.0, "out_of_scope": -1.0}), INTENTS)
    candidates = [probable("other", 0.6, "complaint"), probable("refund-time", 0.5, "refund_status")]
    prediction = replace(sure("refund_status"), probabilities={"refund_status": 0.95, "complaint": 0.03})
    ranked = router.rank(prediction, candidates)
    assert [one.entry.id for one in ranked] == ["refund-time", "other"]
    doubtful = router.rank(replace(prediction, out_of_scope=0.9), candidates)
    assert doubtful[0].probability < ranked[0].probability
    assert [one.entry.id for one in router.rank(None, candidates)] == ["other", "refund-time"]


@pytest.mark.parametrize("intent", [None, "a_new_intent"])
def test_an_entry_that_the_classifier_knows_nothing_about_is_judged_by_retrieval(intent: str | None) -> None:
    router = Router(replace(MODEL, by_intent={**WEIGHTS, "intent": 5.0, "bias": -50.0}), INTENTS)
    candidates = [probable("refund-time", 0.9, "refund_status"), probable("our-own", 0.8, intent)]
    ranked = router.rank(sure("refund_status"), candidates)
    assert [one.entry.id for one in ranked] == ["our-own", "refund-time"]
    assert ranked[0].probability == pytest.approx(0.8)
    assert ranked[1].probability < 0.01


# --- by intent ---


def test_social_needs_no_entry() -> None:
    route = ROUTER.route(sure("greeting"), [probable("refund-time", 0.99, "refund_status")], COVERED, asked_back=False)
    assert (route.kind, route.sent, route.intent) == (RouteKind.SOCIAL, None, INTENTS["greeting"])


def test_social_sends_the_entry_of_its_intent_however_improbable() -> None:
    candidates = [probable("refund-time", 0.99, "refund_status"), probable("about-assistant", 0.01, "bot_identity")]
    route = ROUTER.route(sure("bot_identity"), candidates, COVERED, asked_back=False)
    assert route.kind is RouteKind.SOCIAL
    assert route.sent
    assert route.sent.entry.id == "about-assistant"


@pytest.mark.parametrize(("label", "starts"), [("human_agent", True), ("complaint", False)])
def test_a_request_for_a_person_starts_a_hand_over_and_a_complaint_offers_it(label: str, starts: bool) -> None:
    with_entry = ROUTER.route(sure(label), [probable("its-own", 0.2, label)], COVERED, asked_back=False)
    without = ROUTER.route(sure(label), [probable("refund-time", 0.99, "refund_status")], COVERED, asked_back=False)
    for route in (with_entry, without):
        assert (route.kind, route.intent, route.starts_hand_over) == (RouteKind.HAND_OFF, INTENTS[label], starts)
    assert with_entry.sent == with_entry.ranked[0]
    assert without.sent is None


def test_an_intent_that_no_entry_answers_is_asked_about_once_and_then_handed_off() -> None:
    candidates = [probable("compare-products", 0.99, "product_question")]
    first = ROUTER.route(sure("recommend_product"), candidates, COVERED, asked_back=False)
    second = ROUTER.route(sure("recommend_product"), candidates, COVERED, asked_back=True)
    assert (first.kind, first.sent, first.intent) == (RouteKind.CLARIFY, None, INTENTS["recommend_product"])
    assert (second.kind, second.sent, second.starts_hand_over) == (RouteKind.HAND_OFF, None, False)


def test_the_same_intent_is_answered_once_an_entry_covers_it() -> None:
    candidates = [probable("buying-guide", 0.9, "recommend_product")]
    route = ROUTER.route(sure("recommend_product"), candidates, COVERED | {"recommend_product"}, asked_back=False)
    assert (route.kind, route.sent) == (RouteKind.ANSWER, route.ranked[0])


@pytest.mark.parametrize(
    "prediction",
    [sure("human_agent", confidence=0.59), replace(sure("human_agent"), is_rejected=True), sure("an intent that the catalogue lacks")],
)
def test_an_unsure_intent_is_not_acted_upon(prediction: IntentPrediction) -> None:
    route = ROUTER.route(prediction, [probable("refund-time", 0.9)], COVERED, asked_back=False)
    assert (route.kind, route.intent, route.starts_hand_over) == (RouteKind.ANSWER, None, False)


# --- whatever comes ---

SHARES = st.floats(0, 1)
COSINES = st.floats(-1, 1)
LABELS = st.sampled_from([*INTENTS, OUT_OF_SCOPE, "unknown", ""])
ENTRIES = st.builds(entry, st.sampled_from("abcdef"), st.none() | LABELS)
CANDIDATES = st.lists(
    st.builds(
        Candidate, st.builds(entry, st.sampled_from("abcdef"), st.none() | LABELS), COSINES, COSINES, st.floats(0, 1e6), COSINES, COSINES
    ),
    max_size=6,
    unique_by=lambda one: one.entry.id,
)
PREDICTIONS = st.none() | st.builds(
    IntentPrediction,
    LABELS,
    st.none() | st.text(max_size=5),
    SHARES,
    SHARES,
    st.dictionaries(LABELS, SHARES, max_size=5),
    is_rejected=st.booleans(),
)
SOME_WEIGHTS = st.fixed_dictionaries({name: st.floats(-100, 100) for name in EVERYTHING})
THRESHOLDS = st.floats(0.02, 0.96)  # what is learned is never outside
MODELS = st.builds(RoutingModel, SOME_WEIGHTS, st.none() | SOME_WEIGHTS, st.none() | SOME_WEIGHTS, THRESHOLDS, THRESHOLDS, THRESHOLDS)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(MODELS, PREDICTIONS, CANDIDATES, st.sets(LABELS), st.booleans())
def test_any_evidence_gives_a_decision(
    model: RoutingModel, prediction: IntentPrediction | None, candidates: list[Candidate], covered: set[str], asked_back: bool
) -> None:
    route = Router(model, INTENTS).route(prediction, candidates, covered, asked_back)
    probabilities = [one.probability for one in route.ranked]
    assert probabilities == sorted(probabilities, reverse=True)
    assert all(0 <= p <= 1 for p in probabilities)
    assert {one.entry.id for one in route.ranked} == {one.entry.id for one in candidates}
    assert route.sent is None or route.sent in route.ranked
    assert route.sent is not None or route.kind is not RouteKind.ANSWER
    assert route.sent is None or route.kind not in {RouteKind.CLARIFY, RouteKind.DECLINE}
    assert route.kind is RouteKind.HAND_OFF or not route.starts_hand_over
