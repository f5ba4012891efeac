"""Rows of entries, inside a transaction: what is served, and the history that leads to it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from knowledge_base.curation.version import State, Version
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.entry_documents import entry_from_dict, entry_to_dict
from knowledge_base.normalisation import normalise
from knowledge_base.tables import EntryHeadRow, EntryRow, EntryVariantRow, EntryVersionRow, IndexTaskRow

AT_ONCE = 1000  # ids in one statement


def read_served(connection: Connection, ids: Sequence[str] | None) -> dict[str, FAQEntry]:
    """What customers are told, by id: of these ids, or all."""
    found: dict[str, FAQEntry] = {}
    for part in _parts(ids):
        entries = select(EntryRow.__table__).order_by(EntryRow.id)
        variants = select(EntryVariantRow.__table__).order_by(EntryVariantRow.language)
        if part is not None:
            entries = entries.where(EntryRow.id.in_(part))
            variants = variants.where(EntryVariantRow.entry_id.in_(part))
        by_entry: dict[str, dict[str, EntryVariant]] = {}
        for row in connection.execute(variants).all():
            by_entry.setdefault(row.entry_id, {})[row.language] = EntryVariant(row.language, tuple(row.questions), row.answer)
        for row in connection.execute(entries).all():
            found[row.id] = FAQEntry(
                row.id, by_entry[row.id], row.category, row.intent, tuple(row.tags), row.owner, row.valid_from, row.valid_until, row.version
            )
    return found


def read_heads(connection: Connection, ids: Sequence[str] | None) -> dict[str, Version]:
    """The newest version, by id: of these ids, or all."""
    found: dict[str, Version] = {}
    for part in _parts(ids):
        newest = select(EntryVersionRow.__table__).join(
            EntryHeadRow, (EntryHeadRow.id == EntryVersionRow.entry_id) & (EntryHeadRow.number == EntryVersionRow.number)
        )
        if part is not None:
            newest = newest.where(EntryVersionRow.entry_id.in_(part))
        found |= {row.entry_id: _version(row) for row in connection.execute(newest).all()}
    return found


def read_history(connection: Connection, entry_id: str) -> list[Version]:
    """All versions of an entry, newest first."""
    query = select(EntryVersionRow.__table__).where(EntryVersionRow.entry_id == entry_id).order_by(EntryVersionRow.number.desc())
    return [_version(row) for row in connection.execute(query).all()]


def write_versions(connection: Connection, versions: Sequence[Version]) -> None:
    """Add versions, each its entry's newest: what is published is served from now on, what is archived no more."""
    if not versions:
        return
    ids = [version.entry.id for version in versions]
    served = _served_numbers(connection, ids)
    for version in versions:
        if version.state is State.PUBLISHED:
            served[version.entry.id] = version.number
        elif version.state is State.ARCHIVED:
            served[version.entry.id] = None
    connection.execute(insert(EntryVersionRow), [_version_row(version) for version in versions])
    for part in _parts(ids):
        connection.execute(delete(EntryHeadRow).where(EntryHeadRow.id.in_(part or [])))
    connection.execute(insert(EntryHeadRow), [_head_row(version, served.get(version.entry.id)) for version in versions])
    changed = [version for version in versions if version.state in {State.PUBLISHED, State.ARCHIVED}]
    for part in _parts([version.entry.id for version in changed]):
        connection.execute(delete(EntryRow).where(EntryRow.id.in_(part or [])))
    _write_served(connection, [version for version in changed if version.state is State.PUBLISHED])
    if changed:
        connection.execute(insert(IndexTaskRow), [{"entry_id": version.entry.id} for version in changed])


def write_confirmed(connection: Connection, version: Version) -> None:
    """Add a version that says nothing new, only that something is still right: what is served stays."""
    connection.execute(insert(EntryVersionRow).values(_version_row(version)))
    row = _head_row(version, None)
    del row["served"]
    connection.execute(update(EntryHeadRow).where(EntryHeadRow.id == version.entry.id).values(row))


def _write_served(connection: Connection, versions: Sequence[Version]) -> None:
    if not versions:
        return
    connection.execute(
        insert(EntryRow),
        [
            {
                "id": entry.id,
                "category": entry.category,
                "intent": entry.intent,
                "version": entry.version,
                "updated_at": version.at,
                "tags": list(entry.tags),
                "owner": entry.owner,
                "valid_from": entry.valid_from,
                "valid_until": entry.valid_until,
            }
            for version in versions
            for entry in (version.entry,)
        ],
    )
    connection.execute(
        insert(EntryVariantRow),
        [
            {"entry_id": version.entry.id, "language": one.language, "questions": list(one.questions), "answer": one.answer}
            for version in versions
            for one in version.entry.variants.values()
        ],
    )


def _served_numbers(connection: Connection, ids: Sequence[str]) -> dict[str, int | None]:
    """The versions that customers are told, by id."""
    found: dict[str, int | None] = {}
    for part in _parts(ids):
        rows = connection.execute(select(EntryHeadRow.id, EntryHeadRow.served).where(EntryHeadRow.id.in_(part or []))).all()
        found |= {row.id: row.served for row in rows}
    return found


def _parts(ids: Sequence[str] | None) -> list[Sequence[str] | None]:
    """Ids, as many as a statement takes; None stands for all."""
    return [None] if ids is None else [ids[start : start + AT_ONCE] for start in range(0, len(ids), AT_ONCE)]


def _version(row: Row[Any]) -> Version:
    entry = entry_from_dict(row.document, version=row.number)
    return Version(entry, State(row.state), row.author, row.at, row.note, frozenset(row.stale))


def _version_row(version: Version) -> dict[str, object]:
    return {
        "entry_id": version.entry.id,
        "number": version.number,
        "state": version.state,
        "author": version.author,
        "at": version.at,
        "note": version.note,
        "stale": sorted(version.stale),
        "document": entry_to_dict(version.entry),
    }


def _head_row(version: Version, served: int | None) -> dict[str, object]:
    entry = version.entry
    texts = [text for variant in entry.variants.values() for text in variant.texts]
    return {
        "id": entry.id,
        "number": version.number,
        "served": served,
        "state": version.state,
        "author": version.author,
        "at": version.at,
        "title": entry.variant("en").title,
        "category": entry.category,
        "intent": entry.intent or "",
        "owner": entry.owner,
        "tags": listed(entry.tags),
        "languages": listed(sorted(entry.variants)),
        "stale": listed(sorted(version.stale)),
        "words": normalise(" ".join([entry.id, entry.category, entry.intent or "", entry.owner, *entry.tags, *texts])),
    }


def listed(values: Sequence[str]) -> str:
    """Values as one text in which each can be looked for: ``,one,two,``, and empty where there are none."""
    return f",{','.join(values)}," if values else ""
