"""An entry that breaks a rule cannot exist, and the message says which rule."""

from datetime import date
from typing import Any

import pytest

from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.entry_documents import entry_from_dict, entry_to_dict
from knowledge_base.errors import EntryError

ENGLISH = EntryVariant("en", ("When are you open?", "opening hours"), "Every day.")
CHINESE = EntryVariant("zh", ("几点开门？",), "每天都开。")
HOURS = {"id": "hours", "en": {"questions": ["When are you open?"], "answer": "Every day."}}


def test_the_variant_in_the_customer_s_language_else_english_else_any() -> None:
    both = FAQEntry("hours", {"zh": CHINESE, "en": ENGLISH})
    assert both.variant("zh") == CHINESE
    assert both.variant("fr") == ENGLISH
    assert FAQEntry("hours", {"zh": CHINESE}).variant("en") == CHINESE
    assert ENGLISH.title == "When are you open?"


def test_the_version_is_not_part_of_what_an_entry_says() -> None:
    assert FAQEntry("hours", {"en": ENGLISH}, version=1) == FAQEntry("hours", {"en": ENGLISH}, version=2)
    assert FAQEntry("hours", {"en": ENGLISH}) != FAQEntry("hours", {"en": ENGLISH}, intent="opening_hours")


@pytest.mark.parametrize("entry_id", ["a", "return-steps", "退货:1", "A.b_c-9", "x" * 100])
def test_valid_ids(entry_id: str) -> None:
    assert FAQEntry(entry_id, {"en": ENGLISH}).id == entry_id


@pytest.mark.parametrize("entry_id", ["", " ", "-a", "a b", "a/b", "a\n", "x" * 101])
def test_invalid_ids(entry_id: str) -> None:
    with pytest.raises(EntryError, match="is no valid entry id: use 1 to 100 letters"):
        FAQEntry(entry_id, {"en": ENGLISH})


@pytest.mark.parametrize(
    ("variants", "message"),
    [
        ({}, "Entry hours has no language"),
        ({"english": EntryVariant("english", ("a",), "b")}, "'english' is no two-letter language code"),
        ({"zh": ENGLISH}, "'zh' is no two-letter language code"),
        ({"en": EntryVariant("en", (), "b")}, r"Entry hours \(en\): there must be at least one question"),
        ({"en": EntryVariant("en", ("a", " \n"), "b")}, r"Entry hours \(en\): .* none may be blank"),
        ({"en": EntryVariant("en", ("a",), " ")}, r"Entry hours \(en\): the answer is blank"),
        ({"en": ENGLISH, "zh": EntryVariant("zh", ("几点开门？",), "")}, r"Entry hours \(zh\): the answer is blank"),
    ],
)
def test_rules_about_languages(variants: dict[str, EntryVariant], message: str) -> None:
    with pytest.raises(EntryError, match=message):
        FAQEntry("hours", variants)


def test_an_entry_is_read_from_a_dictionary() -> None:
    row = {**HOURS, "zh": {"questions": [" 几点开门？\n"], "answer": "每天都开。\n"}, "category": "service", "intent": "opening_hours"}
    entry = entry_from_dict(row)
    assert entry == FAQEntry(
        "hours", {"en": EntryVariant("en", ("When are you open?",), "Every day."), "zh": CHINESE}, "service", "opening_hours"
    )
    assert entry_from_dict(HOURS).intent is None
    assert entry_from_dict({**HOURS, "category": None, "intent": ""}) == entry_from_dict(HOURS)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"id": None}, "An entry needs an id"),
        ({"id": 12}, "An entry needs an id"),
        ({"colours": ["a"]}, "'colours' is neither id, category, intent, tags, owner, valid_from, valid_until nor a language"),
        ({"en": "Every day."}, "'en' is neither id, .* nor a language"),
        ({"tags": "a, b"}, "`tags` must be a list of texts"),
        ({"tags": ["a, b"]}, "a tag is blank or has a comma in it"),
        ({"owner": "x" * 101}, "an owner or a tag has 100"),
        ({"valid_from": "tomorrow"}, "valid_from: 'tomorrow' is no day; one looks like 2026-11-28"),
        ({"valid_from": "2026-11-28", "valid_until": "2026-11-27"}, "valid until 2026-11-27, before it is valid from 2026-11-28"),
        ({"zh": {"questions": ["几点？"], "answer": "每天\0"}}, "a NUL character"),
        ({"zh": {"questions": ["几点？"] * 501, "answer": "每天"}}, "501 questions are too many"),
        ({"zh": {"questions": ["几点？" * 1000], "answer": "每天"}}, "a question has 2,000 characters at most"),
        ({"en": {"questions": "When?", "answer": "Every day."}}, r"\(en\) needs `questions` \(a list of texts\)"),
        ({"en": {"questions": [None], "answer": "Every day."}}, r"\(en\) needs `questions` \(a list of texts\)"),
        ({"en": {"questions": ["When?"]}}, r"and `answer` \(a text\)"),
        ({"en": {"questions": ["When?"], "answer": 24}}, r"and `answer` \(a text\)"),
        ({False: {"questions": ["Når?"], "answer": "Hver dag."}}, "the key False is no text; put it in quotes"),
    ],
)
def test_what_is_wrong_with_a_dictionary(change: dict[Any, object], message: str) -> None:
    with pytest.raises(EntryError, match=message):
        entry_from_dict({**HOURS, **change})


def test_a_dictionary_of_an_entry_is_read_as_that_entry() -> None:
    entry = entry_from_dict(
        {**HOURS, "tags": ["shop", "shop", "时间"], "owner": "lin", "valid_from": date(2026, 11, 1), "valid_until": "2026-11-30"}
    )
    assert entry.tags == ("shop", "时间")
    assert entry_from_dict(entry_to_dict(entry)) == entry
    assert "tags" not in entry_to_dict(entry_from_dict(HOURS))


def test_it_is_valid_from_its_first_to_its_last_day() -> None:
    entry = entry_from_dict({**HOURS, "valid_from": "2026-11-01", "valid_until": "2026-11-30"})
    valid = [entry.is_valid(date(2026, *day)) for day in ((10, 31), (11, 1), (11, 30), (12, 1))]
    assert valid == [False, True, True, False]
    assert entry_from_dict(HOURS).is_valid(date(1999, 1, 1))
