"""Rows become entries: those with one id and language are one entry's questions, a row that breaks a rule is refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from knowledge_base.centring import language_of
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.entry_documents import day_of
from knowledge_base.errors import EntryError
from knowledge_base.importing.identifiers import ids_for
from knowledge_base.importing.languages import language_code
from knowledge_base.importing.reading import Reading, Refusal

MOST_ROWS = 200_000


@dataclass(frozen=True)
class Row:
    """Questions and their answer, as a table's row or a part of a page has them.

    Attributes:
        place: where it stands.
        questions: stripped.
        answer: Markdown; may be empty where another row of the same id and language has it.
        id: empty for one made of the first question.
        language: as it is written there, empty to tell it by the script.
        fields: category, intent, tags, owner, valid_from and valid_until, as far as they are there.
        problem: why it cannot be read, or empty.
    """

    place: str
    questions: tuple[str, ...] = ()
    answer: str = ""
    id: str = ""
    language: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass
class _Side:
    """An entry in one language, as far as it was read."""

    place: str
    answer: str = ""
    questions: dict[str, None] = field(default_factory=dict)  # a set in order


@dataclass
class _Draft:
    """An entry, as far as it was read."""

    place: str
    id: str
    sides: dict[str, _Side] = field(default_factory=dict)
    fields: dict[str, tuple[str, str]] = field(default_factory=dict)  # text and place by name

    def add(self, row: Row, language: str) -> None:
        """Take a row in, or leave everything as it is.

        Raises:
            EntryError: it contradicts an earlier row.
        """
        side = self.sides.get(language) or _Side(row.place)
        if side.answer and row.answer not in {"", side.answer}:
            raise EntryError(f"{self.id} ({language}) has two different answers; {side.place} has the first.")
        for name, text in row.fields.items():
            known, place = self.fields.get(name, (text, ""))
            if text and known != text:
                raise EntryError(f"{self.id} has two values for {name}: {known[:40]!r} in {place}, and {text[:40]!r}.")
        if not side.answer and row.answer:
            side.answer, side.place = row.answer, row.place
        side.questions |= dict.fromkeys(row.questions)
        self.sides[language] = side
        for name, text in row.fields.items():
            if text:
                self.fields.setdefault(name, (text, row.place))


def entries_of(rows: Iterable[Row]) -> Reading:
    """Make entries of rows.

    Args:
        rows: in the order in which they stand there; blank ones left out.

    Raises:
        EntryError: there are too many.
    """
    drafts: list[_Draft] = []
    by_id: dict[str, _Draft] = {}
    refusals: list[Refusal] = []
    for number, row in enumerate(rows, start=1):
        if number > MOST_ROWS:
            raise EntryError(f"it has more than {MOST_ROWS:,} rows; split it.")
        try:
            language = _checked_language(row)
            draft = by_id.get(row.id) or _Draft(row.place, row.id)
            draft.add(row, language)
        except EntryError as error:
            refusals.append(Refusal(row.place, str(error)))
            continue
        if not row.id or row.id not in by_id:
            drafts.append(draft)
        if row.id:
            by_id[row.id] = draft
    refusals += [Refusal(side.place, "the answer is blank.") for draft in drafts for side in draft.sides.values() if not side.answer]
    return _finished(drafts, refusals)


def entry_from(entry_id: str, variants: Mapping[str, EntryVariant], fields: Mapping[str, str]) -> FAQEntry:
    """An entry whose fields are texts.

    Raises:
        EntryError: a rule is broken.
    """
    return FAQEntry(
        entry_id,
        variants,
        fields.get("category", ""),
        fields.get("intent") or None,
        _tags(fields.get("tags", "")),
        fields.get("owner", ""),
        day_of(fields.get("valid_from"), "valid_from"),
        day_of(fields.get("valid_until"), "valid_until"),
    )


def _checked_language(row: Row) -> str:
    """The row's language, if the row keeps every rule of an entry."""
    if row.problem:
        raise EntryError(row.problem)
    if not row.questions or not row.questions[0]:
        raise EntryError("the question is blank.")
    language = language_code(row.language) if row.language else language_of(row.questions[0])
    # The answer may stand in another row; here any text will do.
    entry_from(row.id or "new", {language: EntryVariant(language, row.questions, row.answer or "-")}, row.fields)
    return language


def _finished(drafts: Iterable[_Draft], refusals: list[Refusal]) -> Reading:
    complete = [(draft, {code: side for code, side in draft.sides.items() if side.answer}) for draft in drafts]
    complete = [(draft, sides) for draft, sides in complete if sides]
    nameless = [next(iter(next(iter(sides.values())).questions)) for draft, sides in complete if not draft.id]
    made = iter(ids_for(nameless, [draft.id for draft, _ in complete if draft.id]))
    entries, places = [], {}
    for draft, sides in complete:
        entry_id = draft.id or next(made)
        variants = {code: EntryVariant(code, tuple(side.questions), side.answer) for code, side in sides.items()}
        try:
            entries.append(entry_from(entry_id, variants, {name: text for name, (text, _) in draft.fields.items()}))
            places[entry_id] = draft.place
        except EntryError as error:
            refusals.append(Refusal(draft.place, str(error)))
    return Reading(tuple(entries), places, tuple(refusals))


def _tags(cell: str) -> tuple[str, ...]:
    # A cell with a comma is parted at commas alone, so that a tag may have the other separators in it.
    for separator in (",", "，", ";", "；", "、", "\n"):
        if separator in cell:
            return tuple(dict.fromkeys(tag.strip() for tag in cell.split(separator) if tag.strip()))
    return (cell,) if cell else ()
