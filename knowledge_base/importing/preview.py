"""What an import would change, before it does; and the import, all of it or nothing."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from knowledge_base.curation.curation import Curation
from knowledge_base.curation.difference import differences
from knowledge_base.curation.version import State, Version
from knowledge_base.database import Database
from knowledge_base.entry import FAQEntry
from knowledge_base.importing.reading import Reading
from knowledge_base.normalisation import normalise
from knowledge_base.repository import FAQRepository


class Kind(StrEnum):
    """What becomes of a part of a file."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"  # another entry has its question; it is left out
    REFUSED = "refused"


@dataclass(frozen=True)
class ImportItem:
    """A part of a file, and what becomes of it.

    Attributes:
        kind: that.
        place: where it stands.
        entry: as the file has it, None where it could not be read.
        changes: what will be different, e.g. ``en answer``, ``adds zh`` or ``removes zh``; of a changed entry only.
        reason: why it is left out, or empty.
    """

    kind: Kind
    place: str
    entry: FAQEntry | None = None
    changes: tuple[str, ...] = ()
    reason: str = ""


@dataclass(frozen=True)
class ImportPlan:
    """What an import would do.

    Attributes:
        curation: what it would be written to.
        items: every part of the file: its entries in their order, then what could not be read.
        based_on: the versions that it was compared with, by id, 0 for new entries.
    """

    curation: Curation
    items: tuple[ImportItem, ...]
    based_on: Mapping[str, int]

    def count(self, kind: Kind) -> int:
        """How many items are of a kind."""
        return sum(item.kind is kind for item in self.items)

    def apply(self, author: str, note: str) -> int:
        """Publish what is new and what is changed, all of it or nothing.

        Args:
            author: who imports.
            note: where it comes from.

        Returns:
            How many entries were new or changed.

        Raises:
            ConflictError: one was changed since the preview.
        """
        entries = [item.entry for item in self.items if item.entry and item.kind in {Kind.NEW, Kind.CHANGED}]
        return self.curation.publish_all(entries, author, note, {entry.id: self.based_on[entry.id] for entry in entries})


class _Questions:
    """Which entry asks what, in the form in which questions are matched."""

    def __init__(self) -> None:
        self._owners: dict[str, tuple[str, str]] = {}  # the id and the question as it is written

    def claim(self, entry: FAQEntry) -> None:
        """Keep an entry's questions for it; those that are another's stay that one's."""
        for text, question in _questions_of(entry).items():
            self._owners.setdefault(text, (entry.id, question))

    def other_owner(self, entry: FAQEntry, known: Iterable[str] = ()) -> tuple[str, str] | None:
        """Another entry that asks the same, and what; questions that are known are not looked at."""
        for text, question in _questions_of(entry).items():
            owner, _ = self._owners.get(text, (entry.id, ""))
            if owner != entry.id and text not in known:
                return owner, question
        return None


def preview(reading: Reading, database: Database) -> ImportPlan:
    """Compare what was read with what customers are told.

    An entry of the file replaces the one of its id whole. It is left out where somebody has unpublished work on that one, and
    where a question of it is another entry's already.

    Args:
        reading: the file.
        database: where the entries live.
    """
    curation = Curation(database)
    served = {entry.id: entry for entry in FAQRepository(database).all()}
    heads = curation.heads([entry.id for entry in reading.entries])
    found: dict[str, ImportItem] = {}
    for entry in reading.entries:
        if reason := _unpublished(heads.get(entry.id)):
            found[entry.id] = ImportItem(Kind.REFUSED, reading.places[entry.id], entry, reason=reason)
        elif served.get(entry.id) == entry:
            found[entry.id] = ImportItem(Kind.UNCHANGED, reading.places[entry.id], entry)
    questions = _Questions()
    to_come = {entry.id for entry in reading.entries} - set(found)
    for entry_id, entry in served.items():
        if entry_id not in to_come:
            questions.claim(entry)
    # Entries that are there come first, so that of two that ask the same the new one is the duplicate.
    for entry in sorted((entry for entry in reading.entries if entry.id in to_come), key=lambda entry: entry.id not in served):
        found[entry.id] = _compared(entry, served.get(entry.id), reading, questions)
    items = [found[entry.id] for entry in reading.entries]
    items += [ImportItem(Kind.REFUSED, refusal.place, reason=refusal.reason) for refusal in reading.refusals]
    numbers = {entry.id: heads[entry.id].number if entry.id in heads else 0 for entry in reading.entries}
    return ImportPlan(curation, tuple(items), numbers)


def _compared(entry: FAQEntry, before: FAQEntry | None, reading: Reading, questions: _Questions) -> ImportItem:
    """What becomes of an entry; its questions are claimed."""
    place = reading.places[entry.id]
    other = questions.other_owner(entry, _questions_of(before) if before else ())
    if other:
        if before:
            questions.claim(before)
        owner, question = other
        where = f" ({reading.places[owner]})" if owner in reading.places else ""
        return ImportItem(Kind.DUPLICATE, place, entry, reason=f"“{question[:100]}” is a question of {owner}{where} already.")
    questions.claim(entry)
    if before is None:
        return ImportItem(Kind.NEW, place, entry)
    return ImportItem(Kind.CHANGED, place, entry, tuple(_changes(before, entry)))


def _changes(before: FAQEntry, after: FAQEntry) -> list[str]:
    removed, added = sorted(before.variants.keys() - after.variants.keys()), sorted(after.variants.keys() - before.variants.keys())
    parts = [change.part for change in differences(before, after)]
    kept = [part for part in parts if part.partition(" ")[0] not in {*removed, *added}]
    return [f"removes {language}" for language in removed] + [f"adds {language}" for language in added] + kept


def _unpublished(head: Version | None) -> str:
    """Why an entry that somebody is at work on is left out, empty where nobody is."""
    if head is None or head.state not in {State.DRAFT, State.IN_REVIEW}:
        return ""
    return f"{head.author} has unpublished changes to it since {head.at:%Y-%m-%d %H:%M}; publish or discard them first."


def _questions_of(entry: FAQEntry) -> dict[str, str]:
    """Its questions as they are written, by what they are matched by."""
    return {normalise(question): question for variant in entry.variants.values() for question in variant.questions}
