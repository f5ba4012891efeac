"""One message in, one reply out: the pipeline, readable from top to bottom."""

import re
from collections.abc import Callable, Generator, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from agent.composing import Composer
from agent.context import TURNS, Topic
from agent.conversation import Conversation, ConversationState, Reply, RouteKind, Turn
from agent.conversation_log import ConversationLog
from agent.decision import Decision, assemble, decide, language_of, unreadable
from agent.explaining import Explainer
from agent.handover.desk import Desk
from agent.handover.rules import HandOverReason, why_hand_over
from agent.intent import IntentClassifier
from agent.language import Language, detect_language
from agent.look_ups import LiveAnswers
from agent.looking import Looker
from agent.metrics import HAND_OVERS, InProgress, count_reply
from agent.piecewise import passed_on, whole
from agent.privacy import Masker
from agent.release import Release
from agent.replying import ReplyWriter, Wording, reply_language
from agent.serving import Serving
from agent.shop import Shop
from agent.stopwatch import Stopwatch
from agent.texts import hand_over_notice, say
from agent.understanding import Understood
from knowledge_base.retrieval import Retriever

EARLIER = 1  # turns that a language model is shown before the message
LOOKED_UP = {RouteKind.ANSWER, RouteKind.CLARIFY}  # decisions on messages whose intent is known, beside others
UNSTORABLE = re.compile(r"[\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


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
        live: asks the shop's own systems; None where there are none.
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
        live: LiveAnswers | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.serving = Serving.of(release, classifier, retriever)
        self.writer = ReplyWriter(shop, composer)
        self.masker = masker
        self.log = log
        self.shop, self.live = shop, live
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
                turn_id, assemble(serving, Decision(language_of(masked, before), RouteKind.PERSON), Wording(""), watch)
            )
        decision = decide(serving, masked, before, watch)
        why = why_hand_over(masked, decision.routes, [question.manner for question in decision.questions], before)
        notice = self._queue(conversation, why, reply_language(decision.language))
        shown: list[str] = []

        def note(piece: str) -> str:
            """Remember what went out."""
            shown.append(piece)
            return piece

        try:
            looked_up = self._look_up(conversation, message, decision)
            words = self._tell(looked_up, decision, notice) if looked_up else self._write(decision, masked, before, notice)
            wording = yield from passed_on(words, note)
        except GeneratorExit:
            wording = self.writer.stopped(decision.routes, "".join(shown), decision.language)
            self.log.add_reply(turn_id, replace(assemble(serving, decision, wording, watch), stopped=True))
            raise
        watch.lap("compose")
        reopened = ConversationState.BOT if conversation.state is ConversationState.CLOSED and not notice else None
        return self.log.add_reply(turn_id, assemble(serving, decision, wording, watch), reopened)

    def _look_up(self, conversation: Conversation, message: str, decision: Decision) -> str | None:
        """What the shop's own system says about a message, None where there is nothing to ask it, or it says nothing."""
        if self.live is None or decision.kind not in LOOKED_UP:
            return None
        customer = self.log.customer_of(conversation.id) or ""
        return self.live.answer(decision.intent, message, reply_language(decision.language), conversation.id, customer)

    def _tell(self, looked_up: str, decision: Decision, notice: str) -> Generator[str, None, Wording]:
        wording = self.writer.looked_up(looked_up, decision.language, notice)
        yield wording.text
        return wording

    def request_person(self, conversation: Conversation, language: Language) -> Turn:
        """Log that the customer pressed "talk to a person", and tell them what happens and when."""
        watch, serving = Stopwatch(), self.serving
        turn_id = self.log.add_message(conversation.id, say("talk_to_person", reply_language(language)))
        if conversation.state is ConversationState.HUMAN:
            return self.log.add_reply(turn_id, assemble(serving, Decision(language, RouteKind.PERSON), Wording(""), watch))
        notice = self._queue(conversation, HandOverReason.ASKED, reply_language(language))
        reply = assemble(serving, Decision(language, RouteKind.HAND_OFF), self.writer.hand_over(language, notice), watch)
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
        decision = decide(serving, masked, before, watch)
        why = why_hand_over(masked, decision.routes, [question.manner for question in decision.questions], before)
        notice = self._notice(why, reply_language(decision.language)) if why else ""
        wording = whole(self._write(decision, masked, before, notice))
        watch.lap("compose")
        reply = assemble(serving, decision, wording, watch)
        return Turn(len(before), masked, reply, None, datetime.now(UTC)), reply

    def understand(self, message: str, topic: Topic | None = None) -> list[Understood]:
        """Return how a message is read and the decision on each question in it, with all ranked entries; none if it cannot be read."""
        masked = self._mask(message)
        if unreadable(masked):
            return []
        return self.serving.understand(masked, topic, detect_language(masked))

    def _mask(self, message: str) -> str:
        return self.masker.mask(UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", message))

    def _write(self, decision: Decision, masked: str, before: Sequence[Turn], notice: str) -> Generator[str, None, Wording]:
        """Word what was decided."""
        if decision.fixed:
            wording = self.writer.fixed(decision.fixed, decision.language)
            yield wording.text
            return wording
        earlier = [(turn.message, turn.reply.text) for turn in before[-EARLIER:] if turn.reply]
        return (yield from self.writer.stream(decision.routes, masked, decision.language, earlier, notice))
