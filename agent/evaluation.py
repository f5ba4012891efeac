"""How well an agent does on labelled messages: right intent, right entry, rightly refused."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.agent import CustomerServiceAgent
from agent.conversation import IntentPrediction, RouteKind
from agent.intents import OUT_OF_SCOPE
from agent.language import SERVED
from agent.routing import Route
from agent.utterances import Utterance

Rates = dict[str, float | None]


@dataclass(frozen=True)
class Outcome:
    """What the agent did with a labelled message.

    Attributes:
        row: the message and its labels.
        intent: the predicted label, None without a classifier.
        route: the decision.
        sent: the id of the entry that was sent, if one was.
        ranked: ids of the candidates, best first.
        probability: of the best candidate, 0 to 1.
        out_of_scope: the score, 0 to 1, None without a classifier.
    """

    row: Utterance
    intent: str | None
    route: RouteKind
    sent: str | None
    ranked: tuple[str, ...]
    probability: float
    out_of_scope: float | None

    @property
    def in_scope(self) -> bool:
        """Whether some intent covers the message."""
        return self.row.intent != OUT_OF_SCOPE


def evaluate(
    agent: CustomerServiceAgent, rows: Iterable[Utterance], progress: Callable[[int], object] = lambda _done: None
) -> list[Outcome]:
    """Return what the agent does with each message, each outside any conversation; nothing is logged."""
    outcomes = []
    for row in rows:
        outcomes.append(outcome(row, *agent.understand(row.text)))
        progress(1)
    return outcomes


def outcome(row: Utterance, prediction: IntentPrediction | None, route: Route) -> Outcome:
    """What a prediction and a decision mean for a labelled message."""
    return Outcome(
        row,
        prediction.label if prediction else None,
        route.kind,
        route.sent.entry.id if route.sent else None,
        tuple(one.entry.id for one in route.ranked),
        route.ranked[0].probability if route.ranked else 0.0,
        prediction.out_of_scope if prediction else None,
    )


def summarise(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Rates, as fractions, for English, Chinese and all rows (mixed-language rows count in ``all`` only).

    A rate is None where there are no such rows, and an intent's where there is no classifier.
    """
    with_faq = [o for o in outcomes if o.in_scope and o.row.faq]
    has_classifier = any(o.intent for o in outcomes)
    inside = [o for o in outcomes if o.in_scope]
    outside = [o for o in outcomes if not o.in_scope]
    return {
        "n": len(outcomes),
        "intent_accuracy": _rates([o for o in outcomes if has_classifier], lambda o: o.intent == o.row.intent),
        "faq_recall": {str(k): _rates(with_faq, lambda o, k=k: o.row.faq in o.ranked[:k]) for k in (1, 3)},  # type: ignore[misc]
        "out_of_scope_rejected": _rates(outside, lambda o: o.route in {RouteKind.DECLINE, RouteKind.CLARIFY, RouteKind.HAND_OFF}),
        "in_scope_rejected": _rates(inside, lambda o: o.route is RouteKind.DECLINE),
        "in_scope_clarified": _rates(inside, lambda o: o.route is RouteKind.CLARIFY),
        "answered_correctly": _rates(with_faq, lambda o: o.sent == o.row.faq),
    }


def write_rows(outcomes: Iterable[Outcome], path: Path) -> None:
    """Write one CSV line for each message: what was meant, and what the agent did."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["text", "language", "intent", "faq", "predicted_intent", "route", "sent", "ranked", "probability", "out_of_scope"])
        for o in outcomes:
            labels = [o.row.text, o.row.language, o.row.intent, o.row.faq or ""]
            score = "" if o.out_of_scope is None else f"{o.out_of_scope:.4f}"
            writer.writerow([*labels, o.intent or "", o.route, o.sent or "", " ".join(o.ranked[:3]), f"{o.probability:.4f}", score])


def _rates(outcomes: Sequence[Outcome], is_right: Callable[[Outcome], bool]) -> Rates:
    parts = {language: [o for o in outcomes if o.row.language == language] for language in SERVED} | {"all": outcomes}
    return {name: round(sum(map(is_right, part)) / len(part), 4) if part else None for name, part in parts.items()}
