"""Which entries have which texts: each text has one vector, however many entries have it."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Literal, NamedTuple

from knowledge_base.entry import FAQEntry

Kind = Literal["question", "answer"]


class Owner(NamedTuple):
    """An entry that has a text, and in which language."""

    entry: str
    language: str


class Text(NamedTuple):
    """A text, and what it is there for."""

    kind: Kind
    text: str

    @property
    def id(self) -> str:
        """The same for the same text of the same kind, whoever has it."""
        return f"{self.kind}-{hashlib.sha256(self.text.encode()).hexdigest()[:24]}"


def texts_of(entry: FAQEntry) -> Iterator[tuple[Text, str]]:
    """An entry's texts, each with its language."""
    for language, variant in entry.variants.items():
        for question in variant.questions:
            yield Text("question", question), language
        yield Text("answer", variant.answer), language


class TextOwners:
    """The owners of texts, by the texts' ids. It does not change; a change makes another one.

    Many entries may end with the same words, or be asked with the same question. A graph of nearest neighbours falls apart where
    hundreds of vectors are the same, so that a search no longer comes past them.

    Args:
        entries: whose texts.

    Example:
        >>> owners = TextOwners([FAQEntry("hours", {"en": EntryVariant("en", ("When?",), "Every day.")})])
        >>> owners.of(Text("question", "When?").id)
        (Owner(entry='hours', language='en'),)
    """

    def __init__(self, entries: Iterable[FAQEntry] = ()) -> None:
        self._owners: dict[str, tuple[Owner, ...]] = {}
        self._texts: dict[str, tuple[str, ...]] = {}
        self._add(entries)

    def __len__(self) -> int:
        return len(self._owners)

    @property
    def texts(self) -> Collection[str]:
        """The ids of all texts."""
        return self._owners.keys()

    def of(self, text_id: str) -> tuple[Owner, ...]:
        """Who has a text; nobody has one that is not known."""
        return self._owners.get(text_id, ())

    def replaced(self, ids: Iterable[str], entries: Iterable[FAQEntry]) -> "TextOwners":
        """The same without the entries with these ids, and with these entries."""
        other = TextOwners()
        other._owners, other._texts = dict(self._owners), dict(self._texts)
        other._remove(ids)
        other._add(entries)
        return other

    def _add(self, entries: Iterable[FAQEntry]) -> None:
        for entry in entries:
            found: dict[str, None] = {}
            for text, language in texts_of(entry):
                found[text.id] = None
                owner = Owner(entry.id, language)
                if owner not in self.of(text.id):
                    self._owners[text.id] = (*self.of(text.id), owner)
            self._texts[entry.id] = tuple(found)

    def _remove(self, ids: Iterable[str]) -> None:
        for entry_id in ids:
            for text_id in self._texts.pop(entry_id, ()):
                left = tuple(owner for owner in self.of(text_id) if owner.entry != entry_id)
                if left:
                    self._owners[text_id] = left
                else:
                    del self._owners[text_id]


def missing_texts(entries: Iterable[FAQEntry], known: TextOwners) -> Mapping[str, Text]:
    """The texts of entries that nobody has yet, by id."""
    found = {text.id: text for entry in entries for text, _ in texts_of(entry)}
    return {text_id: text for text_id, text in found.items() if not known.of(text_id)}
