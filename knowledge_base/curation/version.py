"""An entry as somebody left it, and what of it is out of date in other languages."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from knowledge_base.entry import FAQEntry


class State(StrEnum):
    """Where an entry's newest version stands."""

    DRAFT = "draft"  # somebody is at work
    IN_REVIEW = "in_review"  # done, and somebody else is to look at it
    PUBLISHED = "published"  # customers are told it
    ARCHIVED = "archived"  # customers are not told it any more


@dataclass(frozen=True)
class Version:
    """One step in an entry's history.

    Attributes:
        entry: as it was left; its version is this one's number.
        state: where it stood.
        author: who left it so.
        at: when.
        note: how it came about, where that says more than the difference.
        stale: languages whose text is older than another's, until somebody confirms that it is still right.
    """

    entry: FAQEntry
    state: State
    author: str
    at: datetime
    note: str = ""
    stale: frozenset[str] = frozenset()

    @property
    def number(self) -> int:
        """1 for an entry's first version, and one more at every change."""
        return self.entry.version

    @property
    def is_unpublished_work(self) -> bool:
        """Whether it waits to be published."""
        return self.state in {State.DRAFT, State.IN_REVIEW}


def stale_after(before: FAQEntry | None, stale: AbstractSet[str], after: FAQEntry) -> frozenset[str]:
    """The languages to be confirmed once an entry was changed.

    Where a language changes, those that did not are out of date, unless it was itself the one that caught up.

    Args:
        before: the entry as it was, None for a new one.
        stale: its languages that were to be confirmed already.
        after: the entry as it is.

    Example:
        >>> en, zh = EntryVariant("en", ("When?",), "9 to 5"), EntryVariant("zh", ("几点？",), "9 点到 5 点")
        >>> before = FAQEntry("hours", {"en": en, "zh": zh})
        >>> stale_after(before, frozenset(), FAQEntry("hours", {"en": EntryVariant("en", ("When?",), "9 to 6"), "zh": zh}))
        frozenset({'zh'})
    """
    if before is None:
        return frozenset()
    untouched = {language for language, variant in after.variants.items() if before.variants.get(language) == variant}
    edited = {language for language in after.variants if language in before.variants} - untouched
    return frozenset(untouched if edited - stale else untouched & stale)
