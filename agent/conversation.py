"""The nouns of a conversation: what is predicted, decided, cited, replied and remembered."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class RouteKind(StrEnum):
    """What the router does with a message."""

    ANSWER = "answer"  # send the best entry
    CLARIFY = "clarify"  # ask back
    SOCIAL = "social"  # a short reply of its own
    DECLINE = "decline"  # say that the FAQ does not tell, and offer a person
    HAND_OFF = "hand_off"  # send the best entry, if one fits, and offer or start a hand-over
    PERSON = "person"  # keep quiet: a person answers


class ConversationState(StrEnum):
    """Who is answering."""

    BOT = "bot"
    QUEUED = "queued"  # the assistant, until a person takes over
    HUMAN = "human"  # a person
    CLOSED = "closed"  # nobody, until the customer writes again


@dataclass(frozen=True)
class IntentPrediction:
    """What the classifier makes of a message.

    Attributes:
        label: the most probable intent, or ``oos``.
        act: the intent's kind of act, None for ``oos``.
        confidence: the label's calibrated probability, 0 to 1.
        out_of_scope: the calibrated probability that no intent covers the message, 0 to 1.
        probabilities: of every intent, ``oos`` among them.
        entries: the probability, by id, that an entry is meant, of those that it was trained on; the log keeps the likely ones.
        is_rejected: whether ``oos`` is the label, or ``out_of_scope`` is too much for the intent that the message would have.
    """

    label: str
    act: str | None
    confidence: float
    out_of_scope: float
    probabilities: dict[str, float] = field(repr=False)
    entries: dict[str, float] = field(repr=False, default_factory=dict)
    is_rejected: bool = False


class Manner(StrEnum):
    """How a message was read in its conversation."""

    ALONE = "alone"  # for itself
    FOLLOW_UP = "follow_up"  # as a question on what was talked about
    CORRECTION = "correction"  # as what was meant before
    CHOICE = "choice"  # as one of the questions that were offered
    REJECTION = "rejection"  # as none of them, or not what was answered
    NOTE = "note"  # as nothing but that the answer was understood


@dataclass(frozen=True)
class Reason:
    """Why a message, or one of two questions in it, was answered as it was.

    Attributes:
        text: the message as it was matched, with what it was read on where it was no message for itself.
        manner: how it was read in its conversation.
        rule: the rule that decided, with its numbers.
        candidates: ids and probabilities, best first, of the entries that may answer.
    """

    text: str
    manner: Manner
    rule: str
    candidates: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class Source:
    """The version of an entry that a reply rests on.

    Attributes:
        id: the entry's.
        version: the entry's at the time.
        score: the probability, 0 to 1, that the entry answers the message.
        title: the entry's first question, in the reply's language where it has one.
    """

    id: str
    version: int
    score: float
    title: str


@dataclass(frozen=True)
class CheckedSentence:
    """A sentence that a language model wrote, and what the grounding check said of it.

    Attributes:
        text: the sentence.
        supported: whether it was sent.
        reason: see `agent.grounding.Verdict`.
        score: likewise.
    """

    text: str
    supported: bool
    reason: str
    score: float


@dataclass(frozen=True)
class Reply:
    """What the customer gets, and why.

    Attributes:
        text: Markdown.
        language: the language of the text, ``en`` or ``zh``.
        route: the router's decision.
        intent: None where the release has no classifier.
        sources: the entries that the text rests on, best first.
        suggestions: questions to tap: follow-ups, or what is asked back.
        composed: True if a language model wrote the text, False if it is the entry's own answer or a fixed text.
        offers_person: whether the reply offers or starts a hand-over.
        release: the release that decided.
        reasons: why, one for each question that was answered; empty for messages that were not read.
        timings_ms: milliseconds by step, and ``total``.
        checked: the sentences that a language model wrote, with the verdicts on them.
        stopped: whether the customer stopped it; the text is what had been shown.
        looked_up: whether the shop's own system gave the text, see `agent.look_ups`.
    """

    text: str
    language: str
    route: RouteKind
    intent: IntentPrediction | None
    sources: tuple[Source, ...]
    suggestions: tuple[str, ...]
    composed: bool
    offers_person: bool
    release: str
    timings_ms: dict[str, float]
    reasons: tuple[Reason, ...] = ()
    checked: tuple[CheckedSentence, ...] = ()
    stopped: bool = False
    looked_up: bool = False


@dataclass(frozen=True)
class Turn:
    """One logged message with its reply.

    Attributes:
        id: of the turn.
        message: the customer's words, personal data masked.
        reply: None while it is being made.
        feedback: 1 thumbs up, -1 thumbs down, None no feedback.
        created_at: when the message came in.
    """

    id: int
    message: str
    reply: Reply | None
    feedback: int | None
    created_at: datetime


@dataclass(frozen=True)
class Conversation:
    """A customer's conversation.

    Attributes:
        id: hard to guess.
        state: who is answering.
        title: the first message, shortened; empty while there is none.
        created_at: when it began.
        resolved: what the customer said last of whether an answer settled it; None while they said nothing, or took it back.
    """

    id: str
    state: ConversationState
    title: str
    created_at: datetime
    resolved: bool | None
