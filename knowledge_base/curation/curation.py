"""Changes of the FAQ: each is a version, made on the one before it, or refused."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime

from sqlalchemy import Connection

from knowledge_base.curation.version import State, Version, stale_after
from knowledge_base.database import Database
from knowledge_base.entry import FAQEntry
from knowledge_base.entry_store import read_heads, read_history, read_served, write_confirmed, write_versions
from knowledge_base.errors import ConflictError, EntryError

# Where an entry may go from where it stands.
STEPS: dict[State, frozenset[State]] = {
    State.DRAFT: frozenset({State.IN_REVIEW, State.PUBLISHED, State.ARCHIVED}),
    State.IN_REVIEW: frozenset({State.DRAFT, State.PUBLISHED, State.ARCHIVED}),
    State.PUBLISHED: frozenset({State.ARCHIVED}),
    State.ARCHIVED: frozenset({State.DRAFT, State.PUBLISHED}),
}


class Curation:
    """Changes entries and keeps what they were.

    Every change names the version that it was made on. Where somebody else was faster, it is refused with a `ConflictError`
    that says who; nothing is overwritten. Each method is one transaction.

    Args:
        database: where the entries live.

    Example:
        >>> curation = Curation(database)
        >>> draft = curation.save(entry, "lin", based_on=0)  # a new entry
        >>> curation.move({draft.entry.id: draft.number}, State.PUBLISHED, "lin")  # customers are told it
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def heads(self, ids: Collection[str] | None = None) -> dict[str, Version]:
        """The newest version, by id: of these ids, or of all entries that ever were."""
        with self.database.reading() as connection:
            return read_heads(connection, None if ids is None else list(ids))

    def history(self, entry_id: str) -> list[Version]:
        """All versions of an entry, newest first."""
        with self.database.reading() as connection:
            return read_history(connection, entry_id)

    def save(self, entry: FAQEntry, author: str, based_on: int, note: str = "") -> Version:
        """Keep somebody's work on an entry; customers are told what they were until it is published.

        Args:
            entry: as it is to be.
            author: whose work.
            based_on: the version that it was made on, 0 for a new entry.
            note: how it came about.

        Returns:
            The new version; the one before where nothing is different.

        Raises:
            ConflictError: somebody changed it meanwhile.
        """
        with self.database.transaction() as connection:
            head = self._head(connection, entry.id, based_on)
            if head and head.entry == entry and head.state is not State.ARCHIVED:
                return head
            version = _next(head, entry, State.DRAFT, author, note)
            write_versions(connection, [version])
        return version

    def move(self, based_on: Mapping[str, int], state: State, author: str, note: str = "") -> list[Version]:
        """Send entries for review, publish or archive them, or take them back to work; all of them or none.

        Args:
            based_on: by id, the version that was looked at.
            state: where they go.
            author: who does it.
            note: why.

        Raises:
            ConflictError: somebody changed one meanwhile.
            EntryError: one cannot go there from where it stands.
        """
        with self.database.transaction() as connection:
            versions = []
            for head in self._known(connection, based_on):
                if state not in STEPS[head.state]:
                    raise EntryError(f"Entry {head.entry.id} is {head.state}, and cannot become {state}. Nothing was changed.")
                versions.append(_next(head, head.entry, state, author, note))
            write_versions(connection, versions)
        return versions

    def edit_all(self, based_on: Mapping[str, int], edit: Callable[[FAQEntry], FAQEntry], author: str, note: str = "") -> list[Version]:
        """Change several entries in the same way, each where it stands; all of them or none.

        Args:
            based_on: by id, the version that was looked at.
            edit: makes the new entry of the old one.
            author: who does it.
            note: what for.

        Raises:
            ConflictError: somebody changed one meanwhile.
            EntryError: a changed entry breaks a rule.
        """
        with self.database.transaction() as connection:
            edited = [(head, edit(head.entry)) for head in self._known(connection, based_on)]
            versions = [_next(head, entry, head.state, author, note) for head, entry in edited if entry != head.entry]
            write_versions(connection, versions)
        return versions

    def merge(self, keep: FAQEntry, drop: str, based_on: Mapping[str, int], author: str) -> list[Version]:
        """Make one entry of two: one is published as it is given, the other is archived; both or neither.

        Args:
            keep: as it is to be, see `knowledge_base.duplicates.merged`.
            drop: the other's id.
            based_on: by id, the versions of the two that were looked at.
            author: who does it.

        Returns:
            The new version of each.

        Raises:
            ConflictError: somebody changed one meanwhile.
            EntryError: they are one entry, or the other is archived already.
        """
        if keep.id == drop:
            raise EntryError(f"Entry {drop} cannot be merged with itself. Choose two entries.")
        with self.database.transaction() as connection:
            kept, dropped = self._known(connection, {one: based_on[one] for one in (keep.id, drop)})
            if dropped.state is State.ARCHIVED:
                raise EntryError(f"Entry {drop} is archived already. Nothing was changed.")
            versions = [
                _next(kept, keep, State.PUBLISHED, author, f"merged with {drop}"),
                _next(dropped, dropped.entry, State.ARCHIVED, author, f"merged into {keep.id}"),
            ]
            write_versions(connection, versions)
        return versions

    def restore(self, entry_id: str, number: int, author: str, based_on: int) -> Version:
        """Begin anew with an entry as it was once: a draft, like any other.

        Raises:
            ConflictError: somebody changed it meanwhile.
            EntryError: it has no such version.
        """
        was = next((version.entry for version in self.history(entry_id) if version.number == number), None)
        if was is None:
            raise EntryError(f"Entry {entry_id} has no version {number}.")
        return self.save(was, author, based_on, f"restored from version {number}")

    def discard(self, entry_id: str, author: str, based_on: int) -> Version:
        """Give up unpublished work: what customers are told is the newest version again; without such, the entry is archived.

        Raises:
            ConflictError: somebody changed it meanwhile.
            EntryError: there is no unpublished work.
        """
        with self.database.transaction() as connection:
            (head,) = self._known(connection, {entry_id: based_on})
            if not head.is_unpublished_work:
                raise EntryError(f"Entry {entry_id} is {head.state}: there is nothing to discard.")
            served = read_served(connection, [entry_id]).get(entry_id)
            state = State.PUBLISHED if served else State.ARCHIVED
            last = next((v for v in read_history(connection, entry_id) if served and v.number == served.version), head)
            version = replace(_next(head, served or head.entry, state, author, "discarded"), stale=last.stale)
            write_versions(connection, [version])
        return version

    def confirm(self, entry_id: str, languages: Collection[str], author: str, based_on: int) -> Version:
        """Say that languages are still right although another one changed.

        Raises:
            ConflictError: somebody changed it meanwhile.
        """
        with self.database.transaction() as connection:
            (head,) = self._known(connection, {entry_id: based_on})
            version = _next(head, head.entry, head.state, author, f"confirmed {', '.join(sorted(languages))}")
            version = replace(version, stale=head.stale - set(languages))
            write_confirmed(connection, version)
        return version

    def publish_all(self, entries: Iterable[FAQEntry], author: str, note: str = "", based_on: Mapping[str, int] | None = None) -> int:
        """Publish entries as they are given, all or none; what is served already is left alone.

        Args:
            entries: each replaces the one of its id.
            author: who does it.
            note: where they come from.
            based_on: by id, the version that was looked at, 0 for new ones; None replaces whatever is there.

        Returns:
            How many were new or changed.

        Raises:
            ConflictError: somebody changed one meanwhile.
        """
        wanted = {entry.id: entry for entry in entries}
        with self.database.transaction() as connection:
            heads = read_heads(connection, list(wanted))
            for entry_id, number in (based_on or {}).items():
                _check(heads.get(entry_id), entry_id, number)
            served = read_served(connection, list(wanted))
            changed = [entry for entry in wanted.values() if served.get(entry.id) != entry]
            write_versions(connection, [_next(heads.get(entry.id), entry, State.PUBLISHED, author, note) for entry in changed])
        return len(changed)

    def _head(self, connection: Connection, entry_id: str, based_on: int) -> Version | None:
        head = read_heads(connection, [entry_id]).get(entry_id)
        _check(head, entry_id, based_on)
        return head

    def _known(self, connection: Connection, based_on: Mapping[str, int]) -> list[Version]:
        heads = read_heads(connection, list(based_on))
        for entry_id, number in based_on.items():
            _check(heads.get(entry_id), entry_id, number)
            if entry_id not in heads:
                raise EntryError(f"There is no entry {entry_id}.")
        return [heads[entry_id] for entry_id in based_on]


def _check(head: Version | None, entry_id: str, based_on: int) -> None:
    """Refuse what was made on another version than the newest."""
    if (head.number if head else 0) == based_on:
        return
    if head is None:
        raise ConflictError(f"Entry {entry_id} is not there any more; nothing was changed.")
    if based_on == 0:
        raise ConflictError(
            f"There is an entry {entry_id} already, by {head.author}; nothing was changed. Take another id, or edit that one."
        )
    raise ConflictError(
        f"{head.author} changed entry {entry_id} at {head.at:%Y-%m-%d %H:%M} UTC (version {head.number}; yours was made on "
        f"version {based_on}). Nothing was overwritten: look at the new version, and make your change on it."
    )


def _next(head: Version | None, entry: FAQEntry, state: State, author: str, note: str) -> Version:
    stale = stale_after(head.entry, head.stale, entry) if head else frozenset()
    return Version(replace(entry, version=head.number + 1 if head else 1), state, author, datetime.now(UTC), note, stale)
