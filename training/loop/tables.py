"""The tables of the learning loop."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Boolean, ForeignKey, Integer, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from knowledge_base.database import SINGLE_USE_IDS, Table, Timestamp


class LoopRunRow(Table):
    """One way through the loop; where it was interrupted it goes on with the step that is named."""

    __tablename__ = "loop_runs"
    __table_args__ = SINGLE_USE_IDS

    id: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    started_at: Mapped[datetime] = mapped_column(Timestamp)
    ended_at: Mapped[datetime | None] = mapped_column(Timestamp)
    author: Mapped[str] = mapped_column(String(64))
    step: Mapped[str] = mapped_column(String(16))
    outcome: Mapped[str | None] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    champion: Mapped[str] = mapped_column(String(64))
    challenger: Mapped[str | None] = mapped_column(String(64))
    dataset: Mapped[int | None] = mapped_column(Integer)
    facts: Mapped[dict[str, Any]] = mapped_column(JSON)


class ShadowRow(Table):
    """What a challenger would have done with a live message."""

    __tablename__ = "shadow_predictions"

    run: Mapped[int] = mapped_column(ForeignKey("loop_runs.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)
    turn_id: Mapped[int] = mapped_column(ForeignKey("turns.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True)
    intent: Mapped[str | None] = mapped_column(String(100))
    route: Mapped[str] = mapped_column(String(16))
    sent: Mapped[list[str]] = mapped_column(JSON)
    agrees: Mapped[bool] = mapped_column(Boolean)
