"""The tables of review: messages worth a person's minute, what people said of them, and intents that came of it."""

from datetime import datetime

from sqlalchemy import JSON, Boolean, Float, ForeignKey, Integer, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.database import SINGLE_USE_IDS, Table, Timestamp


class ReviewItemRow(Table):
    """A message from the log, masked, with what the release made of it.

    It outlives its turn where somebody reviewed it; whose it was is kept, so that it can be forgotten with them.
    """

    __tablename__ = "review_items"
    __table_args__ = SINGLE_USE_IDS

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    turn_id: Mapped[int | None] = mapped_column(ForeignKey("turns.id", ondelete="SET NULL"), unique=True)
    customer: Mapped[str] = mapped_column(String(64), index=True)
    text: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(String(64), unique=True)  # of the text in its form for matching: each is asked about once
    language: Mapped[str] = mapped_column(String(16))
    at: Mapped[datetime] = mapped_column(Timestamp)  # when the message came in
    release: Mapped[str] = mapped_column(String(64))
    intent: Mapped[str | None] = mapped_column(String(100))  # as predicted
    entry: Mapped[str | None] = mapped_column(String(100))
    route: Mapped[str] = mapped_column(String(16))
    confidence: Mapped[float] = mapped_column(Float)
    out_of_scope: Mapped[float] = mapped_column(Float)
    signals: Mapped[list[str]] = mapped_column(JSON)
    worth: Mapped[float] = mapped_column(Float)
    state: Mapped[str] = mapped_column(String(16), index=True)
    wants_second: Mapped[bool] = mapped_column(Boolean)


class ReviewRow(Table):
    """What one person said of a message."""

    __tablename__ = "reviews"
    __table_args__ = (UniqueConstraint("item_id", "reviewer"), SINGLE_USE_IDS)

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("review_items.id", ondelete="CASCADE"), index=True)
    reviewer: Mapped[str] = mapped_column(String(64), index=True)
    decision: Mapped[str] = mapped_column(String(16))
    intent: Mapped[str | None] = mapped_column(String(100))
    entry: Mapped[str | None] = mapped_column(String(100))
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(Timestamp)


class AcceptedIntentRow(Table):
    """An intent that somebody accepted from what customers wrote; the next training learns it."""

    __tablename__ = "accepted_intents"

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    act: Mapped[str] = mapped_column(String(40))
    route: Mapped[str] = mapped_column(String(16))
    entry: Mapped[str | None] = mapped_column(String(100))
    author: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Timestamp)
