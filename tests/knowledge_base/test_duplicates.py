"""Entries that say the same twice are found, and made one."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from knowledge_base.duplicates import BLOCK, find_duplicates, merged, near_pairs
from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import MOST_QUESTIONS
from knowledge_base.errors import EntryError
from knowledge_base.importing.sources import read_entries
from tests.conftest import ROOT
from tests.knowledge_base.faq_index_shop import ENTRIES, entry

STARTER = read_entries([ROOT / "knowledge_base/starter/entries"])
MONEY_BACK = entry(
    "money-back",
    en=(
        "When do I get my money back after a return?",
        "The refund goes back to how you paid, 5 to 7 business days after we have the item.",
    ),
)
MY_DATA = entry("my-data", zh=("我想导出我的个人数据", "请在设置 > 隐私 > 导出数据中提交申请，72 小时内会收到您的个人数据副本。"))
SEND_BACK = entry("send-back", en=("How do I send an item back?", "Print the code and drop the parcel at a pickup point."))
TUIHUO = entry("tuihuo", zh=("怎么把商品退回去？", "打印退货码，把包裹送到自提点。"))
HOURS = replace(entry("hours", en=("When are you open?", "opening hours", "Every day.")), tags=("shop", "time"), category="service")
OPEN = replace(
    entry("open", en=("Opening  Hours", "Are you open on Sundays?", "Daily."), zh=("你们几点开门？", "每天都开。")),
    tags=("time", "sunday"),
    category="other",
    intent="opening_hours",
    owner="Li",
)


def test_only_what_the_demonstration_shop_says_twice_is_found(encoder: TextEncoder) -> None:
    found = find_duplicates([*STARTER, MONEY_BACK, MY_DATA], encoder)
    assert {(one.one, one.other) for one in found} == {("refund-time", "money-back"), ("data-export", "my-data")}
    assert [one.similarity for one in found] == sorted((one.similarity for one in found), reverse=True)
    by_id = {one.id: one for one in [*STARTER, MONEY_BACK, MY_DATA]}
    for one in found:
        assert 0.62 <= one.similarity <= 1.0
        for entry_id, question in ((one.one, one.question), (one.other, one.other_question)):
            assert any(question in variant.questions for variant in by_id[entry_id].variants.values())


def test_entries_without_a_common_language_are_compared_across_languages(encoder: TextEncoder) -> None:
    (found,) = find_duplicates([SEND_BACK, *ENTRIES[1:], TUIHUO], encoder)
    assert (found.one, found.other) == ("send-back", "tuihuo")
    assert (found.question, found.other_question) == ("How do I send an item back?", "怎么把商品退回去？")
    (found,) = find_duplicates([TUIHUO, SEND_BACK], encoder)
    assert (found.one, found.other) == ("tuihuo", "send-back")


def test_the_same_question_with_another_answer_is_no_duplicate(encoder: TextEncoder) -> None:
    one = entry("a", en=("Can I pay later?", "You can pay in three instalments with a credit card."))
    other = entry("b", en=("Can I pay later?", "The museum opens its doors at nine, except on Mondays."))
    assert find_duplicates([one, other], encoder) == []
    (found,) = find_duplicates([one, replace(one, id="c")], encoder)
    assert found.similarity == pytest.approx(1.0, abs=1e-3)


def test_no_entries_have_no_duplicates(encoder: TextEncoder) -> None:
    assert find_duplicates([], encoder) == []


def test_known_vectors_are_taken_instead_of_embedding(encoder: TextEncoder) -> None:
    one, other = (entry(name, en=(f"question {name}", "The same answer.")) for name in ("one", "other"))
    vector = np.eye(1, 384, dtype=np.float32)[0]
    assert find_duplicates([one, other], encoder, known={"question one": vector, "question other": -vector}) == []
    (found,) = find_duplicates([one, other], encoder, known={"question one": vector, "question other": vector})
    assert found.similarity == pytest.approx(1.0, abs=1e-3)


def test_bold_words_do_not_make_an_answer_another_one(encoder: TextEncoder) -> None:
    plain = entry("plain", en=("How long can I return something?", "You can send it back within 30 days of delivery."))
    bold = entry("bold", en=("How many days do I have for a return?", "Send it back within **30 days** of delivery."))
    assert len(find_duplicates([plain, bold], encoder)) == 1


def test_progress_counts_every_text_once(encoder: TextEncoder) -> None:
    told: list[int] = []
    totals: list[int] = []

    def progress(total: int, _title: str) -> Callable[[int], object]:
        totals.append(total)
        return told.append

    find_duplicates([SEND_BACK, OPEN, MY_DATA], encoder, progress=progress)
    assert totals == [2 + 5 + 2]
    assert sum(told) == totals[0]


def test_pairs_are_found_wherever_in_the_faq_they_are(encoder: TextEncoder) -> None:
    rng = np.random.default_rng(0)
    many = [entry(f"e{i}", en=(*(f"question {i} {j}" for j in range(1 + i % 4)), "Yes.")) for i in range(400)]
    questions = [question for one in many for question in one.variants["en"].questions]
    assert len(questions) > 3 * BLOCK
    asked = rng.normal(size=(len(questions), 16)).astype(np.float32)
    asked /= np.linalg.norm(asked, axis=1, keepdims=True)
    known = dict(zip(questions, asked, strict=True))
    found = {(pair.one.entry, pair.other.entry): pair for pair in near_pairs(many, encoder, 0.9, known)}
    owners = np.array([i for i, one in enumerate(many) for _ in one.variants["en"].questions])
    near = np.argwhere(asked @ asked.T >= 0.8)  # with answers that are the same, 0.9 is a cosine of 0.8
    assert found.keys() == {(f"e{owners[i]}", f"e{owners[j]}") for i, j in near if owners[i] < owners[j]}
    assert len(found) > 20
    for pair in found.values():
        assert float(known[pair.question] @ known[pair.other_question]) == pytest.approx(2 * pair.similarity - pair.answers, abs=1e-4)


def test_merging_keeps_the_answer_and_takes_over_the_rest() -> None:
    one = merged(HOURS, OPEN)
    assert (one.id, one.category, one.intent, one.owner) == ("hours", "service", "opening_hours", "Li")
    assert one.tags == ("shop", "time", "sunday")
    assert one.variants["en"].questions == ("When are you open?", "opening hours", "Are you open on Sundays?")
    assert one.variants["en"].answer == "Every day."
    assert one.variants["zh"] == OPEN.variants["zh"]


def test_a_merged_entry_with_too_many_questions_is_refused() -> None:
    one, other = (entry(name, en=(*(f"{name} {i}" for i in range(MOST_QUESTIONS)), "Yes.")) for name in ("one", "other"))
    with pytest.raises(EntryError, match="500 is the most"):
        merged(one, other)
