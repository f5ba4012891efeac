"""Requests that were sent twice are done once (the ``Idempotency-Key`` header)."""

import hashlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from fastapi import HTTPException
from sqlalchemy import delete, insert, select, update

from knowledge_base.database import Database
from ui.access.tables import IdempotencyRow

KEPT = timedelta(hours=24)
ABANDONED = timedelta(minutes=2)  # by a process that died over it


class Idempotency:
    """Remembers what was answered, for a day.

    Args:
        database: where.

    Example:
        >>> idempotency.once("customer-1", "a-key", b"the request", lambda: {"id": 1})
        ({'id': 1}, False)
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def once(self, scope: str, key: str | None, request: bytes, work: Callable[[], dict[str, Any]]) -> tuple[dict[str, Any], bool]:
        """Do a piece of work, or return what it gave when it was done before.

        Args:
            scope: whose key.
            key: None to do it without remembering.
            request: what was asked, to tell two requests apart.
            work: gives a document.

        Returns:
            The document, and whether it is the earlier one.

        Raises:
            HTTPException: 409, the same request is being answered; 422, the key was used for another one.
        """
        if key is None:
            return work(), False
        if known := self.begin(scope, key, request):
            return known, True
        try:
            answer = work()
        except BaseException:
            self.forget(scope, key)
            raise
        self.finish(scope, key, answer)
        return answer, False

    def begin(self, scope: str, key: str, request: bytes) -> dict[str, Any] | None:
        """Take a key. Returns what was answered before, None if the work is to be done now; see `once` for what is raised."""
        digest, now = hashlib.sha256(request).hexdigest(), datetime.now(UTC)
        place = (IdempotencyRow.scope == scope, IdempotencyRow.key == key)
        with self.database.transaction() as connection:  # one at a time: who comes second sees the first
            connection.execute(delete(IdempotencyRow).where(IdempotencyRow.created_at < now - KEPT))
            row = connection.execute(select(IdempotencyRow.__table__).where(*place)).one_or_none()
            if row and row.request_hash != digest:
                raise HTTPException(422, "This Idempotency-Key was used for another request. Make a new one for each.")
            if row and row.answer is not None:
                return dict(row.answer)
            if row and row.created_at > now - ABANDONED:
                raise HTTPException(409, "The same request is being answered. Wait for it, or ask again in a moment.", {"Retry-After": "2"})
            connection.execute(delete(IdempotencyRow).where(*place))
            connection.execute(insert(IdempotencyRow).values(scope=scope, key=key, request_hash=digest, created_at=now))
        return None

    def finish(self, scope: str, key: str, answer: dict[str, Any]) -> None:
        """Remember what was answered."""
        with self.database.transaction() as connection:
            connection.execute(update(IdempotencyRow).where(IdempotencyRow.scope == scope, IdempotencyRow.key == key).values(answer=answer))

    def forget_all(self, scope: str) -> None:
        """Give back all keys of somebody, with what was answered."""
        with self.database.transaction() as connection:
            connection.execute(delete(IdempotencyRow).where(IdempotencyRow.scope == scope))

    def forget(self, scope: str, key: str) -> None:
        """Give a key back whose work failed."""
        with self.database.transaction() as connection:
            connection.execute(delete(IdempotencyRow).where(IdempotencyRow.scope == scope, IdempotencyRow.key == key))
