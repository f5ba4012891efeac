"""Learns, on validation messages, how probable it is that an entry answers, and what to do at which probability."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from agent.conversation import IntentPrediction
from agent.errors import DatasetError
from agent.intents import Intent
from agent.routing import Router, ScoredEntry
from agent.routing_model import RoutingModel, entry_features, intent_features, retrieval_features
from agent.utterances import Utterance
from knowledge_base.retrieval import Candidate
from training.costs import Costs, cost

RETRIEVAL, INTENT, ENTRY = 0, 1, 2  # what the classifier may know about an entry: nothing, its intent, itself


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
    understood = all(case.prediction for case in cases)
    by_intent, by_entry = (_fit_weights(cases, INTENT), _fit_weights(cases, ENTRY)) if understood else (None, None)
    model = RoutingModel(_fit_weights(cases, RETRIEVAL), by_intent, by_entry, answer=0.5, clarify=0.2, intent=0.5)
    grids: dict[str, list[float]] = {
        "answer": [round(x, 3) for x in np.arange(0.1, 0.96, 0.025)],
        "clarify": [round(x, 3) for x in np.arange(0.02, 0.96, 0.02)],
        "intent": [round(x, 3) for x in np.arange(0.2, 0.96, 0.05)],
    }
    router = Router(model, intents)
    ranked = [router.rank(case.prediction, case.candidates) for case in cases]  # the thresholds do not change the ranking
    total_cost = _total_cost(cases, ranked, intents, covered, costs)
    for _ in range(3):  # coordinate descent: each threshold in turn, the others fixed
        for name, grid in grids.items():
            changes: list[dict[str, Any]] = [{name: value} for value in grid]
            model = min((replace(model, **change) for change in changes), key=total_cost)
    return model


def _total_cost(
    cases: Sequence[Case], ranked: Sequence[tuple[ScoredEntry, ...]], intents: Mapping[str, Intent], covered: Collection[str], costs: Costs
) -> Callable[[RoutingModel], float]:
    def total(model: RoutingModel) -> float:
        """Of all cases."""
        router = Router(model, intents)
        routes = [router.decide(case.prediction, ranks, covered, asked_back=False) for case, ranks in zip(cases, ranked, strict=True)]
        return sum(cost(case.row, route, intents, costs) for case, route in zip(cases, routes, strict=True))

    return total


def _fit_weights(cases: Sequence[Case], level: int) -> dict[str, float]:
    """The weights for entries that the classifier knows as much about as the level says."""
    rows, targets = [], []
    names: list[str] = []
    for case in cases:
        if case.candidates:
            features = retrieval_features(case.candidates)
            if level >= INTENT and case.prediction:
                features |= intent_features(case.candidates, case.prediction)
            if level >= ENTRY and case.prediction:
                features |= entry_features(case.candidates, case.prediction)
            names = sorted(features)
            rows.append(np.stack([features[name] for name in names], axis=1))
            targets += [candidate.entry.id == case.row.faq for candidate in case.candidates]
    if len(set(targets)) < 2:
        raise DatasetError("No validation message finds the entry that answers it. Label more utterances with their faq.")
    fitted = LogisticRegression(C=10.0, max_iter=5000).fit(np.concatenate(rows), targets)
    weights = {name: float(weight) for name, weight in zip(names, fitted.coef_[0], strict=True)}
    return weights | {"bias": float(fitted.intercept_[0])}
