"""The FAQ as customers are told it. Every change also writes an index task, in the same transaction."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select

from knowledge_base.curation.curation import Curation
from knowledge_base.database import Database
from knowledge_base.entry import FAQEntry
from knowledge_base.entry_store import read_served
from knowledge_base.tables import EntryRow


class FAQRepository:
    """Stores and returns the FAQ entries that are published.

    Args:
        database: where they live.

    Example:
        >>> repository = FAQRepository(Database("sqlite:///shop.db"))
        >>> repository.put([FAQEntry("hours", {"en": EntryVariant("en", ("When are you open?",), "Every day.")})])
        1
        >>> repository.get(["hours"])["hours"].version
        1
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def put(self, entries: Iterable[FAQEntry], author: str = "program") -> int:
        """Publish entries in one transaction, whatever is at work on them; what has not changed is left alone.

        Returns:
            How many entries were new or changed.
        """
        return Curation(self.database).publish_all(entries, author)

    def get(self, ids: Sequence[str]) -> dict[str, FAQEntry]:
        """Return the entries that exist among these ids."""
        with self.database.reading() as connection:
            return read_served(connection, ids)

    def all(self) -> list[FAQEntry]:
        """Return every entry, by id."""
        with self.database.reading() as connection:
            return list(read_served(connection, None).values())

    def count(self) -> int:
        """How many entries there are."""
        with self.database.reading() as connection:
            return connection.execute(select(func.count()).select_from(EntryRow)).scalar_one()
