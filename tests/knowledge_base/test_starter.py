"""The shipped entries say what the demonstration shop's facts say, in both languages, and nothing else."""

import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from knowledge_base.entry import FAQEntry
from knowledge_base.importing.sources import read_entries
from knowledge_base.normalisation import normalise
from tests.conftest import ROOT, SHARED

STARTER = ROOT / "knowledge_base/starter/entries"
FACTS = SHARED / "starter/shop.yaml"
NUMBER = re.compile(r"\d+(?:[.:]\d+)*")
ENTRIES = read_entries([STARTER])

needs_facts = pytest.mark.skipif(not FACTS.exists(), reason=f"the shop's facts are not here ({FACTS})")


def facts() -> dict[str, dict[str, Any]]:
    return dict(yaml.safe_load(FACTS.read_text(encoding="utf-8"))["faq"])


def numbers(text: str) -> set[str]:
    return set(NUMBER.findall(re.sub(r"(?<=\d),(?=\d{3})", "", normalise(text))))


def test_there_are_62_entries_in_both_languages() -> None:
    assert len(ENTRIES) == 62
    assert {frozenset(entry.variants) for entry in ENTRIES} == {frozenset({"en", "zh"})}


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_answers_are_short_and_questions_are_many(entry: FAQEntry) -> None:
    english, chinese = entry.variants["en"], entry.variants["zh"]
    assert len(english.answer.split()) <= 120
    assert len(chinese.answer) <= 240
    assert min(len(english.questions), len(chinese.questions)) >= 4


def test_no_question_is_asked_twice() -> None:
    questions = Counter(normalise(question) for entry in ENTRIES for variant in entry.variants.values() for question in variant.questions)
    assert [question for question, count in questions.items() if count > 1] == []


@pytest.mark.parametrize("file", sorted(STARTER.glob("*.yaml")), ids=lambda file: file.stem)
def test_the_category_is_the_file_s_name(file: Path) -> None:
    assert {entry.category for entry in read_entries([file])} == {file.stem}


@needs_facts
def test_ids_and_intents_are_the_shop_s() -> None:
    assert {entry.id: entry.intent for entry in ENTRIES} == {entry_id: fact["intent"] for entry_id, fact in facts().items()}


@needs_facts
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.id)
def test_answers_hold_the_fact_s_numbers_and_no_other(entry: FAQEntry) -> None:
    expected = numbers(facts()[entry.id]["fact"])
    assert {language: numbers(variant.answer) for language, variant in entry.variants.items()} == {"en": expected, "zh": expected}
