"""What the log says about each turn: what was decided, and what the customer did about it."""

from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, select

from agent.conversation import Manner, RouteKind
from agent.conversation_log import ConversationRow, TurnRow
from agent.handover.events import SETTLED, EventKind
from agent.handover.tables import EventRow
from knowledge_base.database import Database
from knowledge_base.encoder import TextEncoder
from training.log_pages import REPLY, SOON, asks_for_person, language_of, log_pages
from training.review.rephrasing import Rephrasing

PAGE = 1000  # turns
AT_ONCE = 500  # conversations in one query

COLUMNS = (
    *(TurnRow.id, TurnRow.conversation_id, TurnRow.created_at, TurnRow.message, TurnRow.feedback, ConversationRow.customer),
    REPLY["route"].as_string().label("route"),
    REPLY["language"].as_string().label("language"),
    REPLY["release"].as_string().label("release"),
    REPLY["looked_up"].as_boolean().label("looked_up"),
    REPLY["sources"].label("sources"),
    REPLY[("intent", "label")].as_string().label("label"),
    REPLY[("intent", "act")].as_string().label("act"),
    REPLY[("intent", "confidence")].as_float().label("confidence"),
    REPLY[("intent", "out_of_scope")].as_float().label("out_of_scope"),
    REPLY[("intent", "is_rejected")].as_boolean().label("is_rejected"),
    REPLY[("intent", "probabilities")].label("probabilities"),
    REPLY[("reasons", 0, "manner")].as_string().label("manner"),
    REPLY[("reasons", 0, "candidates", 0, 0)].as_string().label("retrieved"),
)


class Signal(StrEnum):
    """Something that tells whether a message was understood. What a customer does counts for a day, and until their next question."""

    THUMB_UP = "thumb_up"
    THUMB_DOWN = "thumb_down"
    RESOLVED = "resolved"  # asked whether that was it, the customer said yes
    NOT_RESOLVED = "not_resolved"  # and no
    REPHRASED = "rephrased"  # the next question says the same in other words, see `Rephrasing`; what was tapped is no such one
    HANDED_OVER = "handed_over"  # the conversation was put in line for a person, or the reply was how to reach one
    ABANDONED = "abandoned"  # it was asked back or declined, nobody else was to answer, and nothing came after
    DECLINED = "declined"
    ASKED_BACK = "asked_back"
    REJECTED = "rejected"  # the customer's next words were that it was not that


THUMBS = {1: Signal.THUMB_UP, -1: Signal.THUMB_DOWN}
HELPLESS: dict[str, Signal] = {RouteKind.DECLINE: Signal.DECLINED, RouteKind.CLARIFY: Signal.ASKED_BACK}


@dataclass(frozen=True)
class LoggedTurn:
    """A message that the assistant read, and what became of it.

    Attributes:
        turn_id: of the turn.
        conversation_id: where.
        customer: whose.
        message: as logged, personal data masked.
        language: the message's, two letters.
        at: when it came in.
        release: the release that read it.
        label: the predicted intent, or ``oos``; None where the release has no classifier.
        confidence: the label's probability, 0 to 1; 0 where there is none.
        out_of_scope: the probability that no intent covers the message, 0 to 1; 0 where there is none.
        is_rejected: whether the message was taken for out of scope.
        probabilities: of every intent, ``oos`` among them; empty where the release has no classifier.
        route: what was done.
        sent: ids of the entries that the reply rests on, best first.
        retrieved: id of the entry that was likeliest to answer, None where none was found.
        manner: how it was read in its conversation.
        looked_up: whether the shop's own system gave the reply.
        signals: what tells whether it was understood. Requests for a person, courtesy and mere answers have thumbs at most.
    """

    turn_id: int
    conversation_id: str
    customer: str
    message: str
    language: str
    at: datetime
    release: str
    label: str | None
    confidence: float
    out_of_scope: float
    is_rejected: bool
    probabilities: Mapping[str, float] = field(repr=False)
    route: RouteKind
    sent: tuple[str, ...]
    retrieved: str | None
    manner: Manner
    looked_up: bool
    signals: frozenset[Signal]


@dataclass
class _Read:
    """A message that was read, while its conversation may go on.

    Attributes:
        row: as logged.
        next: the next question of the conversation.
        went_on: whether anything came after.
        rejected: whether it was said that it was not that.
    """

    row: Row[Any]
    next: Row[Any] | None = None
    went_on: bool = False
    rejected: bool = False

    def go_on(self, row: Row[Any]) -> None:
        """Take in the next turn of the conversation, if it comes soon."""
        if row.created_at - self.row.created_at > SOON:
            return
        self.went_on = True
        self.rejected = self.rejected or row.manner == Manner.REJECTION
        self.next = row if _is_question(row) else self.next

    def is_done(self, old: datetime) -> bool:
        """Whether nothing more is to come; what came before a moment is old."""
        return not _is_question(self.row) or self.next is not None or self.row.created_at < old


def logged_turns(database: Database, encoder: TextEncoder, since: datetime, *, after: int = 0) -> Iterator[LoggedTurn]:
    """Read the log page by page, oldest turn first.

    A turn is given out once its conversation has gone on with another question, a day has passed, or the log is at its end; so about
    a day's turns are held at most, and the signals of the last day's turns may not be complete. Left out is what the assistant did not
    read: messages without words or too long, those that came while it was overloaded, the button that asks for a person, and what was
    said to one.

    Args:
        database: where the log is.
        encoder: tells whether a question says the same as the one before.
        since: from when on.
        after: only turns after the one with this id.

    Example:
        >>> for turn in logged_turns(database, encoder, datetime.now(UTC) - timedelta(days=7)):
        ...     if Signal.REPHRASED in turn.signals:
        ...         print(turn.message, turn.label, turn.confidence)
        when is it coming delivery_time 0.61
    """
    rephrasing = Rephrasing(encoder)
    waiting: deque[_Read] = deque()
    newest: dict[str, _Read] = {}  # question of each conversation
    for page in log_pages(database, COLUMNS, since, PAGE, after):
        for row in page:
            if before := newest.get(row.conversation_id):
                before.go_on(row)
            if row.manner is None or row.route == RouteKind.PERSON:
                continue
            waiting.append(read := _Read(row))
            if _is_question(read.row):
                newest[row.conversation_id] = read
        old = page[-1].created_at - SOON
        newest = {one: read for one, read in newest.items() if read.row.created_at >= old}
        done = []
        while waiting and waiting[0].is_done(old):
            done.append(waiting.popleft())
        yield from _told(database, rephrasing, done)
    yield from _told(database, rephrasing, waiting)


def _is_question(row: Row[Any]) -> bool:
    is_read = row.manner is not None and row.manner not in {Manner.REJECTION, Manner.NOTE}
    return is_read and row.route not in {RouteKind.SOCIAL, RouteKind.PERSON} and not asks_for_person(row)


def _told(database: Database, rephrasing: Rephrasing, done: Collection[_Read]) -> Iterator[LoggedTurn]:
    """Messages with what came after them."""
    events = _events(database, sorted({read.row.conversation_id for read in done if _is_question(read.row)}))
    typed = [read for read in done if read.next is not None and read.next.manner != Manner.CHOICE]
    same = rephrasing.say_the_same([(read.row.message, read.next.message) for read in typed if read.next])
    rephrased = {read.row.id for read, is_same in zip(typed, same, strict=True) if is_same}
    for read in done:
        signals = {THUMBS[read.row.feedback]} if read.row.feedback else set[Signal]()
        if _is_question(read.row):
            signals |= _signals(read, events[read.row.conversation_id])
            signals |= {Signal.REPHRASED} if read.row.id in rephrased else set()
        yield _logged(read.row, frozenset(signals))


def _events(database: Database, conversations: Sequence[str]) -> defaultdict[str, list[Row[Any]]]:
    """What customers said of the answers, and when they were put in line for a person, oldest first, by conversation."""
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for start in range(0, len(conversations), AT_ONCE):
        query = (
            select(EventRow.__table__)
            .where(EventRow.conversation_id.in_(conversations[start : start + AT_ONCE]))
            .where(EventRow.kind.in_([EventKind.QUEUED, EventKind.RESOLUTION]))
            .order_by(EventRow.id)
        )
        with database.reading() as connection:
            for row in connection.execute(query).all():
                found[row.conversation_id].append(row)
    return found


def _signals(read: _Read, events: Sequence[Row[Any]]) -> set[Signal]:
    """What tells whether a question was understood, but for thumbs and other words for the same."""
    row, found = read.row, set[Signal]()
    end = read.next.created_at if read.next is not None else row.created_at + SOON
    later = [event for event in events if row.created_at <= event.at < end]
    said = [event.text for event in later if event.kind == EventKind.RESOLUTION]
    if said and said[-1]:
        found.add(Signal.RESOLVED if said[-1] == SETTLED[True] else Signal.NOT_RESOLVED)
    if row.route == RouteKind.HAND_OFF or any(event.kind == EventKind.QUEUED for event in later):
        found.add(Signal.HANDED_OVER)
    if read.rejected:
        found.add(Signal.REJECTED)
    if row.route in HELPLESS and not row.looked_up:
        found.add(HELPLESS[row.route])
        if not read.went_on and Signal.HANDED_OVER not in found and datetime.now(UTC) - row.created_at >= SOON:
            found.add(Signal.ABANDONED)
    return found


def _logged(row: Row[Any], signals: frozenset[Signal]) -> LoggedTurn:
    return LoggedTurn(
        turn_id=row.id,
        conversation_id=row.conversation_id,
        customer=row.customer,
        message=row.message,
        language=language_of(row),
        at=row.created_at,
        release=row.release,
        label=row.label,
        confidence=row.confidence or 0.0,
        out_of_scope=row.out_of_scope or 0.0,
        is_rejected=bool(row.is_rejected),
        probabilities=row.probabilities or {},
        route=RouteKind(row.route),
        sent=tuple(source["id"] for source in row.sources),
        retrieved=row.retrieved,
        manner=Manner(row.manner),
        looked_up=bool(row.looked_up),
        signals=signals,
    )
