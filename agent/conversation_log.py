"""Every turn, with what was decided and why. Only masked text comes in here."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import JSON, Boolean, ForeignKey, Index, Integer, Row, String, Text, delete, exists, func, insert, select, tuple_, update
from sqlalchemy.orm import Mapped, mapped_column

from agent.conversation import Conversation, ConversationState, Reply, Turn
from agent.errors import ErasedError
from agent.handover.events import SETTLED, EventKind
from agent.handover.tables import EventRow
from knowledge_base.database import SINGLE_USE_IDS, Database, Table, Timestamp
from knowledge_base.errors import StorageError

REPLIES = TypeAdapter(Reply)  # to and from JSON
TITLE_LENGTH = 40
ERASED_AT_ONCE = 200  # conversations in one transaction
LIKELY = 0.01  # entries that the classifier gives less are not kept


class ConversationRow(Table):
    """A customer's conversation."""

    __tablename__ = "conversations"
    __table_args__ = (Index("conversations_by_customer", "customer", "created_at"),)

    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    customer: Mapped[str] = mapped_column(String(64))
    state: Mapped[str] = mapped_column(String(16))
    title: Mapped[str] = mapped_column(String(TITLE_LENGTH + 1))
    created_at: Mapped[datetime] = mapped_column(Timestamp)
    resolved: Mapped[bool | None] = mapped_column(Boolean)


class TurnRow(Table):
    """A message, and the reply once there is one."""

    __tablename__ = "turns"
    __table_args__ = SINGLE_USE_IDS

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(Timestamp, index=True)
    message: Mapped[str] = mapped_column(Text)
    reply: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    feedback: Mapped[int | None] = mapped_column(Integer)


class ConversationLog:
    """Writes and reads conversations.

    Args:
        database: where they live.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def start(self, customer: str) -> Conversation:
        """Begin a conversation.

        Args:
            customer: what opens all their conversations: nothing that others can guess.
        """
        conversation = Conversation(secrets.token_hex(16), ConversationState.BOT, "", datetime.now(UTC), resolved=None)
        with self.database.transaction() as connection:
            connection.execute(
                insert(ConversationRow).values(
                    id=conversation.id, customer=customer, state=conversation.state, title="", created_at=conversation.created_at
                )
            )
        return conversation

    def conversations(self, customer: str, limit: int = 50, before: Conversation | None = None) -> list[Conversation]:
        """Return a customer's conversations that have a message, newest first.

        Args:
            customer: as it was started for.
            limit: how many at most.
            before: only those that are older than this one, to page through.
        """
        query = (
            select(ConversationRow.__table__)
            .where(ConversationRow.customer == customer, ConversationRow.title != "")
            .order_by(ConversationRow.created_at.desc(), ConversationRow.id.desc())
            .limit(limit)
        )
        if before:
            query = query.where(tuple_(ConversationRow.created_at, ConversationRow.id) < (before.created_at, before.id))
        with self.database.reading() as connection:
            return [_conversation(row) for row in connection.execute(query).all()]

    def find(self, customer: str, conversation_id: str) -> Conversation | None:
        """Return a conversation if it is this customer's."""
        query = select(ConversationRow.__table__).where(ConversationRow.id == conversation_id, ConversationRow.customer == customer)
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return _conversation(row) if row else None

    def turns(self, conversation_id: str, limit: int | None = None, after: int = 0) -> list[Turn]:
        """Return a conversation's turns, oldest first.

        Args:
            conversation_id: the conversation's.
            limit: how many at most; None for all.
            after: only those after the turn with this id, to page through.
        """
        query = (
            select(TurnRow.__table__)
            .where(TurnRow.conversation_id == conversation_id, TurnRow.id > after)
            .order_by(TurnRow.id)
            .limit(limit)
        )
        with self.database.reading() as connection:
            return [_turn(row) for row in connection.execute(query).all()]

    def answered_turns(self, conversation_id: str, limit: int) -> list[Turn]:
        """Return a conversation's newest turns that have a reply, oldest first."""
        query = (
            select(TurnRow.__table__)
            .where(TurnRow.conversation_id == conversation_id, TurnRow.reply.is_not(None))
            .order_by(TurnRow.id.desc())
            .limit(limit)
        )
        with self.database.reading() as connection:
            return [_turn(row) for row in connection.execute(query).all()][::-1]

    def add_message(self, conversation_id: str, message: str) -> int:
        """Commit a customer's message before anything is done about it. Returns the turn's id.

        Raises:
            ErasedError: the conversation is no longer there.
        """
        title = " ".join(message.split())
        title = title if len(title) <= TITLE_LENGTH else title[:TITLE_LENGTH] + "…"
        with self.database.transaction() as connection:
            known = connection.execute(select(ConversationRow.title).where(ConversationRow.id == conversation_id)).scalar_one_or_none()
            if known is None:
                raise ErasedError
            if not known:
                connection.execute(update(ConversationRow).where(ConversationRow.id == conversation_id).values(title=title or "…"))
            values = {"conversation_id": conversation_id, "created_at": datetime.now(UTC), "message": message}
            return int(connection.execute(insert(TurnRow).values(values).returning(TurnRow.id)).scalar_one())

    def add_reply(self, turn_id: int, reply: Reply, state: ConversationState | None = None) -> Turn:
        """Commit a reply, and the conversation's new state if it changes. Returns the whole turn.

        Raises:
            ErasedError: the conversation was erased while the reply was written.
        """
        with self.database.transaction() as connection:
            connection.execute(update(TurnRow).where(TurnRow.id == turn_id).values(reply=_document(reply)))
            row = connection.execute(select(TurnRow.__table__).where(TurnRow.id == turn_id)).one_or_none()
            if row is None:
                raise ErasedError
            if state:
                connection.execute(update(ConversationRow).where(ConversationRow.id == row.conversation_id).values(state=state))
        return _turn(row)

    def add_feedback(self, conversation_id: str, turn_id: int, feedback: int | None) -> bool:
        """Keep a thumb: 1 up, -1 down, None taken back. Returns whether the conversation has this turn."""
        query = update(TurnRow).where(TurnRow.id == turn_id, TurnRow.conversation_id == conversation_id)
        with self.database.transaction() as connection:
            return connection.execute(query.values(feedback=feedback)).rowcount > 0

    def set_resolved(self, conversation_id: str, resolved: bool | None) -> bool:
        """Keep whether the last answer settled it, as the customer says; None takes it back. Returns whether there is such a conversation.

        When they said so is an event: it tells of which answer they spoke.
        """
        said = {"kind": EventKind.RESOLUTION, "author": "", "text": SETTLED[resolved], "at": datetime.now(UTC)}
        with self.database.transaction() as connection:
            query = update(ConversationRow).where(ConversationRow.id == conversation_id)
            known = connection.execute(query.values(resolved=resolved)).rowcount > 0
            if known:
                connection.execute(insert(EventRow).values(conversation_id=conversation_id, **said))
        return known

    def customer_of(self, conversation_id: str) -> str | None:
        """Whose a conversation is, None if there is no such one."""
        with self.database.reading() as connection:
            return connection.execute(select(ConversationRow.customer).where(ConversationRow.id == conversation_id)).scalar_one_or_none()

    def erase(self, customer: str) -> int:
        """Erase a customer's conversations, and all that belongs to them. Returns how many there were."""
        with self.database.transaction() as connection:
            return connection.execute(delete(ConversationRow).where(ConversationRow.customer == customer)).rowcount

    def erase_older(self, than: datetime) -> int:
        """Erase the conversations in which nothing was written since a moment. Returns how many there were."""
        newest = select(func.max(TurnRow.created_at)).where(TurnRow.conversation_id == ConversationRow.id).scalar_subquery()
        told = exists().where(EventRow.conversation_id == ConversationRow.id, EventRow.at >= than)
        old = select(ConversationRow.id).where(func.coalesce(newest, ConversationRow.created_at) < than, ~told).limit(ERASED_AT_ONCE)
        erased, last = 0, ERASED_AT_ONCE
        while last == ERASED_AT_ONCE:  # little by little, so that nobody waits long
            with self.database.transaction() as connection:
                last = connection.execute(delete(ConversationRow).where(ConversationRow.id.in_(old))).rowcount
            erased += last
        if erased:
            self.database.overwrite_deleted()
        return erased


def _conversation(row: Row[Any]) -> Conversation:
    return Conversation(row.id, ConversationState(row.state), row.title, row.created_at, row.resolved)


def _turn(row: Row[Any]) -> Turn:
    return Turn(row.id, row.message, _reply(row) if row.reply else None, row.feedback, row.created_at)


def _reply(row: Row[Any]) -> Reply:
    try:
        return REPLIES.validate_python(row.reply)
    except ValidationError as error:  # its text repeats what customers wrote
        places = ", ".join(sorted({str(one["loc"][0]) for one in error.errors()}))
        raise StorageError(f"The reply of turn {row.id} cannot be read ({places}); a newer Frontdesk may have written it.") from None


def _document(reply: Reply) -> dict[str, Any]:
    if intent := reply.intent:
        likely = {entry: p for entry, p in intent.entries.items() if p >= LIKELY}
        reply = replace(reply, intent=replace(intent, entries=likely))
    return dict(REPLIES.dump_python(reply, mode="json"))
