"""The tables of datasets."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.database import Table, Timestamp


class DatasetRow(Table):
    """A frozen dataset: what the data directory's files had, by hash, and customers' messages."""

    __tablename__ = "datasets"

    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    at: Mapped[datetime] = mapped_column(Timestamp)
    author: Mapped[str] = mapped_column(String(64))
    base: Mapped[str] = mapped_column(String(64))
    sha256: Mapped[str] = mapped_column(String(64))
    messages: Mapped[int] = mapped_column(Integer)  # of customers, as it was frozen: fewer rows mean that some were forgotten
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)


class DatasetMessageRow(Table):
    """A customer's message in a frozen dataset; whose it was is kept, so that it can be forgotten with them."""

    __tablename__ = "dataset_messages"
    __table_args__ = (Index("dataset_messages_by_customer", "customer"),)

    dataset: Mapped[int] = mapped_column(ForeignKey("datasets.number", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    part: Mapped[str] = mapped_column(String(16))
    origin: Mapped[str] = mapped_column(String(16))
    text: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(String(16))
    intent: Mapped[str] = mapped_column(String(100))
    entry: Mapped[str | None] = mapped_column(String(100))
    customer: Mapped[str] = mapped_column(String(64))
