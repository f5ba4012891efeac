"""What changed between two versions of an entry."""

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge_base.entry import FAQEntry


@dataclass(frozen=True)
class Change:
    """One part of an entry that is different.

    Attributes:
        part: ``category``, ``tags``, ... or ``en questions``, ``zh answer``, ...
        lines: the part's lines, each with ``-`` for one that went, ``+`` for one that came, or a space for one that stayed before it.
    """

    part: str
    lines: tuple[str, ...]


def differences(before: FAQEntry | None, after: FAQEntry) -> list[Change]:
    """The parts that are different, a new entry's all.

    Example:
        >>> differences(None, FAQEntry("hours", {"en": EntryVariant("en", ("When?",), "Every day.")}))
        [Change(part='en questions', lines=('+When?',)), Change(part='en answer', lines=('+Every day.',))]
    """
    was, now = dict(_parts(before)) if before else {}, dict(_parts(after))
    changes = []
    for part in dict.fromkeys([*was, *now]):
        old, new = was.get(part, []), now.get(part, [])
        if old != new:
            # The three lines that difflib puts first name files and places.
            lines = list(difflib.unified_diff(old, new, lineterm="", n=1000))[3:]
            changes.append(Change(part, tuple(lines)))
    return changes


def _parts(entry: FAQEntry) -> Iterator[tuple[str, list[str]]]:
    """An entry's parts, as lines."""
    yield "category", [entry.category] if entry.category else []
    yield "intent", [entry.intent] if entry.intent else []
    yield "tags", list(entry.tags)
    yield "owner", [entry.owner] if entry.owner else []
    yield "valid_from", [entry.valid_from.isoformat()] if entry.valid_from else []
    yield "valid_until", [entry.valid_until.isoformat()] if entry.valid_until else []
    for language, variant in sorted(entry.variants.items()):
        yield f"{language} questions", list(variant.questions)
        yield f"{language} answer", variant.answer.splitlines()
