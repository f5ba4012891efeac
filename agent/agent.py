"""One message in, one reply out: the pipeline, readable from top to bottom."""

import re
from collections.abc import Generator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from agent.composing import Composer
from agent.context import TURNS, Topic, topic_of
from agent.conversation import Conversation, ConversationState, Reason, Reply, RouteKind, Turn
from agent.conversation_log import ConversationLog
from agent.errors import BusyError
from agent.explaining import Explainer
from agent.intent import IntentClassifier
from agent.language import Language, detect_language
from agent.looking import Looker
from agent.piecewise import passed_on, whole
from agent.privacy import Masker
from agent.release import Release
from agent.replying import ReplyWriter, Wording, reply_language
from agent.routing import Route
from agent.serving import Serving
from agent.shop import Shop
from agent.stopwatch import Stopwatch
from agent.texts import say
from agent.understanding import Understood
from knowledge_base.retrieval import Retriever

EARLIER = 1  # turns that a language model is shown before the message
CANDIDATES = 5  # that a reply's reasons name
MAX_CHARACTERS = 4000  # longer messages are logged whole, and answered by asking for a shorter one
UNSTORABLE = re.compile(r"[\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
WORD = re.compile(r"\w")


class CustomerServiceAgent:
    """Answers customers from FAQ entries.

    What belongs to a release can be swapped while it answers, see `serve`.

    Args:
        release: names what was learned together; every reply carries its id.
        classifier: None where the release has none.
        retriever: finds entries.
        composer: writes the answer.
        masker: takes personal data out before anything is stored, prompted or trained on.
        log: keeps every turn.
        shop: the name card.

    Example:
        >>> conversation = agent.log.start(customer="a-secret")
        >>> agent.reply(conversation, "how long does delivery take?").reply.sources[0].id
        'delivery-standard'
    """

    def __init__(
        self,
        release: Release,
        classifier: IntentClassifier | None,
        retriever: Retriever,
        composer: Composer,
        masker: Masker,
        log: ConversationLog,
        shop: Shop,
    ) -> None:
        self.serving = Serving.of(release, classifier, retriever)
        self.writer = ReplyWriter(shop, composer)
        self.masker = masker
        self.log = log
        self.shop = shop

    def serve(self, serving: Serving) -> None:
        """Answer with this release from the next request on; those in progress keep theirs."""
        self.serving = serving

    @property
    def release(self) -> Release:
        """The release in service."""
        return self.serving.release

    @property
    def looker(self) -> Looker:
        """What classifies and searches with the release in service."""
        return self.serving.looker

    @property
    def retriever(self) -> Retriever:
        """What finds entries for the release in service."""
        return self.serving.retriever

    @property
    def explainer(self) -> Explainer:
        """What says why, by the release in service."""
        return self.serving.explainer

    def reply(self, conversation: Conversation, message: str) -> Turn:
        """Answer a customer's message and log both: the message before anything else, the reply before it is returned."""
        return whole(self.stream(conversation, message))

    def stream(self, conversation: Conversation, message: str) -> Generator[str, None, Turn]:
        """As `reply`, yielding the reply's text in pieces that may be shown.

        Closing the generator stops the work; what had been shown by then is logged as the reply.
        """
        watch, serving = Stopwatch(), self.serving
        masked = self._mask(message)
        watch.lap("mask")
        turn_id = self.log.add_message(conversation.id, masked)
        before = self.log.answered_turns(conversation.id, TURNS)
        watch.lap("log")
        decision = self._decide(serving, masked, before, watch)
        shown: list[str] = []

        def note(piece: str) -> str:
            """Remember what went out."""
            shown.append(piece)
            return piece

        try:
            wording = yield from passed_on(self._write(decision, masked, before), note)
        except GeneratorExit:
            wording = self.writer.stopped(decision.routes, "".join(shown), decision.language)
            self.log.add_reply(turn_id, replace(_assemble(serving, decision, wording, watch), stopped=True))
            raise
        watch.lap("compose")
        return self.log.add_reply(turn_id, _assemble(serving, decision, wording, watch), decision.new_state)

    def request_person(self, conversation: Conversation, language: Language) -> Turn:
        """Log that the customer pressed "talk to a person", and tell them how to reach one."""
        watch, serving = Stopwatch(), self.serving
        turn_id = self.log.add_message(conversation.id, say("talk_to_person", reply_language(language)))
        decision = _Decision(language, RouteKind.HAND_OFF)
        reply = _assemble(serving, decision, self.writer.hand_over(language), watch)
        return self.log.add_reply(turn_id, reply, ConversationState.QUEUED)

    def ask(self, message: str) -> Reply:
        """Answer a message outside any conversation; nothing is logged."""
        return self.rehearse(message, ())[1]

    def rehearse(self, message: str, before: Sequence[Turn]) -> tuple[Turn, Reply]:
        """Answer a message in a conversation that is in no log. Returns the turn, and its reply.

        Args:
            message: the customer's.
            before: the turns so far, oldest first.
        """
        watch, serving = Stopwatch(), self.serving
        masked = self._mask(message)
        decision = self._decide(serving, masked, before, watch)
        wording = whole(self._write(decision, masked, before))
        watch.lap("compose")
        reply = _assemble(serving, decision, wording, watch)
        return Turn(len(before), masked, reply, None, datetime.now(UTC)), reply

    def understand(self, message: str, topic: Topic | None = None) -> list[Understood]:
        """Return how a message is read and the decision on each question in it, with all ranked entries; none if it cannot be read."""
        masked = self._mask(message)
        if _unreadable(masked):
            return []
        return self.serving.understand(masked, topic, detect_language(masked))

    def _mask(self, message: str) -> str:
        return self.masker.mask(UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", message))

    def _decide(self, serving: Serving, masked: str, before: Sequence[Turn], watch: Stopwatch) -> "_Decision":
        """What is to be done about a masked message after these turns."""
        last = before[-1].reply if before else None
        language = detect_language(masked, fallback=last.language if last else "en")
        watch.lap("language")
        if unreadable := _unreadable(masked):
            return _Decision(language, RouteKind.CLARIFY, fixed=unreadable)
        try:
            questions = serving.understand(masked, topic_of(before[-TURNS:]), language)
        except BusyError:
            return _Decision(language, RouteKind.CLARIFY, fixed="busy")
        watch.lap("understand")
        return _Decision(language, _kind([question.route for question in questions]), questions)

    def _write(self, decision: "_Decision", masked: str, before: Sequence[Turn]) -> Generator[str, None, Wording]:
        """Word what was decided."""
        if decision.fixed:
            wording = self.writer.fixed(decision.fixed, decision.language)
            yield wording.text
            return wording
        earlier = [(turn.message, turn.reply.text) for turn in before[-EARLIER:] if turn.reply]
        return (yield from self.writer.stream(decision.routes, masked, decision.language, earlier))


@dataclass(frozen=True)
class _Decision:
    """What is to be done about a message.

    Attributes:
        language: the message's.
        kind: of all that is done.
        questions: as they were understood, each with its route.
        fixed: the name of one of the assistant's own sentences, where nothing was understood.
    """

    language: Language
    kind: RouteKind
    questions: Sequence[Understood] = ()
    fixed: str = ""

    @property
    def routes(self) -> list[Route]:
        """The decision on each question."""
        return [question.route for question in self.questions]

    @property
    def new_state(self) -> ConversationState | None:
        """What the conversation becomes, None if it stays as it is."""
        return ConversationState.QUEUED if any(route.starts_hand_over for route in self.routes) else None


def _assemble(serving: Serving, decision: _Decision, wording: Wording, watch: Stopwatch) -> Reply:
    questions = decision.questions
    return Reply(
        text=wording.text,
        language=reply_language(decision.language),
        route=decision.kind,
        intent=questions[0].look.prediction if questions else None,
        sources=wording.sources,
        suggestions=wording.suggestions,
        composed=wording.composed,
        offers_person=wording.offers_person,
        release=serving.release.id,
        reasons=tuple(_reason(question) for question in questions),
        timings_ms=watch.result(),
        checked=wording.checked,
    )


def _kind(routes: Sequence[Route]) -> RouteKind:
    """The decision on a message: with two questions, the one that does more than answer."""
    return next((route.kind for route in routes if route.kind is not RouteKind.ANSWER), RouteKind.ANSWER)


def _reason(question: Understood) -> Reason:
    ranked = question.route.ranked[:CANDIDATES]
    candidates = tuple((one.entry.id, round(one.probability, 4)) for one in ranked)
    return Reason(question.look.text, question.manner, question.route.rule, candidates)


def _unreadable(message: str) -> str | None:
    """The name of what to say about a message that cannot be understood as it is; None for any other."""
    if not message.strip():
        return "empty"
    if len(message) > MAX_CHARACTERS:
        return "too_long"
    return None if WORD.search(message) else "no_words"
