"""The SQL database: its engine, its transactions and its schema's migrations."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import alembic.command
import alembic.config
from alembic.util.exc import CommandError
from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import DeclarativeBase

from knowledge_base.errors import StorageError

MIGRATIONS = Path(__file__).parent / "migrations"


class Table(DeclarativeBase):
    """Base of every table, whichever package declares it."""


class Database:
    """One SQL database, migrated to the newest schema when it is opened.

    Args:
        url: an SQLAlchemy URL, e.g. ``sqlite:////path/frontdesk.db``.

    Raises:
        StorageError: the database cannot be opened, written or migrated.
    """

    def __init__(self, url: str) -> None:
        self.engine: Engine = create_engine(url)
        if self.engine.dialect.name == "sqlite":
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

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A consistent view to read from, which keeps no writer waiting.

        Raises:
            StorageError: the database refused.
        """
        with self.transaction(write=False) as connection:
            yield connection

    @contextmanager
    def transaction(self, *, write: bool = True) -> Iterator[Connection]:
        """A transaction for a short piece of work: committed at its end, undone by an exception.

        Raises:
            StorageError: the database refused, for example because the disk is full or read-only.
        """
        try:
            with self.engine.connect().execution_options(frontdesk_write=write) as connection, connection.begin():
                yield connection
        except DBAPIError as error:
            raise StorageError(
                f"The database {self.engine.url.render_as_string()} refused: {error.orig}. Check free space and permissions."
            ) from error

    def close(self) -> None:
        """Give back all connections."""
        self.engine.dispose()


def _set_up_sqlite(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # SQLAlchemy begins transactions itself, see _begin_immediate
    cursor = connection.cursor()
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=10000", "foreign_keys=ON"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    # A plain BEGIN that reads first and writes later fails with "locked" despite the busy timeout.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("frontdesk_write", True) else "BEGIN")
