"""Lists entries: searched, filtered, in pages."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from knowledge_base.curation.version import State
from knowledge_base.database import Database
from knowledge_base.normalisation import normalise
from knowledge_base.tables import EntryHeadRow


@dataclass(frozen=True)
class Filter:
    """Which entries are wanted; what is None or empty does not matter.

    Attributes:
        text: words that are all in its questions, answers, tags or id.
        state: where its newest version stands.
        category: its category.
        tag: one of its tags.
        owner: who keeps it right.
        language: one that it has.
        stale: whether a language of it is to be confirmed.
    """

    text: str = ""
    state: State | None = None
    category: str | None = None
    tag: str | None = None
    owner: str | None = None
    language: str | None = None
    stale: bool = False

    def conditions(self) -> list[ColumnElement[bool]]:
        """As SQL."""
        head = EntryHeadRow
        found: list[ColumnElement[bool]] = [head.words.contains(word, autoescape=True) for word in normalise(self.text).split()]
        found += [
            column == value
            for column, value in ((head.state, self.state), (head.category, self.category), (head.owner, self.owner))
            if value
        ]
        found += [
            column.contains(f",{value},", autoescape=True)
            for column, value in ((head.tags, self.tag), (head.languages, self.language))
            if value
        ]
        return [*found, head.stale != ""] if self.stale else found


@dataclass(frozen=True)
class Listed:
    """An entry in a list.

    Attributes:
        id: the entry's.
        number: its newest version's.
        served: the version that customers are told, None for none.
        state: where the newest version stands.
        title: its first question, in English where it has that.
        category: its category.
        owner: who keeps it right.
        tags: its tags.
        languages: that it has.
        stale: those that are to be confirmed.
        author: of the newest version.
        at: when that was made.
    """

    id: str
    number: int
    served: int | None
    state: State
    title: str
    category: str
    owner: str
    tags: tuple[str, ...]
    languages: tuple[str, ...]
    stale: tuple[str, ...]
    author: str
    at: datetime


@dataclass(frozen=True)
class Page:
    """Some of the entries that are wanted.

    Attributes:
        entries: those on this page, the last changed first.
        total: how many there are on all pages.
    """

    entries: tuple[Listed, ...]
    total: int


@dataclass(frozen=True)
class Choices:
    """What there is to filter by."""

    categories: tuple[str, ...]
    tags: tuple[str, ...]
    owners: tuple[str, ...]
    languages: tuple[str, ...]


class EntryList:
    """Lists the newest versions of all entries, served or not.

    Args:
        database: where they live.

    Example:
        >>> EntryList(database).page(Filter(text="refund", state=State.PUBLISHED)).total
        3
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def page(self, wanted: Filter, limit: int = 50, offset: int = 0) -> Page:
        """One page of the entries that are wanted.

        Args:
            wanted: which.
            limit: how many at most.
            offset: how many to pass over.
        """
        conditions = wanted.conditions()
        query = (
            select(EntryHeadRow.__table__).where(*conditions).order_by(EntryHeadRow.at.desc(), EntryHeadRow.id).limit(limit).offset(offset)
        )
        with self.database.reading() as connection:
            total = connection.execute(select(func.count()).select_from(EntryHeadRow).where(*conditions)).scalar_one()
            return Page(tuple(_listed(row) for row in connection.execute(query).all()), total)

    def numbers(self, wanted: Filter) -> dict[str, int]:
        """The newest version's number, by id, of all entries that are wanted: to change them together."""
        with self.database.reading() as connection:
            rows = connection.execute(select(EntryHeadRow.id, EntryHeadRow.number).where(*wanted.conditions())).all()
        return {row.id: row.number for row in rows}

    def choices(self) -> Choices:
        """What there is to filter by, each in order."""
        head = EntryHeadRow
        with self.database.reading() as connection:
            columns = [
                connection.execute(select(c).distinct()).scalars().all() for c in (head.category, head.tags, head.owner, head.languages)
            ]
        categories, tags, owners, languages = columns
        return Choices(_sorted(categories), _sorted(_unlisted(tags)), _sorted(owners), _sorted(_unlisted(languages)))


def _listed(row: Row[Any]) -> Listed:
    return Listed(
        row.id,
        row.number,
        row.served,
        State(row.state),
        row.title,
        row.category,
        row.owner,
        tuple(_unlisted([row.tags])),
        tuple(_unlisted([row.languages])),
        tuple(_unlisted([row.stale])),
        row.author,
        row.at,
    )


def _unlisted(columns: Sequence[str]) -> list[str]:
    """The values in columns of the form ``,one,two,``."""
    return [value for column in columns for value in column.strip(",").split(",") if value]


def _sorted(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted({value for value in values if value}))
