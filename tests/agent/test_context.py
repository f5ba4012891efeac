from dataclasses import replace
from datetime import UTC, datetime

import pytest

from agent.context import Topic, topic_of
from agent.conversation import Manner, Reason, Reply, RouteKind, Source, Turn

OFFERED = ("How fast is express delivery?", "How long does standard delivery take?", "Do you ship abroad?")
ASKED_BACK = Topic("", "how long will it take", offered=OFFERED, asked_back=True)
ANSWERED = Topic("How long does standard delivery take?", "how long will it take", ("delivery-standard",), offered=OFFERED)
ZH = Topic("", "要多久", offered=("加急配送多快能到？", "标准配送要多久？", "可以寄到国外吗？"), asked_back=True)

REPLY = Reply(
    text="3-5 days",
    language="en",
    route=RouteKind.ANSWER,
    intent=None,
    sources=(Source("delivery-standard", 1, 0.9, "How long does standard delivery take?"),),
    suggestions=("Do you ship abroad?",),
    composed=False,
    offers_person=False,
    release="r",
    timings_ms={},
    reasons=(Reason("how long will it take", Manner.ALONE, "", (("delivery-standard", 0.9),)),),
)
HELLO = replace(REPLY, route=RouteKind.SOCIAL, sources=(), suggestions=(), reasons=())


def turn(message: str, reply: Reply | None) -> Turn:
    return Turn(1, message, reply, None, datetime.now(UTC))


# --- what the last turns were about ---


def test_the_topic_is_the_last_answered_entry_and_the_message() -> None:
    topic = topic_of([turn("where is my parcel", replace(REPLY, sources=())), turn("How long?", REPLY)])
    assert topic == Topic(REPLY.sources[0].title, "How long?", ("delivery-standard",), ("Do you ship abroad?",), asked_back=False)


def test_courtesies_do_not_end_a_topic_but_its_questions_can_no_longer_be_chosen() -> None:
    topic = topic_of([turn("How long?", REPLY), turn("thanks", HELLO)])
    assert topic
    assert (topic.sent, topic.offered, topic.asked_back) == (("delivery-standard",), (), False)


def test_without_anything_but_courtesy_there_is_no_topic() -> None:
    assert topic_of([]) is None
    assert topic_of([turn("hi", HELLO)]) is None


def test_after_a_question_back_the_message_is_what_was_read() -> None:
    reasons = (Reason("delivery || and abroad", Manner.FOLLOW_UP, "", ()),)
    question = replace(REPLY, route=RouteKind.CLARIFY, sources=(), suggestions=OFFERED, reasons=reasons)
    topic = topic_of([turn("and abroad", question)])
    assert topic == Topic("", "delivery || and abroad", (), OFFERED, asked_back=True)


def test_a_message_is_joined_to_its_topic_normalised_and_short() -> None:
    assert ANSWERED.join("and express?") == "how long does standard delivery take? || how long will it take || and express?"
    assert Topic("", "那國際的呢").join("呢") == "那国际的呢 || 呢"
    assert len(Topic("", "x" * 4000).join("and?")) < 200


# --- answers to a question back ---


@pytest.mark.parametrize(
    ("topic", "message", "place"),
    [
        (ASKED_BACK, "Do you ship abroad?", 2),
        (ASKED_BACK, "do you ship abroad", 2),
        (ASKED_BACK, "the first one", 0),
        (ASKED_BACK, "2", 1),
        (ASKED_BACK, "I mean the second one please", 1),
        (ASKED_BACK, "3.", 2),
        (ASKED_BACK, "the last one", 2),
        (ZH, "第一个", 0),
        (ZH, "第二個", 1),
        (ZH, "选2", 1),
        (ZH, "我说的是第三个", 2),
        (ZH, "最后一个", 2),
        (ZH, "可以寄到国外吗", 2),
        (replace(ASKED_BACK, offered=OFFERED[:1]), "yes, that one", 0),
        (replace(ZH, offered=ZH.offered[:1]), "对", 0),
        (ANSWERED, "Do you ship abroad?", 2),  # tapped under an answer
        # no choices
        (ASKED_BACK, "yes", None),  # which of the three?
        (ASKED_BACK, "4", None),
        (replace(ASKED_BACK, offered=OFFERED[:2]), "the third", None),
        (ASKED_BACK, "the first parcel is missing", None),
        (ANSWERED, "the first one", None),
        (Topic("", "hi", asked_back=True), "1", None),
    ],
)
def test_which_question_is_chosen(topic: Topic, message: str, place: int | None) -> None:
    assert topic.choice(message) == place


@pytest.mark.parametrize(
    "message", ["no", "none of these", "Neither.", "that's not what I meant", "都不是", "不是这个意思", "答非所问！", "不對"]
)
def test_what_was_offered_or_said_can_be_rejected(message: str) -> None:
    assert ASKED_BACK.rejects(message)
    assert ANSWERED.rejects(message)
    assert not Topic("", "hi").rejects(message)


@pytest.mark.parametrize(
    "message", ["ok", "Right, ok.", "oh ok", "brilliant!", "got it", "好吧", "唉好吧", "行", "好的好的", "明白了", "okk"]
)
def test_an_answer_can_be_taken_note_of(message: str) -> None:
    assert ANSWERED.is_taken_note_of(message)
    assert not ASKED_BACK.is_taken_note_of(message), "there it may be an answer"


@pytest.mark.parametrize("message", ["ok and express?", "good morning, where is it", "好的，那加急呢", "可以退吗", "行不行", ""])
def test_whatever_asks_more_is_no_mere_note(message: str) -> None:
    assert not ANSWERED.is_taken_note_of(message)


@pytest.mark.parametrize("message", ["no, I meant express", "none of my parcels came", "不是，我问的是加急", "没有收到", ""])
def test_whatever_says_more_is_no_mere_rejection(message: str) -> None:
    assert not ASKED_BACK.rejects(message)
