"""Learns, on validation messages, how probable it is that an entry answers, and what to do at which probability."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from agent.conversation import IntentPrediction, RouteKind
from agent.intents import Intent
from agent.routing import OPTIONS, Route, Router, ScoredEntry
from agent.routing_model import RoutingModel, intent_features, retrieval_features
from agent.utterances import DatasetError, Utterance
from knowledge_base.retrieval import Candidate


@dataclass(frozen=True)
class Costs:
    """What a decision costs that is not the best one, relative to each other.

    Attributes:
        wrong_answer: an entry is sent that does not answer the message.
        needless_question: asked back although an entry answers (the right one is among the options).
        useless_question: asked back with options that do not help.
        needless_refusal: declined although an entry answers.
        spared_question: asked back where declining would have been right.
    """

    wrong_answer: float = 2.0
    needless_question: float = 1.25
    useless_question: float = 1.5
    needless_refusal: float = 1.75
    spared_question: float = 0.25


@dataclass(frozen=True)
class Case:
    """A labelled message with what the agent knows about it when it decides."""

    row: Utterance
    prediction: IntentPrediction | None
    candidates: Sequence[Candidate]


def learn_routing(cases: Sequence[Case], intents: Mapping[str, Intent], covered: Collection[str], costs: Costs) -> RoutingModel:
    """Fit the probability that an entry answers, then choose the thresholds that cost least on the same cases.

    Args:
        cases: validation messages, none of which the classifier was trained on.
        intents: the catalogue; empty without a classifier.
        covered: the intents that at least one entry answers.
        costs: of each kind of mistake.

    Raises:
        DatasetError: the cases show nothing, because no right entry is among the candidates.
    """
    by_intent = _fit_weights(cases, with_intent=True) if all(case.prediction for case in cases) else None
    model = RoutingModel(_fit_weights(cases, with_intent=False), by_intent, answer=0.5, clarify=0.2, intent=0.5, out_of_scope=0.5)
    grids: dict[str, list[float]] = {
        "answer": [round(x, 3) for x in np.arange(0.1, 0.96, 0.025)],
        "clarify": [round(x, 3) for x in np.arange(0.02, 0.96, 0.02)],
        "intent": [round(x, 3) for x in np.arange(0.2, 0.96, 0.05)],
        "out_of_scope": [round(x, 3) for x in np.arange(0.1, 0.96, 0.05)],
    }
    router = Router(model, intents)
    ranked = [router.rank(case.prediction, case.candidates) for case in cases]  # the thresholds do not change the ranking
    total_cost = _total_cost(cases, ranked, intents, covered, costs)
    for _ in range(3):  # coordinate descent: each threshold in turn, the others fixed
        for name, grid in grids.items():
            changes: list[dict[str, Any]] = [{name: value} for value in grid]
            model = min((replace(model, **change) for change in changes), key=total_cost)
    return model


def cost(row: Utterance, route: Route, intents: Mapping[str, Intent], costs: Costs) -> float:
    """What a decision on a labelled message costs."""
    intent = intents.get(row.intent)
    if intent and intent.route == "social" and not row.faq:
        return 0.0 if route.kind is RouteKind.SOCIAL and not route.sent else costs.needless_refusal
    if row.faq:
        return _cost_where_answered(row.faq, route, costs)
    if route.sent or route.kind is RouteKind.SOCIAL:
        return costs.wrong_answer
    expected = route.intent is not None and route.intent.id == row.intent
    return costs.spared_question if route.kind is RouteKind.CLARIFY and not expected else 0.0


def _cost_where_answered(faq: str, route: Route, costs: Costs) -> float:
    if route.sent:
        return 0.0 if route.sent.entry.id == faq else costs.wrong_answer
    if route.kind is RouteKind.CLARIFY:
        offered = [] if route.intent else [one.entry.id for one in route.ranked[:OPTIONS]]
        return costs.needless_question if faq in offered else costs.useless_question
    return costs.wrong_answer if route.kind is RouteKind.SOCIAL else costs.needless_refusal


def _total_cost(
    cases: Sequence[Case], ranked: Sequence[tuple[ScoredEntry, ...]], intents: Mapping[str, Intent], covered: Collection[str], costs: Costs
) -> Callable[[RoutingModel], float]:
    def total(model: RoutingModel) -> float:
        """Of all cases."""
        router = Router(model, intents)
        routes = [router.decide(case.prediction, ranks, covered, asked_back=False) for case, ranks in zip(cases, ranked, strict=True)]
        return sum(cost(case.row, route, intents, costs) for case, route in zip(cases, routes, strict=True))

    return total


def _fit_weights(cases: Sequence[Case], *, with_intent: bool) -> dict[str, float]:
    rows, targets = [], []
    names: list[str] = []
    for case in cases:
        if case.candidates:
            features = retrieval_features(case.candidates)
            if with_intent and case.prediction:
                features |= intent_features(case.candidates, case.prediction)
            names = sorted(features)
            rows.append(np.stack([features[name] for name in names], axis=1))
            targets += [candidate.entry.id == case.row.faq for candidate in case.candidates]
    if len(set(targets)) < 2:
        raise DatasetError("No validation message finds the entry that answers it. Label more utterances with their faq.")
    fitted = LogisticRegression(C=10.0, max_iter=5000).fit(np.concatenate(rows), targets)
    weights = {name: float(weight) for name, weight in zip(names, fitted.coef_[0], strict=True)}
    return weights | {"bias": float(fitted.intercept_[0])}
