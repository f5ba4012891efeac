"""What decisions cost that are not the best ones; everything about decisions is learned to cost least."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.conversation import RouteKind
from agent.intents import Intent
from agent.routing import OPTIONS, Route
from agent.utterances import Utterance


@dataclass(frozen=True)
class Costs:
    """What a decision costs that is not the best one, relative to each other.

    Attributes:
        wrong_answer: an entry is sent that does not answer the message.
        needless_question: asked back although an entry answers (the right one is among the options).
        useless_question: asked back with options that do not help.
        needless_refusal: declined although an entry answers.
        spared_question: asked back where declining would have been right.
        half_answer: one of two questions is answered, the other one is not.
        extra_answer: a second entry is sent to a message with one question.
    """

    wrong_answer: float = 2.25
    needless_question: float = 1.0
    useless_question: float = 1.0
    needless_refusal: float = 2.0
    spared_question: float = 0.25
    half_answer: float = 1.0
    extra_answer: float = 0.75


def total_cost(row: Utterance, routes: Sequence[Route], intents: Mapping[str, Intent], costs: Costs) -> float:
    """What the decisions on a labelled message cost: one decision, or one for each of two questions seen in it."""
    wanted, sent = set(row.faqs), {route.sent.entry.id for route in routes if route.sent}
    if len(wanted) < 2:
        each = [cost(row, route, intents, costs) for route in routes]
        return min(each) + costs.extra_answer * (len(each) - 1)
    right = len(wanted & sent)
    if not right:
        return costs.wrong_answer if sent else costs.needless_refusal
    return costs.half_answer * (len(wanted) - right) + costs.extra_answer * len(sent - wanted)


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
