"""The tables of the knowledge base."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, Date, ForeignKey, Index, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.database import Table, Timestamp


class EntryRow(Table):
    """An FAQ entry that customers are told."""

    __tablename__ = "entries"

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    category: Mapped[str] = mapped_column(String(200))
    intent: Mapped[str | None] = mapped_column(String(100))
    version: Mapped[int] = mapped_column(Integer)
    updated_at: Mapped[datetime] = mapped_column(Timestamp)
    tags: Mapped[list[str]] = mapped_column(JSON)
    owner: Mapped[str] = mapped_column(String(100))
    valid_from: Mapped[date | None] = mapped_column(Date)
    valid_until: Mapped[date | None] = mapped_column(Date)


class EntryVariantRow(Table):
    """An entry in one language."""

    __tablename__ = "entry_variants"

    entry_id: Mapped[str] = mapped_column(ForeignKey("entries.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str] = mapped_column(String(2), primary_key=True)
    questions: Mapped[list[str]] = mapped_column(JSON)
    answer: Mapped[str] = mapped_column(Text)


class EntryVersionRow(Table):
    """An entry as somebody left it. Rows are only ever added."""

    __tablename__ = "entry_versions"

    entry_id: Mapped[str] = mapped_column(String(100), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(String(16))
    author: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Timestamp)
    note: Mapped[str] = mapped_column(Text)
    stale: Mapped[list[str]] = mapped_column(JSON)
    document: Mapped[dict[str, Any]] = mapped_column(JSON)


class EntryHeadRow(Table):
    """An entry's newest version, as lists of entries need it."""

    __tablename__ = "entry_heads"
    __table_args__ = (Index("entry_heads_by_time", "at", "id"),)

    id: Mapped[str] = mapped_column(String(100), primary_key=True)
    number: Mapped[int] = mapped_column(Integer)
    served: Mapped[int | None] = mapped_column(Integer)  # the version that customers are told
    state: Mapped[str] = mapped_column(String(16), index=True)
    author: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(Timestamp)
    title: Mapped[str] = mapped_column(Text)
    category: Mapped[str] = mapped_column(String(200))
    intent: Mapped[str] = mapped_column(String(100))
    owner: Mapped[str] = mapped_column(String(100))
    tags: Mapped[str] = mapped_column(Text)  # ",one,two,", so that one can be looked for
    languages: Mapped[str] = mapped_column(Text)  # likewise
    stale: Mapped[str] = mapped_column(Text)  # likewise, empty as a rule
    words: Mapped[str] = mapped_column(Text)  # all its text, as it is matched


class IndexTaskRow(Table):
    """An entry whose vectors and keywords are older than its text. Written with the change, deleted once applied."""

    __tablename__ = "index_tasks"

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    entry_id: Mapped[str] = mapped_column(String(100))


class LiveIndexRow(Table):
    """The one index that is searched; its pointer moves when a new one was built beside it."""

    __tablename__ = "live_index"

    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    folder: Mapped[str] = mapped_column(String(100))
    fingerprint: Mapped[str] = mapped_column(String(64))
