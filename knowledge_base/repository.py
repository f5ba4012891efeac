"""The entries' home: SQL. Every change also writes an index task, in the same transaction."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from sqlalchemy import Connection, delete, func, insert, select

from knowledge_base.database import Database
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.tables import EntryRow, EntryVariantRow, IndexTaskRow


class FAQRepository:
    """Stores and returns FAQ entries.

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

    def put(self, entries: Iterable[FAQEntry]) -> int:
        """Add or replace entries in one transaction; what has not changed is left alone.

        Returns:
            How many entries were new or changed.
        """
        changed = 0
        with self.database.transaction() as connection:
            for entry in entries:
                known = self._read(connection, [entry.id]).get(entry.id)
                if known != entry:
                    self._write(connection, entry, known.version + 1 if known else 1)
                    changed += 1
        return changed

    def delete(self, entry_id: str) -> bool:
        """Remove an entry. Returns whether there was one."""
        with self.database.transaction() as connection:
            removed = connection.execute(delete(EntryRow).where(EntryRow.id == entry_id)).rowcount > 0
            if removed:
                connection.execute(insert(IndexTaskRow).values(entry_id=entry_id))
        return removed

    def get(self, ids: Sequence[str]) -> dict[str, FAQEntry]:
        """Return the entries that exist among these ids."""
        with self.database.reading() as connection:
            return self._read(connection, ids)

    def all(self) -> list[FAQEntry]:
        """Return every entry, by id."""
        with self.database.reading() as connection:
            return list(self._read(connection, None).values())

    def count(self) -> int:
        """How many entries there are."""
        with self.database.reading() as connection:
            return connection.execute(select(func.count()).select_from(EntryRow)).scalar_one()

    def _read(self, connection: Connection, ids: Sequence[str] | None) -> dict[str, FAQEntry]:
        entries = select(EntryRow.__table__).order_by(EntryRow.id)
        variants = select(EntryVariantRow.__table__).order_by(EntryVariantRow.language)
        if ids is not None:
            entries = entries.where(EntryRow.id.in_(ids))
            variants = variants.where(EntryVariantRow.entry_id.in_(ids))
        by_entry: dict[str, dict[str, EntryVariant]] = {}
        for row in connection.execute(variants):
            variant = EntryVariant(row.language, tuple(row.questions), row.answer)
            by_entry.setdefault(row.entry_id, {})[row.language] = variant
        return {row.id: FAQEntry(row.id, by_entry[row.id], row.category, row.intent, row.version) for row in connection.execute(entries)}

    @staticmethod
    def _write(connection: Connection, entry: FAQEntry, version: int) -> None:
        connection.execute(delete(EntryRow).where(EntryRow.id == entry.id))
        connection.execute(
            insert(EntryRow).values(
                id=entry.id, category=entry.category, intent=entry.intent, version=version, updated_at=datetime.now(UTC)
            )
        )
        for variant in entry.variants.values():
            connection.execute(
                insert(EntryVariantRow).values(
                    entry_id=entry.id, language=variant.language, questions=list(variant.questions), answer=variant.answer
                )
            )
        connection.execute(insert(IndexTaskRow).values(entry_id=entry.id))
