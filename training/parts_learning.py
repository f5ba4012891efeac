"""Learns, on validation messages, when a message is answered in parts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from tqdm import tqdm

from agent.context_model import ContextModel
from agent.conversation import RouteKind
from agent.intents import Intent
from agent.looking import Looker
from agent.parts import UNKNOWN, PartsModel, hints
from agent.routing import Route, Router
from agent.understanding import Cut, Understander, Understood
from agent.utterances import Utterance
from training.costs import Costs, total_cost
from training.logistic_fitting import fit_logistic

NOTHING = dict.fromkeys([*hints(Route(RouteKind.DECLINE, None, ()), "?", [], (UNKNOWN, UNKNOWN)), "bias"], 0.0)
NEVER = PartsModel({}, both=1.1, single=1.1, worth=NOTHING, look=1.1)
ALWAYS = replace(NEVER, look=0.0)
LOOKS = [1.1, *(round(float(p), 4) for p in np.geomspace(0.5, 0.0005, 40)), 0.0]
GRID = [*(round(float(p), 3) for p in np.arange(0.1, 1.0, 0.025)), 1.1]


@dataclass(frozen=True)
class Case:
    """A message that can be cut, with what is known about it whole and cut."""

    row: Utterance
    whole: Understood
    cut: Cut
    hints: Mapping[str, float]


def learn_parts(
    looker: Looker, router: Router, context: ContextModel, messages: Sequence[Utterance], intents: Mapping[str, Intent], costs: Costs
) -> PartsModel | None:
    """Fit the probability that a message asks two questions, then choose the thresholds that cost least.

    Args:
        looker: with the classifier that will serve.
        router: with the routing that will serve.
        context: reads a second half that goes on with the first.
        messages: validation messages, with one question and with two.
        intents: the catalogue; empty without a classifier.
        costs: of each kind of mistake.

    Returns:
        The model; None where no message with two questions can be learned from.
    """
    understander = Understander(looker, context, ALWAYS)
    cases = [case for row in tqdm(messages, desc="Cutting messages") if (case := _case(understander, router, row))]
    rows, targets, weights = [], [], []
    for case in cases:
        features = understander.two_questions(case.row.text, case.whole, case.cut)
        if features:
            both = [case.cut.left.route, case.cut.right.route]
            gain = total_cost(case.row, [case.whole.route], intents, costs) - total_cost(case.row, both, intents, costs)
            rows.append(features)
            targets.append(gain > 0)
            weights.append(abs(gain))
    if len(set(targets)) < 2:
        return None
    two = fit_logistic(rows, targets, weights)

    def chosen(case: Case, model: PartsModel) -> list[Route]:
        """The decisions on a message."""
        if not model.is_worth(case.hints):
            return [case.whole.route]
        return [part.route for part in Understander(looker, context, model).in_parts(case.row.text, case.whole, case.cut)]

    def total(model: PartsModel) -> float:
        """The cost of all messages."""
        return sum(total_cost(case.row, chosen(case, model), intents, costs) for case in cases)

    model = replace(ALWAYS, two=two)
    for _ in range(2):  # each threshold in turn, the other one fixed
        model = min((replace(model, both=threshold) for threshold in GRID), key=total)
        model = min((replace(model, single=threshold) for threshold in GRID), key=total)
    pays = [
        total_cost(case.row, chosen(case, model), intents, costs) < total_cost(case.row, [case.whole.route], intents, costs)
        for case in cases
    ]
    if not any(pays):
        return model
    model = replace(model, worth=fit_logistic([case.hints for case in cases], pays))
    return min((replace(model, look=threshold) for threshold in LOOKS), key=total)  # of equals the highest, which looks least often


def _case(understander: Understander, router: Router, row: Utterance) -> Case | None:
    whole = understander.read(understander.looker.correct(row.text), None, router)
    cut = understander.cut(row.text, whole, None, router)
    if cut is None:
        return None
    pairs = understander.halves(row.text)
    return Case(row, whole, cut, hints(whole.route, row.text, pairs, understander.guess(pairs)[1]))
