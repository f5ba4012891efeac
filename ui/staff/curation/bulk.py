"""What is done with several entries at once."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from enum import StrEnum

from knowledge_base.curation.curation import Curation
from knowledge_base.curation.version import State
from knowledge_base.entry import FAQEntry


class Bulk(StrEnum):
    """What can be done."""

    PUBLISH = "publish"
    REVIEW = "review"
    ARCHIVE = "archive"
    ADD_TAG = "add_tag"
    REMOVE_TAG = "remove_tag"
    CATEGORY = "category"
    OWNER = "owner"

    @property
    def has_value(self) -> bool:
        """Whether it needs a tag, a category or an owner."""
        return self in EDITS

    @property
    def needs_text(self) -> bool:
        """Whether that may not be empty."""
        return self in {Bulk.ADD_TAG, Bulk.REMOVE_TAG}


STATES = {Bulk.PUBLISH: State.PUBLISHED, Bulk.REVIEW: State.IN_REVIEW, Bulk.ARCHIVE: State.ARCHIVED}
EDITS: dict[Bulk, Callable[[FAQEntry, str], FAQEntry]] = {
    Bulk.ADD_TAG: lambda entry, tag: replace(entry, tags=tuple(dict.fromkeys((*entry.tags, tag)))),
    Bulk.REMOVE_TAG: lambda entry, tag: replace(entry, tags=tuple(one for one in entry.tags if one != tag)),
    Bulk.CATEGORY: lambda entry, category: replace(entry, category=category),
    Bulk.OWNER: lambda entry, owner: replace(entry, owner=owner),
}


def change_all(curation: Curation, bulk: Bulk, value: str, based_on: Mapping[str, int], person: str) -> int:
    """Change entries, all or none.

    Args:
        curation: changes them.
        bulk: what is done.
        value: the tag, the category or the owner.
        based_on: by id, the version that was looked at.
        person: who does it.

    Returns:
        How many are different now.

    Raises:
        ConflictError: somebody changed one meanwhile.
        EntryError: it cannot be done with one of them.
    """
    if bulk in STATES:
        return len(curation.move(based_on, STATES[bulk], person))
    return len(curation.edit_all(based_on, lambda entry: EDITS[bulk](entry, value), person))
