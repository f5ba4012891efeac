"""Counters of requests in the database, for several processes that limit together."""

import hashlib
import time

from limits.storage import Storage
from sqlalchemy import case, delete, select
from sqlalchemy.dialects.postgresql import insert

from knowledge_base.database import Database
from knowledge_base.errors import StorageError
from ui.access.tables import RequestCountRow


class SharedCounters(Storage):
    """What the library `limits` asks of a place for its counters, in PostgreSQL. Whose they are is kept as a hash.

    Args:
        database: a PostgreSQL database.
    """

    STORAGE_SCHEME = None

    def __init__(self, database: Database) -> None:
        super().__init__()
        self.database = database

    @property
    def base_exceptions(self) -> type[Exception]:
        """What goes wrong here."""
        return StorageError

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        """Count, and return the count of this window.

        Args:
            key: of the counter.
            expiry: the window's seconds.
            amount: how much is added.
        """
        now = int(time.time())
        fresh = {"key": _hash(key), "count": amount, "ends_at": now - now % expiry + expiry}
        query = insert(RequestCountRow).values(fresh)
        over = RequestCountRow.ends_at <= now
        # One statement, so that no two processes read the same count.
        query = query.on_conflict_do_update(
            index_elements=[RequestCountRow.key],
            set_={"count": case((over, amount), else_=RequestCountRow.count + amount), "ends_at": query.excluded.ends_at},
        )
        with self.database.transaction(alone=False) as connection:
            return int(connection.execute(query.returning(RequestCountRow.count)).scalar_one())

    def get(self, key: str) -> int:
        """The count of this window."""
        query = select(RequestCountRow.count).where(RequestCountRow.key == _hash(key), RequestCountRow.ends_at > int(time.time()))
        with self.database.reading() as connection:
            return connection.execute(query).scalar_one_or_none() or 0

    def get_expiry(self, key: str) -> float:
        """When the window ends, in seconds since 1970."""
        with self.database.reading() as connection:
            ends = connection.execute(select(RequestCountRow.ends_at).where(RequestCountRow.key == _hash(key))).scalar_one_or_none()
        return float(ends or time.time())

    def check(self) -> bool:
        """Whether the database answers."""
        with self.database.reading() as connection:
            connection.execute(select(RequestCountRow.key).limit(1))
        return True

    def reset(self) -> int:
        """Forget the counters whose window is over. Returns how many there were."""
        with self.database.transaction(alone=False) as connection:
            return connection.execute(delete(RequestCountRow).where(RequestCountRow.ends_at <= int(time.time()))).rowcount

    def clear(self, key: str) -> None:
        """Forget a counter."""
        with self.database.transaction(alone=False) as connection:
            connection.execute(delete(RequestCountRow).where(RequestCountRow.key == _hash(key)))


def _hash(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
