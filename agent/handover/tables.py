"""The tables of hand-overs."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.database import SINGLE_USE_IDS, Table, Timestamp


class HandOverRow(Table):
    """A conversation that waits for a person, or has one."""

    __tablename__ = "hand_overs"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    reason: Mapped[str] = mapped_column(String(16))
    queued_at: Mapped[datetime] = mapped_column(Timestamp, index=True)
    person: Mapped[str | None] = mapped_column(String(64))


class EventRow(Table):
    """Something that happened in a conversation beside its turns: a person's message, or a change of who answers."""

    __tablename__ = "conversation_events"
    __table_args__ = SINGLE_USE_IDS  # who listens goes on after the last id: none comes twice

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(Timestamp)
    kind: Mapped[str] = mapped_column(String(16))
    author: Mapped[str] = mapped_column(String(64))
    text: Mapped[str] = mapped_column(Text)


class ContactRow(Table):
    """How to reach a customer who wrote while nobody was there; encrypted, and apart from the log."""

    __tablename__ = "contacts"

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id", ondelete="CASCADE"), primary_key=True)
    details: Mapped[bytes] = mapped_column(LargeBinary)
    at: Mapped[datetime] = mapped_column(Timestamp)


class WebhookRow(Table):
    """How far the webhook has been told."""

    __tablename__ = "webhook"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    sent_to: Mapped[int] = mapped_column(Integer)
    at: Mapped[datetime] = mapped_column(Timestamp)
