"""Decides what to do with a message: answer, ask back, reply socially, decline, or hand off."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from agent.conversation import IntentPrediction, RouteKind
from agent.intents import Intent
from agent.routing_model import RoutingModel
from knowledge_base.entry import FAQEntry
from knowledge_base.retrieval import Candidate

OPTIONS = 3  # questions offered when asking back


@dataclass(frozen=True)
class ScoredEntry:
    """An entry and the probability, 0 to 1, that it answers the message."""

    entry: FAQEntry
    probability: float


@dataclass(frozen=True)
class Route:
    """The decision on a message.

    Attributes:
        kind: what to do.
        sent: the entry whose answer goes out, if one does.
        ranked: all candidates, most probable first.
        intent: the intent that was acted upon, where one was; None when the entry alone decided.
        starts_hand_over: whether the customer asked for a person.
        rule: the rule that decided, with its numbers.
    """

    kind: RouteKind
    sent: ScoredEntry | None
    ranked: tuple[ScoredEntry, ...]
    intent: Intent | None = None
    starts_hand_over: bool = False
    rule: str = ""


class Router:
    """Routes by learned probabilities.

    Args:
        model: probabilities and thresholds, from the release.
        intents: the catalogue, by id; empty without a classifier.
    """

    def __init__(self, model: RoutingModel, intents: Mapping[str, Intent]) -> None:
        self.model = model
        self.intents = intents

    def route(
        self, prediction: IntentPrediction | None, candidates: Sequence[Candidate], covered: Collection[str], asked_back: bool
    ) -> Route:
        """Decide on a message.

        Args:
            prediction: the classifier's, None without one.
            candidates: what retrieval found.
            covered: the intents that at least one entry answers.
            asked_back: whether the agent's last reply was a question back.
        """
        return self.decide(prediction, self.rank(prediction, candidates), covered, asked_back=asked_back)

    def decide(
        self, prediction: IntentPrediction | None, ranked: tuple[ScoredEntry, ...], covered: Collection[str], *, asked_back: bool
    ) -> Route:
        """Decide on a message whose candidates are ranked already; arguments as in `route`."""
        intent = self._sure_intent(prediction)
        if intent and prediction and (intent.route != "answer" or intent.id not in covered):
            return self._act_on(intent, prediction, ranked, asked_back=asked_back)
        best, name = (ranked[0].probability, ranked[0].entry.id) if ranked else (0.0, "no entry")
        if best >= self.model.answer:
            return Route(RouteKind.ANSWER, ranked[0], ranked, rule=f"answer: {name} {best:.2f} >= {self.model.answer:.2f}")
        if best >= self.model.clarify:
            return Route(
                RouteKind.CLARIFY, None, ranked, rule=f"ask back: {self.model.clarify:.2f} <= {name} {best:.2f} < {self.model.answer:.2f}"
            )
        return Route(RouteKind.DECLINE, None, ranked, rule=f"decline: {name} {best:.2f} < {self.model.clarify:.2f}")

    def _act_on(self, intent: Intent, prediction: IntentPrediction, ranked: tuple[ScoredEntry, ...], *, asked_back: bool) -> Route:
        """Decide on an intent that is no plain question to the FAQ."""
        why = f"{intent.id} {prediction.confidence:.2f} >= {self.model.intent:.2f}, out of scope {prediction.out_of_scope:.2f}"
        first = _first_of(intent, ranked)
        if intent.route == "social":
            return Route(RouteKind.SOCIAL, first, ranked, intent, rule=f"social: {why}")
        if intent.route == "hand_off":
            starts = intent.act == "request"
            return Route(RouteKind.HAND_OFF, first, ranked, intent, starts_hand_over=starts, rule=f"hand off: {why}")
        kind = RouteKind.HAND_OFF if asked_back else RouteKind.CLARIFY
        return Route(kind, None, ranked, intent, rule=f"no entry answers this intent: {why}")

    def rank(self, prediction: IntentPrediction | None, candidates: Sequence[Candidate]) -> tuple[ScoredEntry, ...]:
        """Return the candidates with their probabilities, most probable first."""
        if not candidates:
            return ()
        probabilities = self.model.probabilities(candidates, prediction)
        scored = [ScoredEntry(candidate.entry, float(p)) for candidate, p in zip(candidates, probabilities, strict=True)]
        return tuple(sorted(scored, key=lambda one: -one.probability))

    def _sure_intent(self, prediction: IntentPrediction | None) -> Intent | None:
        if not prediction or prediction.is_rejected or prediction.confidence < self.model.intent:
            return None
        return self.intents.get(prediction.label)


def _first_of(intent: Intent, ranked: Sequence[ScoredEntry]) -> ScoredEntry | None:
    return next((one for one in ranked if one.entry.intent == intent.id), None)
