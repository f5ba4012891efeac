"""How well an agent does on labelled messages: right intent, right entry, rightly refused."""

import csv
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.agent import CustomerServiceAgent
from agent.conversation import Reply, RouteKind, Turn
from agent.intents import OUT_OF_SCOPE
from agent.language import SERVED
from agent.understanding import Understood
from agent.utterances import Utterance

REJECTIONS = {RouteKind.DECLINE, RouteKind.CLARIFY, RouteKind.HAND_OFF}
Rates = dict[str, float | None]


@dataclass(frozen=True)
class Outcome:
    """What the agent did with a labelled message.

    Attributes:
        row: the message and its labels.
        intent: the predicted label, None without a classifier.
        route: the decision.
        sent: the ids of the entries that were sent.
        ranked: ids of the candidates, best first.
        probability: of the best candidate, 0 to 1.
        out_of_scope: the score, 0 to 1, None without a classifier.
    """

    row: Utterance
    intent: str | None
    route: RouteKind
    sent: tuple[str, ...]
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
        outcomes.append(outcome(row, agent.understand(row.text)))
        progress(1)
    return outcomes


def outcome(row: Utterance, questions: Sequence[Understood]) -> Outcome:
    """What the reading of a labelled message means."""
    if not questions:
        return Outcome(row, None, RouteKind.CLARIFY, (), (), 0.0, None)
    first, prediction = questions[0].route, questions[0].look.prediction
    return Outcome(
        row,
        prediction.label if prediction else None,
        next((q.route.kind for q in questions if q.route.kind is not RouteKind.ANSWER), RouteKind.ANSWER),
        tuple(q.route.sent.entry.id for q in questions if q.route.sent),
        tuple(one.entry.id for one in first.ranked),
        first.ranked[0].probability if first.ranked else 0.0,
        prediction.out_of_scope if prediction else None,
    )


def evaluate_dialogues(
    agent: CustomerServiceAgent, conversations: Iterable[Sequence[Utterance]], progress: Callable[[int], object] = lambda _done: None
) -> list[Outcome]:
    """Return what the agent does with each turn of these dialogues, each in its conversation as the agent led it; nothing is logged."""
    outcomes = []
    for rows in conversations:
        turns: list[Turn] = []
        for row in rows:
            turn, reply = agent.rehearse(row.text, turns)
            turns.append(turn)
            outcomes.append(_turn_outcome(row, reply))
            progress(1)
    return outcomes


def _turn_outcome(row: Utterance, reply: Reply) -> Outcome:
    ranked = reply.reasons[0].candidates if reply.reasons else ()
    return Outcome(
        row,
        reply.intent.label if reply.intent else None,
        reply.route,
        tuple(source.id for source in reply.sources),
        tuple(entry for entry, _ in ranked),
        ranked[0][1] if ranked else 0.0,
        reply.intent.out_of_scope if reply.intent else None,
    )


def summarise(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Rates, as fractions, for English, Chinese and all rows (mixed-language rows count in ``all`` only).

    A rate is None where there are no such rows, and an intent's where there is no classifier. Intents and ranks are those of
    messages with one question.
    """
    with_faq = [o for o in outcomes if o.in_scope and o.row.faq]
    single, double = ([o for o in outcomes if (len(o.row.faqs) > 1) is is_double] for is_double in (False, True))
    ranked = [o for o in single if o.in_scope and o.row.faq]
    has_classifier = any(o.intent for o in outcomes)
    inside = [o for o in outcomes if o.in_scope]
    outside = [o for o in outcomes if not o.in_scope]
    return {
        "n": len(outcomes),
        "intent_accuracy": _rates([o for o in single if has_classifier], lambda o: o.intent == o.row.intent),
        "faq_recall": {str(k): _rates(ranked, lambda o, k=k: o.row.faq in o.ranked[:k]) for k in (1, 3)},  # type: ignore[misc]
        "out_of_scope_rejected": _rates(outside, lambda o: o.route in REJECTIONS),
        "in_scope_rejected": _rates(inside, lambda o: o.route is RouteKind.DECLINE),
        "answerable_rejected": _rates(with_faq, lambda o: o.route is RouteKind.DECLINE),
        "in_scope_clarified": _rates(inside, lambda o: o.route is RouteKind.CLARIFY),
        "answered_correctly": _rates(with_faq, lambda o: set(o.sent) == set(o.row.faqs)),
        "both_answered": _rates(double, lambda o: set(o.sent) == set(o.row.faqs)),
    }


def summarise_dialogues(outcomes: Sequence[Outcome]) -> dict[str, object]:
    """Rates, as fractions: dialogues that are right at every turn, turns that are, and turns by what they are in their dialogue."""
    by_dialogue: dict[str, list[Outcome]] = {}
    for one in outcomes:
        by_dialogue.setdefault(one.row.dialogue, []).append(one)
    wrong = {name for name, turns in by_dialogue.items() if not all(map(is_right, turns))}
    first = [turns[0] for turns in by_dialogue.values()]
    kinds = sorted({one.row.kind for one in outcomes})
    return {
        "n": len(first),
        "right_at_every_turn": _rates(first, lambda o: o.row.dialogue not in wrong),
        "turns_right": _rates(outcomes, is_right),
        "by_kind": {kind: _rates([o for o in outcomes if o.row.kind == kind], is_right) for kind in kinds},
    }


def is_right(one: Outcome) -> bool:
    """Whether a message got exactly the entries it needs; one that needs none got none, and no answer where it is out of scope."""
    if set(one.sent) != set(one.row.faqs):
        return False
    return one.row.faqs != () or one.in_scope or one.route in REJECTIONS


def write_rows(outcomes: Iterable[Outcome], path: Path) -> None:
    """Write one CSV line for each message: what was meant, and what the agent did."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["text", "language", "intent", "faq", "predicted_intent", "route", "sent", "ranked", "probability", "out_of_scope"])
        for o in outcomes:
            labels = [o.row.text, o.row.language, o.row.intent, o.row.faq or ""]
            score = "" if o.out_of_scope is None else f"{o.out_of_scope:.4f}"
            writer.writerow([*labels, o.intent or "", o.route, " ".join(o.sent), " ".join(o.ranked[:3]), f"{o.probability:.4f}", score])


def _rates(outcomes: Sequence[Outcome], is_right: Callable[[Outcome], bool]) -> Rates:
    parts = {language: [o for o in outcomes if o.row.language == language] for language in SERVED} | {"all": outcomes}
    return {name: round(sum(map(is_right, part)) / len(part), 4) if part else None for name, part in parts.items()}
