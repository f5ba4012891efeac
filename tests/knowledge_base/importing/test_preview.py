"""What an import would change is told before, and is written whole or not at all."""

import time
from collections.abc import Iterator
from dataclasses import replace

import pytest

from knowledge_base.curation.curation import Curation
from knowledge_base.curation.version import State
from knowledge_base.database import Database
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.errors import ConflictError
from knowledge_base.importing.preview import ImportPlan, Kind, preview
from knowledge_base.importing.reading import Reading, Refusal
from knowledge_base.importing.sources import read_data
from knowledge_base.repository import FAQRepository
from tests.knowledge_base.faq_index_shop import archive


def entry(entry_id: str, question: str, answer: str = "Yes.", **others: str) -> FAQEntry:
    """An English entry, and others by language as ``question|answer``."""
    variants = {"en": EntryVariant("en", (question,), answer)}
    for language, text in others.items():
        other, _, told = text.partition("|")
        variants[language] = EntryVariant(language, (other,), told)
    return FAQEntry(entry_id, variants)


HOURS = entry("hours", "When are you open?", zh="几点开门？|每天。")
REFUND = entry("refund", "Where is my money?")


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    Curation(database).publish_all([HOURS, REFUND], "lin")
    yield database
    database.close()


def reading(*entries: FAQEntry, refusals: tuple[Refusal, ...] = ()) -> Reading:
    return Reading(entries, {entry.id: f"row {number}" for number, entry in enumerate(entries, start=2)}, refusals)


def kinds(plan: ImportPlan) -> dict[str, Kind]:
    return {item.entry.id: item.kind for item in plan.items if item.entry}


def test_what_is_new_changed_and_unchanged_is_told_and_then_written(database: Database) -> None:
    changed = replace(entry("hours", "When are you open?", "Never.", de="Wann?|Nie."), category="shop", tags=("x",))
    new = entry("stores", "Where are you?")
    plan = preview(reading(REFUND, changed, new, refusals=(Refusal("row 9", "the answer is blank."),)), database)
    assert kinds(plan) == {"refund": Kind.UNCHANGED, "hours": Kind.CHANGED, "stores": Kind.NEW}
    assert plan.items[1].changes == ("removes zh", "adds de", "category", "tags", "en answer")
    assert (plan.items[3].kind, plan.items[3].place, plan.items[3].reason) == (Kind.REFUSED, "row 9", "the answer is blank.")
    assert plan.apply("wang", "from faq.csv") == 2
    assert FAQRepository(database).all() == [changed, REFUND, new]
    head = Curation(database).heads(["hours"])["hours"]
    assert (head.author, head.note, head.number, head.state) == ("wang", "from faq.csv", 2, State.PUBLISHED)
    again = preview(reading(REFUND, changed, new), database)
    assert set(kinds(again).values()) == {Kind.UNCHANGED}
    assert again.apply("wang", "") == 0


def test_a_question_of_another_entry_makes_a_duplicate_that_is_left_out(database: Database) -> None:
    plan = preview(
        reading(entry("a", "ＷＨＥＮ are  you open?"), entry("b", "How?"), entry("c", "how?"), entry("d", "Why?", zh="幾點開門？|每天。")),
        database,
    )
    assert kinds(plan) == {"a": Kind.DUPLICATE, "b": Kind.NEW, "c": Kind.DUPLICATE, "d": Kind.DUPLICATE}
    assert [plan.items[number].reason for number in (0, 2, 3)] == [
        "“ＷＨＥＮ are  you open?” is a question of hours already.",
        "“how?” is a question of b (row 3) already.",
        "“幾點開門？” is a question of hours already.",
    ]
    assert plan.apply("lin", "") == 1
    assert FAQRepository(database).count() == 3


def test_of_two_in_a_file_the_one_that_is_not_served_is_the_duplicate(database: Database) -> None:
    plan = preview(reading(entry("new", "Is it open now?"), entry("hours", "Is it open now?")), database)
    assert kinds(plan) == {"new": Kind.DUPLICATE, "hours": Kind.CHANGED}


def test_a_question_may_move_from_one_entry_to_another(database: Database) -> None:
    plan = preview(reading(entry("refund", "When are you open?"), entry("hours", "Where is my money?")), database)
    assert kinds(plan) == {"refund": Kind.CHANGED, "hours": Kind.CHANGED}
    plan.apply("lin", "")
    assert FAQRepository(database).get(["refund"])["refund"].variants["en"].title == "When are you open?"


def test_questions_that_two_entries_share_already_keep_no_change_out(database: Database) -> None:
    Curation(database).publish_all([entry("copy", "Where is my money?")], "lin")
    assert kinds(preview(reading(entry("copy", "Where is my money?", "Gone.")), database)) == {"copy": Kind.CHANGED}


@pytest.mark.parametrize("state", [State.DRAFT, State.IN_REVIEW])
def test_unpublished_work_is_not_overwritten(database: Database, state: State) -> None:
    curation = Curation(database)
    draft = curation.save(entry("hours", "When are you open?", "Soon."), "lin", 1)
    if state is State.IN_REVIEW:
        (draft,) = curation.move({"hours": draft.number}, state, "lin")
    curation.save(entry("fresh", "Fresh?"), "wang", 0)
    plan = preview(reading(entry("hours", "When?"), entry("fresh", "Fresh?"), entry("other", "几点开门？")), database)
    assert kinds(plan) == {"hours": Kind.REFUSED, "fresh": Kind.REFUSED, "other": Kind.DUPLICATE}
    assert plan.items[0].reason == f"lin has unpublished changes to it since {draft.at:%Y-%m-%d %H:%M}; publish or discard them first."
    assert plan.apply("wang", "") == 0


def test_an_archived_entry_is_new_again(database: Database) -> None:
    archive(FAQRepository(database), "hours")
    plan = preview(reading(HOURS), database)
    assert kinds(plan) == {"hours": Kind.NEW}
    assert plan.apply("wang", "") == 1
    assert FAQRepository(database).get(["hours"])["hours"] == HOURS


@pytest.mark.parametrize("meanwhile", ["published", "draft", "created", "archived"])
def test_nothing_is_written_where_anything_was_changed_since_the_preview(database: Database, meanwhile: str) -> None:
    plan = preview(reading(entry("hours", "When?"), entry("stores", "Where are you?")), database)
    curation = Curation(database)
    if meanwhile == "published":
        curation.publish_all([entry("hours", "Opening hours?")], "wang")
    elif meanwhile == "draft":
        curation.save(entry("hours", "Opening hours?"), "wang", 1)
    elif meanwhile == "created":
        curation.publish_all([entry("stores", "Shops?")], "wang")
    else:
        curation.move({"hours": 1}, State.ARCHIVED, "wang")
    before = FAQRepository(database).all()
    with pytest.raises(ConflictError, match="wang"):
        plan.apply("lin", "")
    assert FAQRepository(database).all() == before


def test_ten_thousand_duplicate_rows_are_one_new_entry(database: Database) -> None:
    began = time.monotonic()
    plan = preview(read_data(b"question,answer\n" + b"Do you ship abroad?,Yes.\n" * 10_000, "csv"), database)
    assert (plan.count(Kind.NEW), plan.count(Kind.DUPLICATE), len(plan.items)) == (1, 9_999, 10_000)
    assert plan.apply("lin", "") == 1
    assert time.monotonic() - began < 10
