"""Several turns, two questions at once, and what hides a question, on the demonstration shop."""

import pytest

from agent.agent import CustomerServiceAgent
from agent.conversation import Manner, RouteKind
from agent.texts import say
from tests.agent.talking import talk


def answered(agent: CustomerServiceAgent, *messages: str) -> list[tuple[str, ...]]:
    """The ids of the entries that each message was answered with."""
    replies, _ = talk(agent, *messages)
    return [tuple(source.id for source in reply.sources) for reply in replies]


# --- several turns ---


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (("How long does standard delivery take?", "and for express?"), "delivery-express"),
        (("How long does standard delivery take?", "and to other countries?"), "delivery-international"),
        (("how do I return something?", "what does that cost me?"), "return-cost"),
        (("标准配送要几天？", "那国际的呢"), "delivery-international"),
        (("标准配送要几天？", "那加急呢？"), "delivery-express"),
        (("怎么退货", "那要收费吗"), "return-cost"),
        (("標準配送要幾天？", "那國際的呢"), "delivery-international"),
    ],
)
def test_a_follow_up_inherits_the_topic(starter_agent: CustomerServiceAgent, messages: tuple[str, ...], expected: str) -> None:
    assert answered(starter_agent, *messages)[-1] == (expected,)


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (("How long does standard delivery take?", "do you take paypal?"), "payment-methods"),
        (("How long does standard delivery take?", "I forgot my password"), "sign-in-problem"),
        (("how do I return something?", "and how do I earn points?"), "points-earn"),
        (("标准配送要几天？", "能用支付宝吗"), "payment-methods"),
        (("怎么退货", "对了，忘记密码了怎么办"), "sign-in-problem"),
    ],
)
def test_a_new_topic_inherits_nothing(starter_agent: CustomerServiceAgent, messages: tuple[str, ...], expected: str) -> None:
    replies, _ = talk(starter_agent, *messages)
    assert [source.id for source in replies[-1].sources] == [expected]


def test_what_is_said_in_between_does_not_end_the_topic(starter_agent: CustomerServiceAgent) -> None:
    assert answered(starter_agent, "How long does standard delivery take?", "ok thanks", "and for express?")[-1] == ("delivery-express",)


@pytest.mark.parametrize(("first", "note"), [("How long does standard delivery take?", "right, ok"), ("标准配送要几天？", "好吧")])
def test_an_answer_that_was_understood_gets_no_other_one(starter_agent: CustomerServiceAgent, first: str, note: str) -> None:
    (_, reply), _ = talk(starter_agent, first, note)
    assert (reply.route, reply.sources, reply.text) == (RouteKind.SOCIAL, (), say("noted", reply.language))


@pytest.mark.parametrize(
    ("messages", "expected"),
    [
        (("how long does it take?", "no, I meant how long a refund takes"), "refund-time"),
        (("How long does standard delivery take?", "no, I meant express"), "delivery-express"),
        (("标准配送要几天？", "不是，我是问退款几天到账"), "refund-time"),
        (("标准配送要几天？", "不是，我说的是加急"), "delivery-express"),
    ],
)
def test_a_correction_corrects(starter_agent: CustomerServiceAgent, messages: tuple[str, ...], expected: str) -> None:
    assert answered(starter_agent, *messages)[-1] == (expected,)


def test_a_mere_no_gets_other_answers_and_not_the_same_again(starter_agent: CustomerServiceAgent) -> None:
    (first, second), _ = talk(starter_agent, "How long does standard delivery take?", "that's not what I meant")
    assert second.route in {RouteKind.CLARIFY, RouteKind.DECLINE}
    assert second.sources == ()
    assert first.sources[0].title not in second.suggestions
    assert second.reasons[0].manner is Manner.REJECTION


def test_the_answer_to_a_question_back_is_taken_as_one(starter_agent: CustomerServiceAgent) -> None:
    vague = ("my delivery", "delivery", "express or standard", "card", "the code", "points", "gift")
    first = ((message, talk(starter_agent, message)[0][0]) for message in vague)
    message, reply = next((message, reply) for message, reply in first if len(reply.suggestions) > 1 and not reply.sources)
    (_, tapped), _ = talk(starter_agent, message, reply.suggestions[1])
    (_, named), _ = talk(starter_agent, message, "the second one")
    assert tapped.sources
    assert tapped.sources[0].title == reply.suggestions[1]
    assert named.sources[0].id == tapped.sources[0].id
    assert (tapped.reasons[0].manner, named.reasons[0].manner) == (Manner.CHOICE, Manner.CHOICE)
    (_, none), _ = talk(starter_agent, message, "none of these")
    assert (none.route, none.offers_person) == (RouteKind.DECLINE, True)


# --- two questions ---


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("How long does standard delivery take, and how do I get an invoice?", {"delivery-standard", "invoice-get"}),
        ("I forgot my password. Also, how do I cancel my order?", {"sign-in-problem", "cancel-order"}),
        ("普通快递几天到，怎么开发票？", {"delivery-standard", "invoice-get"}),
        ("忘记密码了登录不上，另外怎么取消订单", {"sign-in-problem", "cancel-order"}),
    ],
)
def test_two_questions_get_two_answers(starter_agent: CustomerServiceAgent, message: str, expected: set[str]) -> None:
    (reply,), _ = talk(starter_agent, message)
    entries = starter_agent.retriever.index.repository.get(sorted(expected))
    assert {source.id for source in reply.sources} == expected
    assert len(reply.reasons) == 2
    for entry in entries.values():
        assert entry.variants[reply.language].answer in reply.text
        assert f"**{entry.variants[reply.language].title}**" in reply.text


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("Hello there, hope you are well! How long does standard delivery take?", "delivery-standard"),
        ("This is ridiculous!!! I have been charged twice for one order", "double-charge"),
        ("你好呀在吗，想问下怎么开发票", "invoice-get"),
        ("什么破店，气死了！我的订单扣了两次款", "double-charge"),
        ("I ordered a lamp. It is for my mother. Can I still change the delivery address?", "change-address"),
    ],
)
def test_what_is_around_a_question_does_not_hide_it(starter_agent: CustomerServiceAgent, message: str, expected: str) -> None:
    assert answered(starter_agent, message) == [(expected,)]


# --- one form for matching ---


@pytest.mark.parametrize(
    ("plain", "odd"),
    [
        ("怎么退货", "zenme tuihuo"),
        ("怎么取消订单", "ｚｅｎｍｅ quxiao dingdan"),
        ("运费怎么算", "運費怎麼算"),
        ("快递到哪里了", "快第到哪里了"),
        ("how do I get an invoice", "HOW DO I GET AN INVOCIE"),
        ("where is my parcel", "where is my parcle"),
        ("怎么取消订单", "怎么cancel订单"),
    ],
)
def test_form_does_not_decide_what_a_customer_gets(starter_agent: CustomerServiceAgent, plain: str, odd: str) -> None:
    conversation = starter_agent.log.start("a customer")
    one, other = starter_agent.ask(plain), starter_agent.reply(conversation, odd)
    assert other.message == odd, "what is shown and kept is what was written"
    assert other.reply
    assert [source.id for source in other.reply.sources] == [source.id for source in one.sources] != []
    assert other.reply.language == one.language


# --- why ---


def test_a_reply_says_why(starter_agent: CustomerServiceAgent) -> None:
    (_, reply), _ = talk(starter_agent, "How long does standard delivery take?", "and for express?")
    (reason,) = reply.reasons
    assert reason.manner is Manner.FOLLOW_UP
    assert reason.text.startswith("how long does standard delivery take?")
    assert reason.text.endswith("|| and for express?")
    assert reason.rule.startswith("answer: delivery-express 0.")
    assert reason.candidates[0][0] == "delivery-express"
    ((strongest, *_),) = starter_agent.explainer.explain(reply)
    assert strongest.text == "express"
    assert strongest.weight > 0.5


def test_unreadable_messages_have_no_reasons(starter_agent: CustomerServiceAgent) -> None:
    (reply,), _ = talk(starter_agent, "???")
    assert (reply.text, reply.reasons) == (say("no_words", "en"), ())
    assert starter_agent.explainer.explain(reply) == []
