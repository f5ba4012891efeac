"""What is to be done about a message, and the reply that comes of it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.context import TURNS, topic_of
from agent.conversation import Reason, Reply, RouteKind, Turn
from agent.errors import BusyError
from agent.language import Language, detect_language
from agent.replying import Wording, reply_language
from agent.routing import Route
from agent.serving import Serving
from agent.stopwatch import Stopwatch
from agent.understanding import Understood

CANDIDATES = 5  # that a reply's reasons name
MAX_CHARACTERS = 4000  # longer messages are logged whole, and answered by asking for a shorter one
WORD = re.compile(r"\w")


@dataclass(frozen=True)
class Decision:
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
    def intent(self) -> str | None:
        """The intent of a message with one question, where it is known."""
        if len(self.questions) != 1:
            return None
        route = self.questions[0].route
        return route.sent.entry.intent if route.sent else route.intent.id if route.intent else None


def decide(serving: Serving, masked: str, before: Sequence[Turn], watch: Stopwatch) -> Decision:
    """Decide what is to be done about a message.

    Args:
        serving: the release that decides.
        masked: the message, personal data masked.
        before: the turns before it that have a reply, oldest first.
        watch: is told when each step is done.
    """
    language = language_of(masked, before)
    watch.lap("language")
    if fixed := unreadable(masked):
        return Decision(language, RouteKind.CLARIFY, fixed=fixed)
    try:
        questions = serving.understand(masked, topic_of(before[-TURNS:]), language)
    except BusyError:
        return Decision(language, RouteKind.CLARIFY, fixed="busy")
    watch.lap("understand")
    return Decision(language, _kind([question.route for question in questions]), questions)


def language_of(masked: str, before: Sequence[Turn]) -> Language:
    """The language of a message, that of the last reply where it does not show one."""
    last = before[-1].reply if before else None
    return detect_language(masked, fallback=last.language if last else "en")


def unreadable(message: str) -> str | None:
    """The name of what to say about a message that cannot be understood as it is; None for any other."""
    if not message.strip():
        return "empty"
    if len(message) > MAX_CHARACTERS:
        return "too_long"
    return None if WORD.search(message) else "no_words"


def assemble(serving: Serving, decision: Decision, wording: Wording, watch: Stopwatch) -> Reply:
    """The reply, with all that explains it.

    Args:
        serving: the release that decided.
        decision: what was decided.
        wording: how it was worded.
        watch: was told of each step.
    """
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
        looked_up=wording.looked_up,
    )


def _kind(routes: Sequence[Route]) -> RouteKind:
    """The decision on a message: with two questions, the one that does more than answer."""
    return next((route.kind for route in routes if route.kind is not RouteKind.ANSWER), RouteKind.ANSWER)


def _reason(question: Understood) -> Reason:
    ranked = question.route.ranked[:CANDIDATES]
    candidates = tuple((one.entry.id, round(one.probability, 4)) for one in ranked)
    return Reason(question.look.text, question.manner, question.route.rule, candidates)
