"""The SQL database, SQLite or PostgreSQL: its engine, its transactions and its schema's migrations."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, DateTime, Dialect, Engine, TypeDecorator, create_engine, event, func, select
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import DeclarativeBase

from knowledge_base.errors import SettingsError, StorageError

MIGRATIONS = Path(__file__).parent / "migrations"
SINGLE_USE_IDS = {"sqlite_autoincrement": True}  # of a table: SQLite gives the ids of deleted rows out again, unless it is told
WRITER = 0x46524F4E54  # the advisory lock that one writing transaction at a time holds in PostgreSQL
REMEDIES = {"sqlite": "Check free space and permissions.", "postgresql": "Check that the server runs, and what this user may do there."}


class Timestamp(TypeDecorator[datetime]):
    """A moment in UTC; SQLite forgets the zone, PostgreSQL gives its own."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Write it, and compare with it, in UTC: SQLite compares what it was given as text."""
        return value.astimezone(UTC) if value else None

    def process_result_value(self, value: datetime | None, _dialect: Dialect) -> datetime | None:
        """Read it as a moment in UTC."""
        if value is None:
            return None
        return value.astimezone(UTC) if value.tzinfo else value.replace(tzinfo=UTC)


class Table(DeclarativeBase):
    """Base of every table, whichever package declares it."""


class Database:
    """One SQL database, migrated to the newest schema when it is opened.

    Writing transactions come one after the other, whichever process they are of: SQLite wants it so, and in PostgreSQL an advisory lock
    does the same, so that what reads first and writes later is right on both.

    Args:
        url: an SQLAlchemy URL, e.g. ``sqlite:////path/frontdesk.db`` or ``postgresql://user:password@host/name``.

    Raises:
        SettingsError: the URL is none, or of another kind of database.
        StorageError: the database cannot be opened, written or migrated.
    """

    def __init__(self, url: str) -> None:
        self.engine: Engine = _engine(url)
        self._writing = threading.Lock()  # SQLite's own wait is a sleep of up to 0.1 s, again and again
        if self.is_local:
            event.listen(self.engine, "connect", _set_up_sqlite)
            event.listen(self.engine, "begin", _begin_immediate)
        logging.getLogger("alembic").setLevel(logging.WARNING)
        config = alembic.config.Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        try:
            with self.transaction() as connection:
                config.attributes["connection"] = connection
                alembic.command.upgrade(config, "head")
        except CommandError as error:
            raise StorageError(f"The database {self.engine.url.render_as_string()} is of another Frontdesk version: {error}.") from error

    @property
    def is_local(self) -> bool:
        """Whether it is a file, which processes of one machine share at most."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view to read from, which keeps no writer waiting.

        Raises:
            StorageError: the database refused.
        """
        with self.transaction(write=False) as connection:
            yield connection

    @contextmanager
    def transaction(self, *, write: bool = True, alone: bool = True) -> Iterator[Connection]:
        """A transaction for a short piece of work: committed at its end, undone by an exception.

        Args:
            write: whether it may write.
            alone: whether other writers wait for it; in PostgreSQL a single statement need not have that.

        Raises:
            StorageError: the database refused, for example because the disk is full or read-only.
        """
        options: dict[str, Any] = {"frontdesk_write": write}
        if not write and not self.is_local:
            options |= {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
        queue = self._writing if write and self.is_local else nullcontext()
        try:
            with queue, self.engine.connect().execution_options(**options) as connection, connection.begin():
                if write and alone and not self.is_local:
                    connection.execute(select(func.pg_advisory_xact_lock(WRITER)))
                yield connection
        except DBAPIError as error:
            # PostgreSQL's details repeat the row, and a row may have a customer's words; so does the traceback.
            reason = " ".join(str(error.orig).partition("DETAIL:")[0].split()).rstrip(".?")
            remedy = REMEDIES[self.engine.dialect.name]
            raise StorageError(f"The database {self.engine.url.render_as_string()} refused: {reason}. {remedy}") from None

    def overwrite_deleted(self) -> None:
        """Have the file of an SQLite database lose what was deleted now and not some time; PostgreSQL vacuums by itself."""
        if self.is_local:
            connection = self.engine.raw_connection()  # outside any transaction
            try:
                connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                connection.close()

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def _engine(url: str) -> Engine:
    try:
        kind = make_url(url).get_backend_name()
        if kind not in REMEDIES:
            raise SettingsError("FRONTDESK_DATABASE_URL names another database than SQLite and PostgreSQL.")
        return create_engine(url, pool_pre_ping=kind != "sqlite", pool_size=10, max_overflow=30, hide_parameters=True)
    except (ArgumentError, NoSuchModuleError) as error:
        raise SettingsError(
            "FRONTDESK_DATABASE_URL is no database URL. It looks like postgresql://user:password@host/name; without it, SQLite is used."
        ) from error


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins transactions itself, see _begin_immediate
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON", "secure_delete=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # A plain BEGIN that reads first and writes later fails with "locked" despite the busy timeout.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("frontdesk_write", True) else "BEGIN")
