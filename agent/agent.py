"""One message in, one reply out: the pipeline, readable from top to bottom."""

import re
from concurrent.futures import ThreadPoolExecutor

from agent.composing import Composer
from agent.conversation import Conversation, ConversationState, IntentPrediction, Reply, RouteKind, Turn
from agent.conversation_log import ConversationLog
from agent.intent import IntentClassifier
from agent.language import Language, detect_language
from agent.privacy import Masker
from agent.release import Release
from agent.replying import ReplyWriter, Wording, reply_language
from agent.routing import Route, Router
from agent.shop import Shop
from agent.stopwatch import Stopwatch
from agent.texts import say
from knowledge_base.retrieval import Retriever

MAX_CHARACTERS = 4000  # longer messages are logged whole, and answered by asking for a shorter one
UNSTORABLE = re.compile(r"[\ud800-\udfff\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
WORD = re.compile(r"\w")


class CustomerServiceAgent:
    """Answers customers from FAQ entries.

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
        self.release = release
        self.classifier = classifier
        self.retriever = retriever
        self.router = Router(release.routing, release.intents)
        self.careful_router = Router(release.routing.careful(), release.intents)
        self.writer = ReplyWriter(shop, composer)
        self.masker = masker
        self.log = log
        self.shop = shop
        self._beside = ThreadPoolExecutor(thread_name_prefix="retrieve")

    def reply(self, conversation: Conversation, message: str) -> Turn:
        """Answer a customer's message and log both: the message before anything else, the reply before it is returned."""
        watch = Stopwatch()
        masked = self._mask(message)
        watch.lap("mask")
        turn_id = self.log.add_message(conversation.id, masked)
        last = self.log.last_reply(conversation.id)
        watch.lap("log")
        reply, starts_hand_over = self._answer(masked, last, watch)
        return self.log.add_reply(turn_id, reply, ConversationState.QUEUED if starts_hand_over else None)

    def request_person(self, conversation: Conversation, language: Language) -> Turn:
        """Log that the customer pressed "talk to a person", and tell them how to reach one."""
        watch = Stopwatch()
        turn_id = self.log.add_message(conversation.id, say("talk_to_person", reply_language(language)))
        wording = self.writer.hand_over(language)
        reply = self._assemble(RouteKind.HAND_OFF, wording, language, None, watch)
        return self.log.add_reply(turn_id, reply, ConversationState.QUEUED)

    def ask(self, message: str) -> Reply:
        """Answer a message outside any conversation; nothing is logged."""
        watch = Stopwatch()
        return self._answer(self._mask(message), None, watch)[0]

    def understand(self, message: str) -> tuple[IntentPrediction | None, Route]:
        """Return the intent and the decision on a message outside any conversation, with all ranked entries."""
        masked = self._mask(message)
        if _unreadable(masked):
            return None, Route(RouteKind.CLARIFY, None, ())
        return self._decide(masked, detect_language(masked), asked_back=False, watch=Stopwatch())

    def _mask(self, message: str) -> str:
        return self.masker.mask(UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", message))

    def _answer(self, masked: str, last: Reply | None, watch: Stopwatch) -> tuple[Reply, bool]:
        """The reply to a masked message, and whether it starts a hand-over."""
        language = detect_language(masked, fallback=last.language if last else "en")
        watch.lap("language")
        if unreadable := _unreadable(masked):
            return self._assemble(RouteKind.CLARIFY, self.writer.fixed(unreadable, language), language, None, watch), False
        prediction, route = self._decide(masked, language, asked_back=last is not None and last.route is RouteKind.CLARIFY, watch=watch)
        wording = self.writer.write(route, masked, language)
        watch.lap("compose")
        return self._assemble(route.kind, wording, language, prediction, watch), route.starts_hand_over

    def _decide(self, masked: str, language: Language, *, asked_back: bool, watch: Stopwatch) -> tuple[IntentPrediction | None, Route]:
        searching = self._beside.submit(self.retriever.search, masked)  # while this thread classifies
        prediction = self.classifier.predict([masked])[0] if self.classifier else None
        watch.lap("intent")
        candidates = searching.result()
        watch.lap("retrieve")
        router = self.router if language.is_served else self.careful_router
        route = router.route(prediction, candidates, self.retriever.index.repository.intents(), asked_back)
        watch.lap("route")
        return prediction, route

    def _assemble(
        self, kind: RouteKind, wording: Wording, language: Language, prediction: IntentPrediction | None, watch: Stopwatch
    ) -> Reply:
        return Reply(
            text=wording.text,
            language=reply_language(language),
            route=kind,
            intent=prediction,
            sources=wording.sources,
            suggestions=wording.suggestions,
            composed=wording.composed,
            offers_person=wording.offers_person,
            release=self.release.id,
            timings_ms=watch.result(),
        )


def _unreadable(message: str) -> str | None:
    """The name of what to say about a message that cannot be understood as it is; None for any other."""
    if not message.strip():
        return "empty"
    if len(message) > MAX_CHARACTERS:
        return "too_long"
    return None if WORD.search(message) else "no_words"
