"""One message in, one reply out: the pipeline, readable from top to bottom."""

import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from agent.composing import Composer
from agent.context import TURNS, Topic, topic_of
from agent.conversation import Conversation, ConversationState, Reason, Reply, RouteKind, Turn
from agent.conversation_log import ConversationLog
from agent.errors import BusyError
from agent.explaining import Explainer
from agent.handover.desk import Desk
from agent.handover.rules import HandOverReason, why_hand_over
from agent.intent import IntentClassifier
from agent.language import Language, detect_language
from agent.looking import Looker
from agent.metrics import HAND_OVERS, InProgress, count_reply
from agent.piecewise import passed_on, whole
from agent.privacy import Masker
from agent.release import Release
from agent.replying import ReplyWriter, Wording, reply_language
from agent.routing import Route
from agent.serving import Serving
from agent.shop import Shop
from agent.stopwatch import Stopwatch
from agent.texts import hand_over_notice, say
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
        clock: tells the time, in UTC.

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
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.serving = Serving.of(release, classifier, retriever)
        self.writer = ReplyWriter(shop, composer)
        self.masker = masker
        self.log = log
        self.shop = shop
        self.desk = Desk(log.database)
        self.clock = clock
        self.in_progress = InProgress()

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

        Raises:
            ErasedError: the conversation is no longer there.
        """
        with self.in_progress:
            turn = yield from self._stream(conversation, message)
        count_reply(turn)
        return turn

    def _stream(self, conversation: Conversation, message: str) -> Generator[str, None, Turn]:
        watch, serving = Stopwatch(), self.serving
        masked = self._mask(message)
        watch.lap("mask")
        turn_id = self.log.add_message(conversation.id, masked)
        before = self.log.answered_turns(conversation.id, TURNS)
        watch.lap("log")
        if conversation.state is ConversationState.HUMAN:
            return self.log.add_reply(
                turn_id, _assemble(serving, _Decision(_language(masked, before), RouteKind.PERSON), Wording(""), watch)
            )
        decision = self._decide(serving, masked, before, watch)
        why = why_hand_over(masked, decision.routes, [question.manner for question in decision.questions], before)
        notice = self._queue(conversation, why, reply_language(decision.language))
        shown: list[str] = []

        def note(piece: str) -> str:
            """Remember what went out."""
            shown.append(piece)
            return piece

        try:
            wording = yield from passed_on(self._write(decision, masked, before, notice), note)
        except GeneratorExit:
            wording = self.writer.stopped(decision.routes, "".join(shown), decision.language)
            self.log.add_reply(turn_id, replace(_assemble(serving, decision, wording, watch), stopped=True))
            raise
        watch.lap("compose")
        reopened = ConversationState.BOT if conversation.state is ConversationState.CLOSED and not notice else None
        return self.log.add_reply(turn_id, _assemble(serving, decision, wording, watch), reopened)

    def request_person(self, conversation: Conversation, language: Language) -> Turn:
        """Log that the customer pressed "talk to a person", and tell them what happens and when."""
        watch, serving = Stopwatch(), self.serving
        turn_id = self.log.add_message(conversation.id, say("talk_to_person", reply_language(language)))
        if conversation.state is ConversationState.HUMAN:
            return self.log.add_reply(turn_id, _assemble(serving, _Decision(language, RouteKind.PERSON), Wording(""), watch))
        notice = self._queue(conversation, HandOverReason.ASKED, reply_language(language))
        reply = _assemble(serving, _Decision(language, RouteKind.HAND_OFF), self.writer.hand_over(language, notice), watch)
        return self.log.add_reply(turn_id, reply)

    def _queue(self, conversation: Conversation, why: HandOverReason | None, language: str) -> str:
        """Have a conversation wait for a person, if there is a reason. Returns what the customer is told."""
        if why is None or (conversation.state is ConversationState.QUEUED and why is not HandOverReason.ASKED):
            return ""  # who waits already is not told so with every reply
        again = not self.desk.queue(conversation.id, why)
        if not again:
            HAND_OVERS.labels(why).inc()
        return self._notice(why, language, ahead=self.desk.ahead(conversation.id), again=again)

    def _notice(self, why: HandOverReason, language: str, *, ahead: int = 0, again: bool = False) -> str:
        notice = hand_over_notice(self.shop, language, ahead=ahead, now=self.clock(), again=again)
        gap = " " if language == "en" else ""
        return notice if why is HandOverReason.ASKED else say(why, language) + gap + notice

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
        why = why_hand_over(masked, decision.routes, [question.manner for question in decision.questions], before)
        notice = self._notice(why, reply_language(decision.language)) if why else ""
        wording = whole(self._write(decision, masked, before, notice))
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
        language = _language(masked, before)
        watch.lap("language")
        if unreadable := _unreadable(masked):
            return _Decision(language, RouteKind.CLARIFY, fixed=unreadable)
        try:
            questions = serving.understand(masked, topic_of(before[-TURNS:]), language)
        except BusyError:
            return _Decision(language, RouteKind.CLARIFY, fixed="busy")
        watch.lap("understand")
        return _Decision(language, _kind([question.route for question in questions]), questions)

    def _write(self, decision: "_Decision", masked: str, before: Sequence[Turn], notice: str) -> Generator[str, None, Wording]:
        """Word what was decided."""
        if decision.fixed:
            wording = self.writer.fixed(decision.fixed, decision.language)
            yield wording.text
            return wording
        earlier = [(turn.message, turn.reply.text) for turn in before[-EARLIER:] if turn.reply]
        return (yield from self.writer.stream(decision.routes, masked, decision.language, earlier, notice))


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


def _language(masked: str, before: Sequence[Turn]) -> Language:
    """The language of a message, that of the last reply where it does not show one."""
    last = before[-1].reply if before else None
    return detect_language(masked, fallback=last.language if last else "en")


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
