"""What rules see: figures, times, dates, links, names and deeds that the evidence does not have."""

import pytest

from agent.grounding.rules import contradiction

EN = (
    "How do I return an item?\nSend it back within 30 days. The refund of up to 1,500 EUR takes 3-5 business days; 15% is kept for opened "
    "goods. Drop it off between 9:00 and 18:30, Monday to Friday, at 7 Mill Lane. Call 0800 555 0142, write to help@shop.example or see "
    "https://shop.example/returns. The warranty lasts 24 months and ends on 3 March. 100 points are worth 1 USD. "
    "Choose **Orders > Send back**."
)
ZH = (
    "怎么退货？\n签收后30天内可以退货，退款3至5个工作日到账，最多1500元，已拆封的扣15%。营业时间周一至周五9:00到18:30，电话400-555-0142。"
    "保修两年，截至3月3日。100积分抵1元。请在“我的订单”里点退货，由顺达快递上门取件，半小时内到。"
)


@pytest.mark.parametrize(
    "sentence",
    [
        "You have 30 days to send it back.",
        "You have thirty days.",
        "The refund takes three to five working days.",
        "You get back at most €1,500.",
        "We keep 15 percent of the price of opened goods.",
        "You can drop it off from 9 am to half past six in the evening.",
        "We're there on Wednesdays until 6:30 pm.",
        "Call us on 0800 5550142.",
        "You find everything at www.shop.example/returns.",
        "The warranty lasts two years.",
        "It ends on March 3rd.",
        "500 points are worth 5 USD.",
        "Go to Orders > Send back.",
        "We are closed on Sundays.",
        "Thanks for asking, one moment please!",
        "No one likes to send things back.",
    ],
)
def test_what_the_evidence_has_passes(sentence: str) -> None:
    assert contradiction(sentence, EN) is None


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("You have 14 days to send it back.", "duration"),
        ("You have a month to send it back.", "duration"),
        ("The refund takes 3-5 hours.", "duration"),
        ("The refund takes 30 business days.", "duration"),
        ("You get back at most 1,500 USD.", "amount"),
        ("You get back at most €1,600.", "amount"),
        ("We keep 50% of the price.", "percentage"),
        ("We keep half of the price.", "percentage"),
        ("You can drop it off until 7 pm.", "time"),
        ("We're there on Saturdays.", "day"),
        ("It ends on 4 March.", "date"),
        ("Call us on 0800 555 0143.", "contact"),
        ("Write to sales@shop.example.", "contact"),
        ("See https://shop.example/refunds.", "link"),
        ("![map](https://evil.example/x.png)", "link"),
        ("[Click here](javascript:alert)", "link"),
        ("500 points are worth 10 USD.", "number"),
        ("Go to Orders > Cancel.", "name"),
        ("It is handled by Fastline.", "name"),
        ("Drop it off at 9 Mill Lane.", "number"),
        ("I have cancelled your order.", "action"),
        ("Your refund has been issued.", "action"),
        ("I'll send you a label right away.", "action"),
    ],
)
def test_what_it_has_not_is_named(sentence: str, reason: str) -> None:
    assert contradiction(sentence, EN) == reason


@pytest.mark.parametrize(
    "sentence",
    [
        "您有三十天时间退货。",
        "退款三到五个工作日到账。",
        "最多可退一千五百元。",
        "已拆封的要扣百分之十五。",
        "周三下午六点半之前都可以来。",
        "保修期是24个月。",
        "500积分可以抵5元。",
        "快递员30分钟内上门。",
        "周日不营业。",
        "在“我的订单”里操作就行。",
        "非常理解您的心情。",
    ],
)
def test_chinese_that_the_evidence_has_passes(sentence: str) -> None:
    assert contradiction(sentence, ZH) is None


@pytest.mark.parametrize(
    ("sentence", "reason"),
    [
        ("您有15天时间退货。", "duration"),
        ("退款7个工作日到账。", "duration"),
        ("最多可退1600元。", "amount"),
        ("最多可退1500美元。", "amount"),
        ("已拆封的打八折退。", "percentage"),
        ("晚上八点前都可以来。", "time"),
        ("周六照常营业。", "day"),
        ("保修截至5月3日。", "date"),
        ("请拨打400-555-0143。", "contact"),
        ("请在“购物车”里操作。", "name"),
        ("请联系SF快递。", "name"),
        ("我已经帮您取消了订单。", "action"),
        ("已为您办理退款。", "action"),
    ],
)
def test_chinese_that_it_has_not_is_named(sentence: str, reason: str) -> None:
    assert contradiction(sentence, ZH) == reason
