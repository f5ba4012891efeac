"""Intents that somebody accepted from what customers wrote, with what they lead to."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import Connection, insert, select

from agent.intents import OUT_OF_SCOPE, Intent
from knowledge_base.database import Database
from training.errors import ReviewError
from training.review.tables import AcceptedIntentRow

NAME = re.compile(r"[a-z][a-z0-9_]{1,60}")


@dataclass(frozen=True)
class AcceptedIntent:
    """An intent that the next training learns.

    Attributes:
        intent: as it enters the catalogue.
        entry: the id of the entry that answers it, None where none does.
        author: who accepted it.
        at: when.
    """

    intent: Intent
    entry: str | None
    author: str
    at: datetime


class AcceptedIntents:
    """Keeps them.

    Args:
        database: the data directory's.
        clock: tells the time.
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.database, self.clock = database, clock

    def all(self) -> list[AcceptedIntent]:
        """Every one, the oldest first."""
        query = select(AcceptedIntentRow.__table__).order_by(AcceptedIntentRow.at, AcceptedIntentRow.id)
        with self.database.reading() as connection:
            rows = connection.execute(query).all()
        return [
            AcceptedIntent(Intent.from_dict({"id": row.id, "act": row.act, "route": row.route}), row.entry, row.author, row.at)
            for row in rows
        ]

    def add(self, connection: Connection, intent: Intent, entry: str | None, author: str, known: Callable[[str], bool]) -> None:
        """Accept an intent.

        Args:
            connection: a transaction of `database`, in which more may be done.
            intent: the intent.
            entry: the id of the entry that answers it, for the route ``answer``.
            author: who accepts it.
            known: tells whether the catalogue in service has an intent of that name.

        Raises:
            ReviewError: the name is taken or none, or an answer is wanted and no entry named.
        """
        if not NAME.fullmatch(intent.id) or intent.id == OUT_OF_SCOPE:
            raise ReviewError("Name the intent with small letters, digits and _, beginning with a letter: gift_wrapping.")
        if intent.route == "answer" and not entry:
            raise ReviewError("Choose the entry that answers this intent; where none does yet, write and publish one first.")
        query = select(AcceptedIntentRow.id).where(AcceptedIntentRow.id == intent.id)
        if known(intent.id) or connection.execute(query).one_or_none():
            raise ReviewError(f"There is an intent {intent.id} already. Choose another name, or correct the messages to it.")
        values = {"id": intent.id, "act": intent.act, "route": intent.route, "entry": entry, "author": author, "at": self.clock()}
        connection.execute(insert(AcceptedIntentRow).values(values))
