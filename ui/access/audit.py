"""The audit trail: what staff did, when and to what; written in the transaction that does it."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, insert, select

from knowledge_base.database import Database
from ui.access.tables import AuditRow


@dataclass(frozen=True)
class Deed:
    """Something that was done.

    Attributes:
        id: grows.
        at: when.
        actor: by whom, the name of an account.
        action: what.
        subject: to what or whom.
        detail: more, as it was at the time.
    """

    id: int
    at: datetime
    actor: str
    action: str
    subject: str
    detail: dict[str, Any]


def record(connection: Connection, actor: str, action: str, subject: str, **detail: Any) -> None:
    """Add a line to the trail, in the transaction of what it says."""
    connection.execute(insert(AuditRow).values(at=datetime.now(UTC), actor=actor, action=action, subject=subject, detail=detail))


class AuditTrail:
    """Reads the trail.

    Args:
        database: where it lives.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def deeds(self, limit: int = 100, before: int | None = None) -> list[Deed]:
        """The newest deeds, newest first.

        Args:
            limit: how many at most.
            before: only those with a smaller id, to page through.
        """
        query = select(AuditRow.__table__).order_by(AuditRow.id.desc()).limit(limit)
        if before is not None:
            query = query.where(AuditRow.id < before)
        with self.database.reading() as connection:
            return [Deed(**row._mapping) for row in connection.execute(query)]  # noqa: SLF001 - public, despite its name
