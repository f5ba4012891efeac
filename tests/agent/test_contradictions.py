"""Answers to the same question that name different figures are found; translations and other questions are left in peace."""

from dataclasses import replace

import pytest

from agent.agent import CustomerServiceAgent
from agent.contradictions import Contradiction, different_figures, find_contradictions
from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import FAQEntry
from knowledge_base.question_vectors import known_vectors
from tests.knowledge_base.faq_index_shop import entry

RETURN = entry(
    "return",
    en=("How long can I return something?", "You can send it back within **30 days** of delivery."),
    zh=("多久之内可以退货？", "收到后 30 天内可以退货。"),
)
WARRANTY = entry(
    "warranty",
    en=("How long is the warranty?", "Every appliance has a warranty of two years."),
    zh=("保修多久？", "所有电器保修24个月。"),
)


def test_the_demonstration_shop_contradicts_itself_nowhere(starter_agent: CustomerServiceAgent) -> None:
    index = starter_agent.retriever.index
    assert find_contradictions(list(index.entries.values()), index.encoder, known=known_vectors(index)) == []


def test_the_languages_of_one_entry_are_compared(encoder: TextEncoder) -> None:
    wrong = _answering(RETURN, "zh", "收到后 15 天内可以退货。")
    assert find_contradictions([wrong, WARRANTY], encoder) == [
        Contradiction("return", "return", "en", "zh", "How long can I return something?", "多久之内可以退货？", ("30 days",), ("15 天",))
    ]


def test_two_entries_with_the_same_question_are_compared(encoder: TextEncoder) -> None:
    other = entry("send-back", en=("How many days do I have to return something?", "Send it back within two weeks of delivery."))
    (found,) = find_contradictions([RETURN, WARRANTY, other], encoder)
    assert (found.one, found.other, found.language, found.other_language) == ("return", "send-back", "en", "en")
    assert (found.question, found.other_question) == ("How long can I return something?", "How many days do I have to return something?")
    assert (found.figures, found.other_figures) == (("30 days",), ("two weeks",))


def test_two_entries_without_a_common_language_are_compared(encoder: TextEncoder) -> None:
    english = entry("code", en=("How do I send an item back?", "Print the code and drop the parcel at a pickup point within 30 days."))
    chinese = entry("tuihuo", zh=("怎么把商品退回去？", "打印退货码，十五天内把包裹送到自提点。"))
    (found,) = find_contradictions([english, WARRANTY, chinese], encoder)
    assert (found.one, found.other, found.figures, found.other_figures) == ("code", "tuihuo", ("30 days",), ("十五天",))


def test_other_figures_for_another_question_are_no_contradiction(encoder: TextEncoder) -> None:
    refund = entry(
        "refund", en=("When is my refund on my account?", "We refund you 5 business days after the parcel is back, 7 days at most.")
    )
    assert find_contradictions([RETURN, WARRANTY, refund], encoder) == []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Two years, from 2 pm on.", "24个月，14点起。"),
        ("Within 48 hours, half a year at most.", "两天内，最多6个月。"),
        ("Free from 49 USD.", "满49美元包邮。"),
        ("Free from 49 USD.", "满 299 元包邮。"),
        ("Free from $49 (299 CNY).", "满 299 元人民币包邮。"),
        ("Open Monday to Saturday.", "周日休息。"),
        ("On 24 December we close at 2 pm.", "12月24日下午两点关门。"),
        ("It takes 3 to 5 working days.", "需要 3-5 个工作日。"),
        ("Call 400-555-0132 or see https://shop.example/30days.", "请拨打客服电话。"),
        ("One of our agents helps you within 24 hours.", "一位客服会在一天内帮您。"),
        ("You get it back within 14 days.", "我们会尽快退款。"),
        ("Write to us.", "请联系我们，24 小时内回复。"),
    ],
)
def test_what_says_the_same_or_more_agrees(one: str, other: str) -> None:
    assert different_figures(one, other) is None
    assert different_figures(other, one) is None


@pytest.mark.parametrize(
    ("one", "other", "figures", "other_figures"),
    [
        ("Within 30 days, 9 am to 5 pm.", "15 天内，9:00-17:00。", "30 days", "15 天"),
        ("Open from 9 am to 5:30 pm.", "营业时间：9:00-18:00。", "5:30 pm", "18:00"),
        ("It takes 3 to 5 working days.", "需要 2-5 个工作日。", "3 to 5 working days", "2-5 个工作日"),
        ("Half a year of warranty.", "保修一年。", "Half a year", "一年"),
        ("Free from $49.", "满 59 美元包邮。", "$49", "59 美元"),
        ("We close on 24 December.", "12月31日休息。", "24 December", "12月31日"),
        ("Open Monday to Friday.", "Open Monday to Saturday; we answer at once.", None, None),
        ("Open Monday to Friday.", "Open Tuesday to Saturday.", "Monday", "Saturday"),
        ("You get 10 % back.", "可享受八折优惠。", "10 %", "八折"),
        ("1,000 points are worth something.", "2,000积分可以抵现。", "1,000", "2,000"),
    ],
)
def test_figures_are_told_as_they_stand(one: str, other: str, figures: str | None, other_figures: str | None) -> None:
    told = different_figures(one, other)
    assert told == (((figures,), (other_figures,)) if figures else None)


def _answering(entry: FAQEntry, language: str, answer: str) -> FAQEntry:
    """The entry with another answer in a language."""
    return replace(entry, variants={**entry.variants, language: replace(entry.variants[language], answer=answer)})
