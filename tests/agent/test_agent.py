"""The pipeline on the demonstration shop: real classifier, real index, real log."""

from datetime import UTC, datetime

import pytest
from opencc import OpenCC

from agent.agent import CustomerServiceAgent
from agent.conversation import ConversationState, RouteKind
from agent.language import Language
from agent.texts import TEXTS, say
from tests.agent.talking import talk

# --- answers ---


@pytest.mark.parametrize(
    ("message", "language", "entry_id"),
    [
        ("How long does standard delivery take?", "en", "delivery-standard"),
        ("how do I cancel my order", "en", "cancel-order"),
        ("I have been charged twice for one order", "en", "double-charge"),
        ("how can I get an invoice for my order?", "en", "invoice-get"),
        ("I forgot my password and can't sign in", "en", "sign-in-problem"),
        ("Where is my parcel?", "en", "track-parcel"),
        ("标准配送要几天？", "zh", "delivery-standard"),
        ("怎么取消订单", "zh", "cancel-order"),
        ("你们支持哪些付款方式", "zh", "payment-methods"),
        ("怎么开发票", "zh", "invoice-get"),
        ("忘记密码了，登录不上", "zh", "sign-in-problem"),
        ("退款多久能到账", "zh", "refund-time"),
    ],
)
def test_plain_questions_are_answered_from_their_entry(
    starter_agent: CustomerServiceAgent, message: str, language: str, entry_id: str
) -> None:
    (reply,), state = talk(starter_agent, message)
    entry = starter_agent.retriever.index.repository.get([entry_id])[entry_id]
    assert reply.route is RouteKind.ANSWER
    assert reply.text == entry.variants[language].answer
    assert [(source.id, source.version, source.title) for source in reply.sources] == [(entry_id, 1, entry.variants[language].title)]
    assert 0.5 < reply.sources[0].score <= 1
    assert (reply.language, reply.composed, reply.release) == (language, False, starter_agent.release.id)
    assert reply.intent
    assert reply.intent.label == entry.intent
    assert {"mask", "log", "language", "understand", "compose", "total"} == set(reply.timings_ms)
    assert state is ConversationState.BOT


@pytest.mark.parametrize(
    ("simplified", "traditional"), [("标准配送要几天？", "標準配送要幾天？"), ("谢谢你", "謝謝你"), ("转人工", "轉人工")]
)
def test_traditional_characters_are_answered_in_traditional_ones(
    starter_agent: CustomerServiceAgent, simplified: str, traditional: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)  # by day, the second in line is told that there is a first
    monkeypatch.setattr(starter_agent, "clock", lambda: night)
    ((plain,), _), ((converted,), _) = talk(starter_agent, simplified), talk(starter_agent, traditional)
    convert = OpenCC("s2tw").convert
    assert converted.language == "zh"
    assert converted.text == convert(plain.text) != plain.text
    assert [source.title for source in converted.sources] == [convert(source.title) for source in plain.sources]
    assert list(converted.suggestions) == [convert(suggestion) for suggestion in plain.suggestions]


@pytest.mark.parametrize("message", ["Où est mon colis ? Je ne l'ai pas reçu.", "荷物はどこにありますか", "أين طردي؟"])
def test_other_languages_get_english_and_are_told_which_are_spoken(starter_agent: CustomerServiceAgent, message: str) -> None:
    (reply,), _ = talk(starter_agent, message)
    assert reply.language == "en"
    assert reply.text.startswith("I can help you in English and Chinese (中文).")
    assert len(reply.text) > len(say("other_language", "en")) + 2


@pytest.mark.parametrize("message", ["Quel temps fait-il ?", "كيف أعيد المنتج؟", "冗談を言って"])
def test_in_other_languages_it_takes_more_to_be_sure(starter_agent: CustomerServiceAgent, message: str) -> None:
    (reply,), _ = talk(starter_agent, message)
    assert reply.route in {RouteKind.CLARIFY, RouteKind.DECLINE}, "the classifier takes them for a greeting, a comparison, a wish"


@pytest.mark.parametrize("message", ["😡", "👍👍", "?!"])
def test_without_words_nothing_is_guessed(starter_agent: CustomerServiceAgent, message: str) -> None:
    (reply,), _ = talk(starter_agent, message)
    assert (reply.route, reply.text, reply.intent) == (RouteKind.CLARIFY, say("no_words", "en"), None)


def test_a_message_without_words_is_in_the_language_of_the_conversation(starter_agent: CustomerServiceAgent) -> None:
    (_, reply), _ = talk(starter_agent, "标准配送要几天？", "???")
    assert (reply.language, reply.text) == ("zh", say("no_words", "zh"))


# --- social, people, questions back, refusals ---


@pytest.mark.parametrize(
    ("message", "part"),
    [("hello", "Northlight"), ("你好", "北光商城"), ("thank you very much", TEXTS["thanks"]["en"]), ("谢谢你", TEXTS["thanks"]["zh"])],
)
def test_courtesy_is_returned(starter_agent: CustomerServiceAgent, message: str, part: str) -> None:
    (reply,), state = talk(starter_agent, message)
    assert (reply.route, reply.sources, state) == (RouteKind.SOCIAL, (), ConversationState.BOT)
    assert part in reply.text


@pytest.mark.parametrize("message", ["are you a robot?", "你是机器人吗？"])
def test_it_says_what_it_is(starter_agent: CustomerServiceAgent, message: str) -> None:
    (reply,), _ = talk(starter_agent, message)
    assert reply.route is RouteKind.SOCIAL
    assert [source.id for source in reply.sources] == ["about-assistant"]


@pytest.mark.parametrize("message", ["I want to talk to a real person", "转人工", "can I speak to a human agent please"])
def test_asking_for_a_person_starts_the_hand_over(starter_agent: CustomerServiceAgent, message: str) -> None:
    (reply,), state = talk(starter_agent, message)
    assert (reply.route, reply.offers_person, state) == (RouteKind.HAND_OFF, True, ConversationState.QUEUED)
    assert "400-555-0132" in reply.text


def test_the_button_starts_the_hand_over(starter_agent: CustomerServiceAgent) -> None:
    conversation = starter_agent.log.start("a customer")
    turn = starter_agent.request_person(conversation, Language("zh", traditional=True))
    assert turn.message == say("talk_to_person", "zh")
    assert turn.reply
    assert (turn.reply.route, turn.reply.offers_person, turn.reply.intent) == (RouteKind.HAND_OFF, True, None)
    assert "客服" in turn.reply.text
    assert OpenCC("s2tw").convert(turn.reply.text) == turn.reply.text
    found = starter_agent.log.find("a customer", conversation.id)
    assert found
    assert found.state is ConversationState.QUEUED


@pytest.mark.parametrize(
    "message",
    ["I'm really disappointed with your service, I want to make a complaint", "你们的服务太差了，我要投诉"],
)
def test_a_complaint_is_offered_a_person(starter_agent: CustomerServiceAgent, message: str) -> None:
    (reply,), state = talk(starter_agent, message)
    assert (reply.route, reply.offers_person, state) == (RouteKind.HAND_OFF, True, ConversationState.BOT)
    assert "400-555-0132" in reply.text


@pytest.mark.parametrize(
    ("first", "second", "language"),
    [
        ("Can you recommend a good kettle?", "which kettle would you recommend for two people?", "en"),
        ("推荐一款电热水壶", "两个人用，推荐哪一款比较好？", "zh"),
    ],
)
def test_advice_is_asked_about_and_then_left_to_a_person(
    starter_agent: CustomerServiceAgent, first: str, second: str, language: str
) -> None:
    (question, handed_off), state = talk(starter_agent, first, second)
    assert (question.route, question.text, question.sources) == (RouteKind.CLARIFY, say("advice", language), ())
    assert (handed_off.route, handed_off.offers_person, handed_off.sources) == (RouteKind.HAND_OFF, True, ())
    assert say("no_advice", language) in handed_off.text
    assert state is ConversationState.BOT


@pytest.mark.parametrize(
    "message",
    [
        "what is the capital of France?",
        "write me a poem about autumn",
        "who won the match last night",
        "讲个笑话",
        "今天天气怎么样",
        "帮我写一段 Python 代码",
    ],
)
def test_what_is_out_of_scope_is_never_answered(starter_agent: CustomerServiceAgent, message: str) -> None:
    (reply,), _ = talk(starter_agent, message)
    assert reply.route in {RouteKind.DECLINE, RouteKind.CLARIFY}
    assert reply.sources == ()
    if reply.route is RouteKind.DECLINE:
        assert reply.offers_person
        assert reply.text.startswith(say("decline", reply.language))
    else:
        assert 1 <= len(reply.suggestions) <= 3
