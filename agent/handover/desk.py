"""Where conversations wait for people, and people answer them."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from agent.conversation import ConversationState
from agent.conversation_log import ConversationRow
from agent.errors import HandOverError
from agent.handover.events import Event, EventKind
from agent.handover.rules import HandOverReason
from agent.handover.tables import EventRow, HandOverRow
from knowledge_base.database import Database

LONGEST = 4000  # characters of a person's message


@dataclass(frozen=True)
class HandedOver:
    """A conversation that waits for a person, or has one.

    Attributes:
        conversation_id: which.
        title: its first message.
        state: ``queued`` or ``human``.
        reason: why it was queued.
        queued_at: when.
        person: who answers, None while it waits.
    """

    conversation_id: str
    title: str
    state: ConversationState
    reason: HandOverReason
    queued_at: datetime
    person: str | None


class Desk:
    """Moves conversations: bot -> queued -> human -> closed, and back to the bot. Every change is an event.

    Args:
        database: where conversations live.

    Example:
        >>> desk.queue(conversation.id, HandOverReason.ASKED)
        True
        >>> desk.take(conversation.id, "lin")
        >>> desk.say(conversation.id, "lin", "Good morning, I have your parcel in front of me.")
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def queue(self, conversation_id: str, reason: HandOverReason) -> bool:
        """Have a conversation wait for a person. Returns whether it did not already, or had one."""
        with self.database.transaction() as connection:
            if _state(connection, conversation_id) in {ConversationState.QUEUED, ConversationState.HUMAN}:
                return False
            connection.execute(delete(HandOverRow).where(HandOverRow.conversation_id == conversation_id))
            connection.execute(insert(HandOverRow).values(conversation_id=conversation_id, reason=reason, queued_at=datetime.now(UTC)))
            _move(connection, conversation_id, ConversationState.QUEUED)
            tell(connection, conversation_id, EventKind.QUEUED, text=reason)
        return True

    def take(self, conversation_id: str, person: str) -> None:
        """Have a person answer from now on; the assistant keeps quiet.

        Raises:
            HandOverError: somebody else answers already, or there is no such conversation.
        """
        with self.database.transaction() as connection:
            known = connection.execute(select(HandOverRow.__table__).where(HandOverRow.conversation_id == conversation_id)).one_or_none()
            if known and known.person == person:
                return
            if known and known.person:
                raise HandOverError(f"{known.person} is answering this conversation already.")
            if known is None:
                values = {"conversation_id": conversation_id, "reason": HandOverReason.ASKED, "queued_at": datetime.now(UTC)}
                _state(connection, conversation_id)
                connection.execute(insert(HandOverRow).values(values))
            connection.execute(update(HandOverRow).where(HandOverRow.conversation_id == conversation_id).values(person=person))
            _move(connection, conversation_id, ConversationState.HUMAN)
            tell(connection, conversation_id, EventKind.TAKEN, person)

    def say(self, conversation_id: str, person: str, text: str) -> Event:
        """Tell the customer something.

        Raises:
            HandOverError: the person is not in charge, or the text is empty or too long.
        """
        if not text.strip() or len(text) > LONGEST:
            raise HandOverError(f"A message has 1 to {LONGEST} characters.")
        with self.database.transaction() as connection:
            self._in_charge(connection, conversation_id, person)
            return tell(connection, conversation_id, EventKind.MESSAGE, person, text.strip())

    def give_back(self, conversation_id: str, person: str) -> None:
        """Let the assistant answer again.

        Raises:
            HandOverError: the person is not in charge.
        """
        self._end(conversation_id, person, ConversationState.BOT, EventKind.RETURNED)

    def close(self, conversation_id: str, person: str) -> None:
        """End a conversation; when the customer writes again, the assistant answers.

        Raises:
            HandOverError: the person is not in charge.
        """
        self._end(conversation_id, person, ConversationState.CLOSED, EventKind.CLOSED)

    def handed_over(self) -> list[HandedOver]:
        """The conversations that wait, longest first, and those that somebody answers."""
        query = (
            select(HandOverRow.__table__, ConversationRow.title, ConversationRow.state)
            .join(ConversationRow, ConversationRow.id == HandOverRow.conversation_id)
            .order_by(HandOverRow.queued_at, HandOverRow.conversation_id)
        )
        with self.database.reading() as connection:
            return [_handed_over(row) for row in connection.execute(query).all()]

    def find(self, conversation_id: str) -> HandedOver | None:
        """How it stands with one conversation, None if it neither waits nor has a person."""
        return next((one for one in self.handed_over() if one.conversation_id == conversation_id), None)

    def ahead(self, conversation_id: str) -> int:
        """How many conversations wait longer than this one."""
        own = select(HandOverRow.queued_at).where(HandOverRow.conversation_id == conversation_id).scalar_subquery()
        query = select(func.count()).select_from(HandOverRow).where(HandOverRow.person.is_(None), HandOverRow.queued_at < own)
        with self.database.reading() as connection:
            return connection.execute(query).scalar_one()

    def events(self, conversation_id: str | None, after: int = 0, limit: int | None = None) -> list[Event]:
        """What happened, oldest first.

        Args:
            conversation_id: in which conversation; None for all.
            after: only what came after the event with this id.
            limit: how many at most; None for all.
        """
        query = select(EventRow.__table__).where(EventRow.id > after).order_by(EventRow.id).limit(limit)
        if conversation_id is not None:
            query = query.where(EventRow.conversation_id == conversation_id)
        with self.database.reading() as connection:
            return [_event(row) for row in connection.execute(query).all()]

    def newest_event(self) -> int:
        """The id of the newest event of all, 0 where there is none."""
        with self.database.reading() as connection:
            return connection.execute(select(func.max(EventRow.id))).scalar() or 0

    def _end(self, conversation_id: str, person: str, state: ConversationState, kind: EventKind) -> None:
        with self.database.transaction() as connection:
            self._in_charge(connection, conversation_id, person)
            connection.execute(delete(HandOverRow).where(HandOverRow.conversation_id == conversation_id))
            _move(connection, conversation_id, state)
            tell(connection, conversation_id, kind, person)

    @staticmethod
    def _in_charge(connection: Connection, conversation_id: str, person: str) -> None:
        known = connection.execute(select(HandOverRow.person).where(HandOverRow.conversation_id == conversation_id)).scalar_one_or_none()
        if known != person:
            raise HandOverError(f"{known} is answering this conversation." if known else "Take the conversation over first.")


def _state(connection: Connection, conversation_id: str) -> ConversationState:
    state = connection.execute(select(ConversationRow.state).where(ConversationRow.id == conversation_id)).scalar_one_or_none()
    if state is None:
        raise HandOverError("There is no such conversation.")
    return ConversationState(state)


def _move(connection: Connection, conversation_id: str, state: ConversationState) -> None:
    connection.execute(update(ConversationRow).where(ConversationRow.id == conversation_id).values(state=state))


def tell(connection: Connection, conversation_id: str, kind: EventKind, author: str = "", text: str = "") -> Event:
    """Write down that something happened, in the transaction in which it does."""
    values = {"conversation_id": conversation_id, "at": datetime.now(UTC), "kind": kind, "author": author, "text": text}
    event_id = connection.execute(insert(EventRow).values(values).returning(EventRow.id)).scalar_one()
    return Event(id=event_id, **values)  # type: ignore[arg-type]


def _event(row: Row[Any]) -> Event:
    return Event(row.id, row.conversation_id, row.at, EventKind(row.kind), row.author, row.text)


def _handed_over(row: Row[Any]) -> HandedOver:
    state, reason = ConversationState(row.state), HandOverReason(row.reason)
    return HandedOver(row.conversation_id, row.title, state, reason, row.queued_at, row.person)
