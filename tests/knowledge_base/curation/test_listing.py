"""What a curator finds in the list."""

from dataclasses import replace

import pytest

from knowledge_base.curation.curation import Curation
from knowledge_base.curation.listing import EntryList, Filter
from knowledge_base.curation.version import State
from tests.knowledge_base.faq_index_shop import entry

REFUND = replace(
    entry("refund", en=("Where is my money?", "It takes 100% of 5 days_"), zh=("退款多久到账？", "五天。")),
    category="money",
    tags=("refund", "bank"),
    owner="lin",
)
HOURS = replace(entry("hours", en=("When are you open?", "Every day.")), category="service", tags=("ref",))
SIZES = entry("sizes", zh=("有大號的嗎？", "有。"))


@pytest.fixture
def entries(curation: Curation) -> EntryList:
    curation.publish_all([REFUND], "lin")
    curation.save(HOURS, "mei", 0)
    curation.publish_all([SIZES], "mei")
    return EntryList(curation.database)


@pytest.mark.parametrize(
    ("wanted", "ids"),
    [
        (Filter(), {"refund", "hours", "sizes"}),
        (Filter("money where"), {"refund"}),
        (Filter("退款"), {"refund"}),
        (Filter("大号"), {"sizes"}),
        (Filter("ＯＰＥＮ"), {"hours"}),
        (Filter("100%"), {"refund"}),
        (Filter("1_0"), set()),
        (Filter("hours"), {"hours"}),
        (Filter("' OR 1=1 --"), set()),
        (Filter(state=State.DRAFT), {"hours"}),
        (Filter(category="money"), {"refund"}),
        (Filter(tag="ref"), {"hours"}),
        (Filter(tag="bank"), {"refund"}),
        (Filter(owner="lin"), {"refund"}),
        (Filter(language="zh"), {"refund", "sizes"}),
        (Filter(stale=True), set()),
        (Filter("day", state=State.PUBLISHED), {"refund"}),
    ],
)
def test_what_is_wanted_is_found(entries: EntryList, wanted: Filter, ids: set[str]) -> None:
    page = entries.page(wanted)
    assert {one.id for one in page.entries} == ids
    assert page.total == len(ids)
    assert set(entries.numbers(wanted)) == ids


def test_a_row_says_where_its_entry_stands(entries: EntryList, curation: Curation) -> None:
    curation.save(replace(REFUND, variants={"en": HOURS.variants["en"], "zh": REFUND.variants["zh"]}), "mei", 1)
    (row,) = entries.page(Filter(stale=True)).entries
    assert (row.id, row.number, row.served, row.state) == ("refund", 2, 1, State.DRAFT)
    assert (row.title, row.stale, row.languages, row.tags) == ("When are you open?", ("zh",), ("en", "zh"), ("refund", "bank"))
    curation.confirm("refund", ["zh"], "lin", 2)
    assert entries.page(Filter(stale=True)).total == 0
    assert entries.page(Filter("open", category="money")).entries[0].served == 1


def test_pages_follow_each_other_newest_first(curation: Curation) -> None:
    for i in range(7):
        curation.save(entry(f"e{i}", en=(f"Question {i}?", "Yes.")), "lin", 0)
    entries = EntryList(curation.database)
    pages = [entries.page(Filter(), limit=3, offset=offset) for offset in (0, 3, 6)]
    assert [one.id for page in pages for one in page.entries] == [f"e{i}" for i in (6, 5, 4, 3, 2, 1, 0)]
    assert {page.total for page in pages} == {7}


def test_there_is_to_filter_by_what_there_is(entries: EntryList) -> None:
    choices = entries.choices()
    assert choices.categories == ("money", "service")
    assert choices.tags == ("bank", "ref", "refund")
    assert choices.owners == ("lin",)
    assert choices.languages == ("en", "zh")
