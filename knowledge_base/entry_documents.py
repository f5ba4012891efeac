"""Entries as FAQ files and histories hold them: ``{id, category, intent, tags, ..., en: {questions, answer}, zh: {...}}``."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.errors import EntryError

FIELDS = ("id", "category", "intent", "tags", "owner", "valid_from", "valid_until")  # every other key is a language


def entry_from_dict(row: Mapping[str, object], version: int = 0) -> FAQEntry:
    """Read an entry.

    Args:
        row: ``{id, category, intent, tags, owner, valid_from, valid_until, en: {questions: [...], answer: ...}, zh: {...}}``;
            all but the id and one language may be missing, and days are dates or ``2026-11-28``.
        version: the entry's.

    Raises:
        EntryError: a part is missing, unknown or of the wrong kind.

    Example:
        >>> entry_from_dict({"id": "hours", "en": {"questions": ["When are you open?"], "answer": "Every day."}}).variant("en").title
        'When are you open?'
    """
    entry_id = row.get("id")
    if not isinstance(entry_id, str):
        raise EntryError(f"An entry needs an id: {str(dict(row))[:80]}")
    variants = {}
    for key, value in row.items():
        if key in FIELDS:
            continue
        if not isinstance(key, str):  # YAML reads no, the code of Norwegian, as false
            raise EntryError(f"Entry {entry_id}: the key {key!r} is no text; put it in quotes.")
        if not isinstance(value, Mapping):
            raise EntryError(f"Entry {entry_id}: {key!r} is neither {', '.join(FIELDS)} nor a language with questions and an answer.")
        variants[key] = _variant_from_dict(entry_id, key, value)
    return FAQEntry(
        entry_id,
        variants,
        str(row.get("category") or ""),
        str(row["intent"]) if row.get("intent") else None,
        _tags(entry_id, row.get("tags")),
        str(row.get("owner") or ""),
        day_of(row.get("valid_from"), f"Entry {entry_id}: valid_from"),
        day_of(row.get("valid_until"), f"Entry {entry_id}: valid_until"),
        version,
    )


def entry_to_dict(entry: FAQEntry) -> dict[str, Any]:
    """What `entry_from_dict` reads the same entry from, as JSON can hold it; without its version and without what is empty."""
    fields: dict[str, Any] = {
        "id": entry.id,
        "category": entry.category,
        "intent": entry.intent,
        "tags": list(entry.tags),
        "owner": entry.owner,
        "valid_from": entry.valid_from.isoformat() if entry.valid_from else None,
        "valid_until": entry.valid_until.isoformat() if entry.valid_until else None,
    }
    variants = {
        language: {"questions": list(variant.questions), "answer": variant.answer} for language, variant in sorted(entry.variants.items())
    }
    return {key: value for key, value in fields.items() if value} | variants


def day_of(value: object, what: str) -> date | None:
    """Read a day, None where it is empty.

    Raises:
        EntryError: it is none; the message begins with `what`.
    """
    if value is None or value == "":
        return None
    if isinstance(value, date):
        return value.date() if isinstance(value, datetime) else value
    try:
        return date.fromisoformat(str(value).strip())
    except ValueError:
        raise EntryError(f"{what}: {str(value)[:40]!r} is no day; one looks like 2026-11-28.") from None


def _tags(entry_id: str, value: object) -> tuple[str, ...]:
    if not value:
        return ()
    if not isinstance(value, list) or not all(isinstance(tag, str) for tag in value):
        raise EntryError(f"Entry {entry_id}: `tags` must be a list of texts.")
    return tuple(dict.fromkeys(tag.strip() for tag in value))


def _variant_from_dict(entry_id: str, language: str, value: Mapping[str, object]) -> EntryVariant:
    questions, answer = value.get("questions"), value.get("answer")
    if not isinstance(questions, list) or not all(isinstance(question, str) for question in questions) or not isinstance(answer, str):
        raise EntryError(f"Entry {entry_id} ({language}) needs `questions` (a list of texts) and `answer` (a text).")
    return EntryVariant(language, tuple(question.strip() for question in questions), answer.strip())
