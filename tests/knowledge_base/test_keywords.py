"""Keyword search takes any text, in one language or both, and a failed change changes nothing."""

import sqlite3
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.keywords import KeywordIndex

HOURS = FAQEntry(
    "hours",
    {
        "en": EntryVariant("en", ("When are you open?",), "The shop opens at 9, say hello."),
        "zh": EntryVariant("zh", ("几点开门？",), "早上九点营业。"),
    },
)
CABLE = FAQEntry("cable", {"en": EntryVariant("en", ("What is SKU-77X?",), "A cable for opened cases.")})


@pytest.fixture(scope="module")
def keywords(tmp_path_factory: pytest.TempPathFactory) -> KeywordIndex:
    index = KeywordIndex(tmp_path_factory.mktemp("keywords") / "keywords.db")
    index.replace([], [HOURS, CABLE])
    return index


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("sku-77x", ["cable"]),
        ("ＳＫＵ－７７Ｘ？", ["cable"]),
        ("開門", ["hours"]),
        ("open", ["hours", "cable"]),  # a word of the question weighs more than one of the answer, its forms are one word
        ("refund", []),
        ("?!", []),
        ("", []),
    ],
)
def test_rare_words_find_entries_and_both_languages_count_once(keywords: KeywordIndex, text: str, found: list[str]) -> None:
    scores = keywords.search(text, 10)
    assert list(scores) == found
    assert all(score > 0 for score in scores.values())


@given(st.text(st.characters(exclude_categories=())) | st.text(st.sampled_from('"*^-+:(){}?% AND OR NOT NEAR/questions sku-77x')))
def test_any_text_can_be_searched(keywords: KeywordIndex, text: str) -> None:
    assert set(keywords.search(text, 10)) <= {"hours", "cable"}


def test_a_failed_change_changes_nothing_and_keeps_nobody_waiting(tmp_path: Path) -> None:
    index = KeywordIndex(tmp_path / "keywords.db")
    index.replace([], [HOURS])
    with pytest.raises(sqlite3.Error):
        index.replace(["hours", object()], [CABLE])  # type: ignore[list-item]
    assert list(index.search("open SKU-77X", 10)) == ["hours"]
    index.replace(["hours"], [CABLE])
    assert list(index.search("open SKU-77X", 10)) == ["cable"]
    assert index.count() == 1
