"""Understands a message in its conversation: what it is read as, and what is to be done about each question in it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from agent.context import Topic
from agent.context_model import CLEARLY_ALONE, ContextModel, Leaning
from agent.context_model import evidence as context_evidence
from agent.conversation import Manner, RouteKind
from agent.language import detect_language
from agent.looking import Look, Looker
from agent.parts import Guess, PartsModel, doubleness, guess_of, halves, hints, strength
from agent.parts import evidence as parts_evidence
from agent.routing import OPTIONS, Route, Router
from agent.segmentation import pieces
from knowledge_base.entry import FAQEntry
from knowledge_base.normalisation import normalise


@dataclass(frozen=True)
class Understood:
    """How a message, or one of two questions in it, was read, and the decision on it."""

    look: Look
    manner: Manner
    route: Route


@dataclass(frozen=True)
class Cut:
    """The best way to cut a message in two.

    Attributes:
        left: the first half and the decision on it.
        right: the second half and the decision on it.
        dependent: the probability, 0 to 1, that the second half is no question for itself.
    """

    left: Understood
    right: Understood
    dependent: float


class Understander:
    """Reads messages.

    Args:
        looker: classifies and searches.
        context: tells whether a message goes on with a topic.
        parts: tells whether a message asks two questions.
    """

    def __init__(self, looker: Looker, context: ContextModel, parts: PartsModel) -> None:
        self.looker, self.context, self.parts = looker, context, parts

    def understand(self, message: str, topic: Topic | None, router: Router) -> list[Understood]:
        """Return what a message asks: one question, or two in their order.

        Args:
            message: the customer's, personal data masked.
            topic: what the conversation was about, if it was about something.
            router: decides.
        """
        text = self.looker.correct(message)
        if topic and (place := topic.choice(text)) is not None:
            return [self._chosen(topic.offered[place], router)]
        if topic and topic.rejects(text):
            return [self._rejected(topic, router)]
        if topic and topic.is_taken_note_of(text):
            look = self.looker.look(text)
            return [Understood(look, Manner.NOTE, Route(RouteKind.SOCIAL, None, (), rule="the answer was taken note of"))]
        whole = self.read(text, topic, router)
        cut = self.cut(message, whole, topic, router)
        found = self.in_parts(message, whole, cut) if cut else [whole]
        return [_not_asked_twice(one, topic) if topic and topic.asked_back else one for one in found]

    def read(self, text: str, topic: Topic | None, router: Router) -> Understood:
        """Read a text for itself or, where that makes more sense, on the topic."""
        alone = Understood(look := self.looker.look(text), Manner.ALONE, self._decide(look, router, topic))
        if topic is None or (leaning := self.context.leaning(look.vector)).alone >= CLEARLY_ALONE:
            return alone
        joined = Understood(look := self.looker.look(topic.join(text)), leaning.manner, self._decide(look, router, topic))
        return joined if self.context.inherits(reading_evidence(leaning, alone, joined, topic)) else alone

    def cut(self, message: str, whole: Understood, topic: Topic | None, router: Router) -> Cut | None:
        """The best way to cut a message in two, None if it is of one piece, or if looking at its halves would change nothing.

        Args:
            message: the customer's.
            whole: the message as a whole.
            topic: what the conversation was about.
            router: decides.
        """
        pairs = self.halves(message)
        if not pairs:
            return None
        likeliest, guesses = self.guess(pairs)
        if not self.parts.is_worth(hints(whole.route, message, pairs, guesses)):
            return None
        pairs = [likeliest] if self.looker.classifier else pairs
        texts = [text for pair in pairs for text in pair]
        read = [Understood(look, Manner.ALONE, self._decide(look, router, topic)) for look in self.looker.look_at(texts)]
        left, right = max(zip(read[::2], read[1::2], strict=True), key=lambda pair: _separateness(*pair))
        leaning = self.context.leaning(right.look.vector)
        if leaning.alone < 0.5 and left.route.sent:
            entry = left.route.sent.entry
            title = entry.variant(detect_language(left.look.text).code).title
            right = self.read(right.look.text, Topic(title, left.look.text, (entry.id,)), router)
        return Cut(left, right, 1.0 - leaning.alone)

    def halves(self, message: str) -> list[tuple[str, str]]:
        """Every way to cut a message in two, as its halves are matched."""
        return halves([self.looker.correct(piece) for piece in pieces(message)])

    def guess(self, pairs: Sequence[tuple[str, str]]) -> tuple[tuple[str, str], tuple[Guess, Guess]]:
        """The halves that the classifier, which is much faster than a search, takes for two questions, and what it makes of them."""
        guesses = [guess_of(prediction) for prediction in self.looker.guess([text for pair in pairs for text in pair])]
        guessed = list(zip(guesses[::2], guesses[1::2], strict=True))
        place = max(range(len(pairs)), key=lambda i: doubleness(*guessed[i]))
        return pairs[place], guessed[place]

    def in_parts(self, message: str, whole: Understood, cut: Cut) -> list[Understood]:
        """Choose between a message as a whole, both its halves, and the half that holds the question."""
        features = self.two_questions(message, whole, cut)
        probability = self.parts.probability(features) if features and self.parts.two else 0.0
        if probability >= self.parts.both:
            return [_because(part, f"two questions, {probability:.2f} >= {self.parts.both:.2f}") for part in (cut.left, cut.right)]
        if not whole.route.sent or whole.route.kind is RouteKind.HAND_OFF:
            best = max((cut.left, cut.right), key=lambda part: strength(part.route))
            if best.route.kind is RouteKind.ANSWER and strength(best.route) >= self.parts.single:
                return [_because(best, f"the part that asks, {strength(best.route):.2f} >= {self.parts.single:.2f}")]
        return [whole]

    def two_questions(self, message: str, whole: Understood, cut: Cut) -> dict[str, float] | None:
        """What speaks for two questions; None where the halves do not send two entries."""
        left, right = cut.left.route.sent, cut.right.route.sent
        if not left or not right or left.entry.id == right.entry.id:
            return None
        if whole.route.kind is RouteKind.ANSWER and (_is_complaint(cut.left.route) or _is_complaint(cut.right.route)):
            return None  # anger around a question: the message as a whole was understood as the question
        texts = (cut.left.look.text, cut.right.look.text)
        plain = cut.left.route.kind is cut.right.route.kind is RouteKind.ANSWER
        return parts_evidence(whole.route, left, right, dependent=cut.dependent, text=message, texts=texts, plain=plain)

    def _decide(self, look: Look, router: Router, topic: Topic | None) -> Route:
        return router.route(look.prediction, look.candidates, self.looker.covered(), asked_back=topic is not None and topic.asked_back)

    def _chosen(self, title: str, router: Router) -> Understood:
        """The entry with this question."""
        look = self.looker.look(title)
        route = self._decide(look, router, None)
        named = [one for one in route.ranked if normalise(title) in _titles(one.entry)]
        if named and (route.sent is None or route.sent.entry.id != named[0].entry.id):
            route = replace(route, kind=RouteKind.ANSWER, sent=named[0], intent=None)
        return Understood(look, Manner.CHOICE, replace(route, rule="chosen among the questions that were offered"))

    def _rejected(self, topic: Topic, router: Router) -> Understood:
        """What else the message before may have meant, or that nothing was found."""
        look = self.looker.look(topic.message)
        route = self._decide(look, router, None)
        seen = set(map(normalise, topic.offered))
        others = tuple(one for one in route.ranked if one.entry.id not in topic.sent and not seen & _titles(one.entry))
        likely = tuple(one for one in others if one.probability >= router.model.clarify)
        kind = RouteKind.CLARIFY if likely and not topic.asked_back else RouteKind.DECLINE
        rule = "the last answer was not what was wanted: " + ("others may be" if likely else "no other entry is likely")
        return Understood(look, Manner.REJECTION, Route(kind, None, likely or others, rule=rule))


def reading_evidence(leaning: Leaning, alone: Understood, joined: Understood, topic: Topic) -> dict[str, float]:
    """What speaks for reading a message for itself or on its topic."""
    one, other = alone.route.sent, joined.route.sent
    best = joined.route.ranked[0] if joined.route.ranked else None
    intents = {scored.entry.intent for scored in joined.route.ranked if scored.entry.id in topic.sent}
    return context_evidence(
        leaning,
        certainty(alone),
        certainty(joined),
        same=bool(one and other and one.entry.id == other.entry.id),
        near=best is not None and best.entry.intent in intents,
    )


def certainty(read: Understood) -> float:
    """How sure it is what to do, 0 to 1: of the best entry, or of an intent that needs none."""
    best = read.route.ranked[0].probability if read.route.ranked else 0.0
    prediction = read.look.prediction
    return max(best, prediction.confidence) if read.route.intent and prediction else best


def _is_complaint(route: Route) -> bool:
    return route.kind is RouteKind.HAND_OFF and not route.starts_hand_over


def _titles(entry: FAQEntry) -> set[str]:
    """An entry's titles in every language, as they are matched."""
    return {normalise(variant.title) for variant in entry.variants.values()}


def _not_asked_twice(read: Understood, topic: Topic) -> Understood:
    """Where the same questions would be offered again, it is said that nothing was found."""
    if read.route.kind is not RouteKind.CLARIFY or read.route.intent:
        return read
    seen = set(map(normalise, topic.offered))
    if all(seen & _titles(one.entry) for one in read.route.ranked[:OPTIONS]):
        return replace(read, route=replace(read.route, kind=RouteKind.DECLINE, rule=f"{read.route.rule}; the same was offered before"))
    return read


def _because(part: Understood, why: str) -> Understood:
    return replace(part, route=replace(part.route, rule=f"{part.route.rule}; {why}"))


def _separateness(left: Understood, right: Understood) -> tuple[bool, float]:
    """How well two halves ask for two entries: whether they do, and how sure the less sure one is."""
    one, other = left.route.sent, right.route.sent
    differ = bool(one and other and one.entry.id != other.entry.id)
    return differ, min(strength(left.route), strength(right.route))
