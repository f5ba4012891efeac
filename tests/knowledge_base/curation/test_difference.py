"""What the history shows of a change."""

from dataclasses import replace
from datetime import date

from knowledge_base.curation.difference import differences
from knowledge_base.entry import EntryVariant
from tests.knowledge_base.faq_index_shop import entry

HOURS = entry("hours", en=("When are you open?", "hours", "Every day.\nFrom 9 to 5."), zh=("几点开门？", "每天。"))


def test_nothing_changed_is_no_difference() -> None:
    assert differences(HOURS, replace(HOURS, version=9)) == []


def test_only_the_parts_that_changed_are_shown_line_by_line() -> None:
    english = EntryVariant("en", ("When are you open?", "opening hours"), "Every day.\nFrom 9 to 6.")
    after = replace(HOURS, variants={"en": english}, tags=("time",), valid_until=date(2026, 12, 31))
    assert {one.part: one.lines for one in differences(HOURS, after)} == {
        "tags": ("+time",),
        "valid_until": ("+2026-12-31",),
        "en questions": (" When are you open?", "-hours", "+opening hours"),
        "en answer": (" Every day.", "-From 9 to 5.", "+From 9 to 6."),
        "zh questions": ("-几点开门？",),
        "zh answer": ("-每天。",),
    }
