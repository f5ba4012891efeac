"""The index as it will be finds what the index finds once the changes are published, and leaves it alone."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import date
from typing import cast

import pytest

from knowledge_base.changed_index import ChangedIndex
from knowledge_base.entry import FAQEntry
from knowledge_base.index import FAQIndex
from knowledge_base.retrieval import Candidate
from tests.knowledge_base.faq_index_shop import CANDLES, ENTRIES, MANY, Shop, archive, entry, search

Changes = Mapping[str, FAQEntry | None]
BY_ID = {one.id: one for one in ENTRIES}
ASKED = ("I want to send it back", "怎么开发票？", "candles", "SKU-77X", "客服几点上班？", "is it open on sundays", "unicorn", "????")
DAY = date(2026, 5, 17)
CHANGES: Mapping[str, Changes] = {
    "an answer": {"hours": entry("hours", en=("When are you open?", "From 9 to 5, except on Sundays."))},
    "a question": {
        "invoice": entry("invoice", en=("Where is my invoice?", "It is in My orders.")),
        "return": replace(BY_ID["return"], variants={**BY_ID["return"].variants, "zh": BY_ID["invoice"].variants["zh"]}),
    },
    "archived": {"return": None, "charger": None},
    "new": {"candles": CANDLES},
    "shared texts": {"candles": replace(BY_ID["hours"], id="candles"), "hours": None, "hours-2": replace(BY_ID["hours"], id="hours-2")},
    "everything": {one.id: None for one in ENTRIES},
}


def searched(changed: ChangedIndex, text: str) -> list[Candidate]:
    return search(cast("FAQIndex", changed), text)  # it has what is searched


def publish(index: FAQIndex, changes: Changes) -> None:
    index.repository.put([one for one in changes.values() if one])
    for entry_id in (entry_id for entry_id, one in changes.items() if one is None):
        archive(index.repository, entry_id)
    index.refresh()


def assert_same(foretold: Mapping[str, Sequence[Candidate]], index: FAQIndex) -> None:
    """Compare what was foretold with what is found, as far as single precision goes."""
    for text, candidates in foretold.items():
        found = search(index, text)
        assert [one.entry for one in candidates] == [one.entry for one in found]
        for one, other in zip(candidates, found, strict=True):
            for name in ("question", "answer", "keywords", "cohort", "cohort_nearest", "fused"):
                assert getattr(one, name) == pytest.approx(getattr(other, name), abs=1e-6), (text, name)


@pytest.fixture
def spring_index(shop: Shop) -> Iterator[FAQIndex]:
    """An index on a day in May."""
    index = FAQIndex(shop.folder / "index", shop.repository, shop.encoder, today=lambda: DAY)
    yield index
    index.close()


@pytest.mark.parametrize("kind", CHANGES)
def test_it_finds_what_is_found_once_the_changes_are_published(index: FAQIndex, kind: str) -> None:
    with closing(ChangedIndex(index, CHANGES[kind])) as changed:
        foretold = {text: searched(changed, text) for text in ASKED}
        entries, intents = changed.entries, changed.intents
    publish(index, CHANGES[kind])
    assert_same(foretold, index)
    assert (entries, intents) == (index.entries, index.intents)


def test_it_finds_what_is_left_behind_much_that_goes(large_shop: Shop) -> None:
    changes = {one.id: None for one in MANY[:90]}
    with closing(large_shop.open()) as index:
        with closing(ChangedIndex(index, changes)) as changed:
            foretold = {text: searched(changed, text) for text in (f"question {place} about product {place}" for place in range(10))}
        publish(index, changes)
        assert_same(foretold, index)
    assert {len(found) for found in foretold.values()} == {10}


def test_the_live_index_stays_what_it_is(index: FAQIndex) -> None:
    def state() -> object:
        found = {text: search(index, text) for text in ASKED}
        return found, index.entries, index.vectors.count(), len(index.vectors.owners), index.keywords.count(), index.keywords.vocabulary()

    before, spelt = state(), index.spelling.correct("a zephirus, please")
    changes = {"candles": entry("candles", en=("Do you sell the zephyrus candle?", "Yes.")), "return": None, "hours": BY_ID["hours"]}
    with closing(ChangedIndex(index, changes)) as changed:
        assert searched(changed, "candle")[0].entry.id == "candles"
        assert changed.spelling.correct("a zephirus, please") == "a zephyrus, please"
        assert state() == before
    assert state() == before
    assert index.spelling.correct("a zephirus, please") == spelt


def test_a_change_of_an_entry_with_another_day_is_told_on_its_days(spring_index: FAQIndex) -> None:
    may, june = (replace(BY_ID["hours"], valid_from=date(2026, month, 1)) for month in (5, 6))
    with closing(ChangedIndex(spring_index, {"hours": may, "candles": replace(CANDLES, valid_until=date(2026, 5, 16))})) as changed:
        assert changed.entries["hours"] == may
        assert "candles" not in changed.entries
        assert "candles" not in [one.entry.id for one in searched(changed, "candles")]
    with closing(ChangedIndex(spring_index, {"hours": june})) as changed:
        assert "hours" not in [one.entry.id for one in searched(changed, "When are you open?")]


def test_entries_that_are_not_valid_today_still_count(spring_index: FAQIndex) -> None:
    publish(spring_index, {"hours": replace(BY_ID["hours"], valid_until=date(2026, 5, 1))})
    changes: Changes = {"return": None}
    with closing(ChangedIndex(spring_index, changes)) as changed:
        foretold = {text: searched(changed, text) for text in ASKED}
        assert "hours" not in changed.entries
    publish(spring_index, changes)
    assert_same(foretold, spring_index)
