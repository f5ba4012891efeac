"""What customers do about replies is read from a real log, on either database."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from agent.agent import CustomerServiceAgent
from agent.conversation import Conversation, Manner, RouteKind
from agent.conversation_log import ConversationLog, TurnRow
from agent.handover.tables import EventRow
from agent.language import Language
from knowledge_base.database import Database
from training.review import signals
from training.review.rephrasing import Rephrasing
from training.review.signals import LoggedTurn, Signal, logged_turns

DELIVERY, RENTAL, RENTED_OUT = "how long does standard delivery take?", "can I rent a projector for a weekend?", "do you rent out equipment"
GIFT_CARD, FRANCHISE, PERSON = "can I pay with a gift card?", "do you have a franchise programme?", "I want to talk to a real person"
Say = Callable[..., Conversation]
Found = dict[str, set[Signal]]


@pytest.fixture
def agent(starter_agent: CustomerServiceAgent, database_url: str) -> Iterator[CustomerServiceAgent]:
    """The demonstration shop with a log of its own."""
    a, log = starter_agent, ConversationLog(Database(database_url))
    yield CustomerServiceAgent(a.release, a.looker.classifier, a.retriever, a.writer.composer, a.masker, log, a.shop)
    log.database.close()


@pytest.fixture
def say(agent: CustomerServiceAgent) -> Say:
    """Has a customer write messages, in a conversation of their own or one that there is."""

    def write(*messages: str, to: Conversation | None = None) -> Conversation:
        conversation = to or agent.log.start("somebody")
        for message in messages:
            found = agent.log.find("somebody", conversation.id)
            assert found
            agent.reply(found, message)
        return conversation

    return write


def turns(agent: CustomerServiceAgent, after: int = 0, days: int = 30) -> list[LoggedTurn]:
    since = datetime.now(UTC) - timedelta(days=days)
    return list(logged_turns(agent.log.database, agent.retriever.index.encoder, since, after=after))


def signals_of(agent: CustomerServiceAgent) -> Found:
    """The signals of each message; none of them was written twice."""
    found = turns(agent)
    assert len({turn.message for turn in found}) == len(found)
    return {turn.message: set(turn.signals) for turn in found}


def pass_time(agent: CustomerServiceAgent, **time: float) -> None:
    """Have all that was written so far be older."""
    with agent.log.database.transaction() as connection:
        for key, moment in ((TurnRow.id, TurnRow.created_at), (EventRow.id, EventRow.at)):
            for one, at in connection.execute(select(key, moment)).tuples().all():
                connection.execute(update(key.class_).where(key == one).values({moment: at - timedelta(**time)}))


def test_a_turn_tells_what_was_decided(agent: CustomerServiceAgent, say: Say) -> None:
    conversation = say(DELIVERY, "我的邮箱是 ann@mail.example，可以开一家加盟店吗")
    answered, declined = turns(agent)
    reply = agent.log.turns(conversation.id)[0].reply
    assert reply
    assert reply.intent
    assert (answered.turn_id, answered.conversation_id, answered.customer) == (
        agent.log.turns(conversation.id)[0].id,
        conversation.id,
        "somebody",
    )
    assert (answered.message, answered.language, answered.release) == (DELIVERY, "en", agent.release.id)
    assert (answered.label, answered.is_rejected, answered.route) == ("delivery_time", False, RouteKind.ANSWER)
    assert (answered.confidence, answered.out_of_scope) == (reply.intent.confidence, reply.intent.out_of_scope)
    assert answered.probabilities == reply.intent.probabilities
    assert (answered.sent, answered.retrieved) == (("delivery-standard",), "delivery-standard")
    assert (answered.manner, answered.looked_up, answered.signals) == (Manner.ALONE, False, frozenset())
    assert timedelta() <= datetime.now(UTC) - answered.at < timedelta(minutes=5)
    assert (declined.message, declined.language) == ("我的邮箱是 [email]，可以开一家加盟店吗", "zh")


def test_thumbs_are_signals(agent: CustomerServiceAgent, say: Say) -> None:
    conversation = say(DELIVERY, GIFT_CARD, "hello")
    for turn, thumb in zip(agent.log.turns(conversation.id), (1, -1, 1), strict=True):
        agent.log.add_feedback(conversation.id, turn.id, thumb)
    assert signals_of(agent) == {DELIVERY: {Signal.THUMB_UP}, GIFT_CARD: {Signal.THUMB_DOWN}, "hello": {Signal.THUMB_UP}}


def test_that_it_is_settled_is_said_of_the_question_before(agent: CustomerServiceAgent, say: Say) -> None:
    conversation = say(DELIVERY)
    agent.log.set_resolved(conversation.id, resolved=False)
    agent.log.set_resolved(conversation.id, resolved=True)
    say(GIFT_CARD, to=conversation)
    assert signals_of(agent) == {DELIVERY: {Signal.RESOLVED}, GIFT_CARD: set()}
    say("thanks", to=conversation)
    agent.log.set_resolved(conversation.id, resolved=False)
    assert signals_of(agent) == {DELIVERY: {Signal.RESOLVED}, GIFT_CARD: {Signal.NOT_RESOLVED}, "thanks": set()}
    agent.log.set_resolved(conversation.id, resolved=None)
    assert signals_of(agent)[GIFT_CARD] == set()


def test_the_same_in_other_words_tells_of_the_first(agent: CustomerServiceAgent, say: Say) -> None:
    say(DELIVERY, "hello", "how many days until my parcel arrives", GIFT_CARD)
    say("怎么退货", "我想把东西退回去，怎么操作")
    say("where is my parcel?", "that's not what I meant", "my package has not come yet")
    found = signals_of(agent)
    assert [message for message, signals in found.items() if Signal.REPHRASED in signals] == [DELIVERY, "怎么退货", "where is my parcel?"]


def test_what_was_tapped_or_came_days_later_is_not_the_same_in_other_words(agent: CustomerServiceAgent, say: Say) -> None:
    conversation = say("how do I return an item")
    reply = agent.log.turns(conversation.id)[-1].reply
    assert reply
    near = [("how do I return an item", suggestion) for suggestion in reply.suggestions]
    tapped = Rephrasing(agent.retriever.index.encoder).say_the_same(near).index(True)
    say(reply.suggestions[tapped], to=conversation)
    later = say(DELIVERY)
    pass_time(agent, hours=25)
    say("how many days until my parcel arrives", to=later)
    assert not any(Signal.REPHRASED in signals for signals in signals_of(agent).values())


def test_a_hand_over_tells_of_the_question_that_it_is_about(agent: CustomerServiceAgent, say: Say) -> None:
    say(DELIVERY, GIFT_CARD, PERSON)
    asked = say(FRANCHISE, "thanks")
    agent.request_person(asked, Language("en"))
    say("where is my order, this is ridiculous, you are a bunch of liars")
    say("I want to complain about how rudely your staff treated me on the phone")
    found = signals_of(agent)
    assert {message for message, signals in found.items() if Signal.HANDED_OVER in signals} == set(found) - {DELIVERY, PERSON, "thanks"}


def test_a_question_that_was_not_answered_is_abandoned_when_nothing_comes_after(agent: CustomerServiceAgent, say: Say) -> None:
    say(DELIVERY)
    say(FRANCHISE)
    say(RENTED_OUT)
    say("who painted the Mona Lisa?", PERSON)
    say("do you sell franchises to dentists", "ok")
    fresh = signals_of(agent)
    assert fresh[FRANCHISE] == {Signal.DECLINED}
    assert fresh[RENTED_OUT] == {Signal.ASKED_BACK}
    pass_time(agent, hours=25)
    say(RENTAL)
    found = signals_of(agent)
    assert {message for message, signals in found.items() if Signal.ABANDONED in signals} == {FRANCHISE, RENTED_OUT}
    assert found["who painted the Mona Lisa?"] == {Signal.DECLINED, Signal.HANDED_OVER}


def test_words_that_it_was_not_that_tell_of_the_question_before(agent: CustomerServiceAgent, say: Say) -> None:
    say(GIFT_CARD, DELIVERY, "that's not what I meant")
    assert signals_of(agent) == {GIFT_CARD: set(), DELIVERY: {Signal.REJECTED}, "that's not what I meant": set()}
    assert turns(agent)[-1].manner is Manner.REJECTION


def test_what_the_assistant_did_not_read_is_left_out(agent: CustomerServiceAgent, say: Say) -> None:
    conversation = say("", "???", "x y " * 2000, DELIVERY)
    agent.request_person(conversation, Language("en"))
    agent.desk.take(conversation.id, "lin")
    say("I cannot find my parcel", to=conversation)
    assert signals_of(agent) == {DELIVERY: {Signal.HANDED_OVER}}


def test_the_log_is_read_page_by_page_in_its_order(agent: CustomerServiceAgent, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    conversations = [say(message) for message in (DELIVERY, RENTAL, "怎么退货")]
    for conversation, message in zip(conversations, ("how many days until my parcel arrives", GIFT_CARD, "谢谢"), strict=True):
        say(message, to=conversation)
    whole = turns(agent)
    assert [turn.turn_id for turn in whole] == sorted(turn.turn_id for turn in whole)
    assert len(whole) == 6
    for size in (1, 2, 4):
        monkeypatch.setattr(signals, "PAGE", size)
        monkeypatch.setattr(signals, "AT_ONCE", size)
        assert turns(agent) == whole
    assert turns(agent, after=whole[1].turn_id) == whole[2:]
    pass_time(agent, days=10)
    assert turns(agent, days=9) == []
    assert len(turns(agent, days=11)) == 6


def test_a_turn_is_given_out_as_soon_as_its_conversation_has_gone_on(
    agent: CustomerServiceAgent, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signals, "PAGE", 2)
    say(DELIVERY, GIFT_CARD, RENTAL)
    given = logged_turns(agent.log.database, agent.retriever.index.encoder, datetime.now(UTC) - timedelta(days=1))
    assert next(given).message == DELIVERY
    say(FRANCHISE)  # while the log is read
    assert [turn.message for turn in given] == [GIFT_CARD, RENTAL, FRANCHISE]


def test_what_a_customer_had_erased_is_gone(agent: CustomerServiceAgent, say: Say) -> None:
    say(DELIVERY)
    agent.log.erase("somebody")
    assert turns(agent) == []
