"""The entries at hand: a search needs several, thousands of times a minute."""

from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import NamedTuple

from knowledge_base.entry import FAQEntry


def today_in_utc() -> date:
    """The day at Greenwich."""
    return datetime.now(UTC).date()


class _Told(NamedTuple):
    """What customers are told on a day."""

    day: date
    entries: Mapping[str, FAQEntry]
    intents: frozenset[str]


class HeldEntries:
    """What is indexed, and what of it customers are told today.

    Args:
        entries: all that are indexed.
        today: tells the day, in the shop's time zone.

    Attributes:
        all: by id.
    """

    def __init__(self, entries: Iterable[FAQEntry], today: Callable[[], date] = today_in_utc) -> None:
        self.all: Mapping[str, FAQEntry] = {entry.id: entry for entry in entries}
        self.today = today
        self._told = self._on(today())

    @property
    def valid(self) -> Mapping[str, FAQEntry]:
        """Those that are valid today, by id."""
        return self._today().entries

    @property
    def intents(self) -> frozenset[str]:
        """That at least one of these answers."""
        return self._today().intents

    def replaced(self, ids: Iterable[str], entries: Iterable[FAQEntry]) -> "HeldEntries":
        """The same without the entries with these ids, and with these entries."""
        gone = set(ids)
        return HeldEntries([*(entry for entry in self.all.values() if entry.id not in gone), *entries], self.today)

    def _today(self) -> _Told:
        day = self.today()
        if day != self._told.day:
            self._told = self._on(day)
        return self._told

    def _on(self, day: date) -> _Told:
        valid = {entry_id: entry for entry_id, entry in self.all.items() if entry.is_valid(day)}
        return _Told(day, valid, frozenset(entry.intent for entry in valid.values() if entry.intent))
