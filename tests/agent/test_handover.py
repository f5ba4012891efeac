"""Conversations go to people and back: by which rules, and who may do what."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from cryptography.fernet import Fernet

from agent.agent import CustomerServiceAgent
from agent.conversation import Conversation, ConversationState, RouteKind
from agent.conversation_log import ConversationLog
from agent.errors import HandOverError
from agent.handover.contacts import Contacts
from agent.handover.desk import Desk
from agent.handover.events import EventKind
from agent.handover.rules import HandOverReason, is_upset
from agent.handover.tables import ContactRow
from knowledge_base.database import Database
from tests.agent.talking import talk

NIGHT, DAY = datetime(2026, 11, 28, 20, 0, tzinfo=UTC), datetime(2026, 11, 28, 4, 0, tzinfo=UTC)  # 4:00 and 12:00 in the shop


@pytest.fixture
def desk(database_url: str) -> Iterator[Desk]:
    database = Database(database_url)
    yield Desk(database)
    database.close()


@pytest.fixture
def start(desk: Desk) -> Callable[[], Conversation]:
    return lambda: ConversationLog(desk.database).start("somebody")


def state_of(desk: Desk, conversation: Conversation) -> ConversationState:
    found = ConversationLog(desk.database).find("somebody", conversation.id)
    assert found
    return found.state


def at(agent: CustomerServiceAgent, now: datetime) -> CustomerServiceAgent:
    """The same agent at another time."""
    a = agent
    return CustomerServiceAgent(a.release, a.looker.classifier, a.retriever, a.writer.composer, a.masker, a.log, a.shop, clock=lambda: now)


def test_a_conversation_waits_is_answered_and_ends(desk: Desk, start: Callable[[], Conversation]) -> None:
    first, second = start(), start()
    assert desk.queue(first.id, HandOverReason.ASKED)
    assert not desk.queue(first.id, HandOverReason.UPSET)  # no loops
    desk.queue(second.id, HandOverReason.NOT_HELPED)
    assert [desk.ahead(one.id) for one in (first, second)] == [0, 1]
    assert [(one.conversation_id, one.reason, one.person) for one in desk.handed_over()] == [
        (first.id, HandOverReason.ASKED, None),
        (second.id, HandOverReason.NOT_HELPED, None),
    ]
    desk.take(first.id, "lin")
    assert state_of(desk, first) is ConversationState.HUMAN
    assert desk.ahead(second.id) == 0
    desk.say(first.id, "lin", " Good morning. ")
    desk.close(first.id, "lin")
    assert state_of(desk, first) is ConversationState.CLOSED
    desk.take(second.id, "lin")
    desk.give_back(second.id, "lin")
    assert state_of(desk, second) is ConversationState.BOT
    assert desk.handed_over() == []
    events = desk.events(first.id)
    assert [one.kind for one in events] == [EventKind.QUEUED, EventKind.TAKEN, EventKind.MESSAGE, EventKind.CLOSED]
    assert (events[2].author, events[2].text) == ("lin", "Good morning.")
    assert desk.events(first.id, events[2].id) == events[3:]
    assert desk.events(None, 0, 2)[0].conversation_id == first.id
    assert desk.newest_event() == desk.events(second.id)[-1].id


def test_only_who_took_a_conversation_over_may_answer_it(desk: Desk, start: Callable[[], Conversation]) -> None:
    conversation = start()
    desk.queue(conversation.id, HandOverReason.ASKED)
    with pytest.raises(HandOverError, match="Take the conversation over first"):
        desk.say(conversation.id, "lin", "hello")
    desk.take(conversation.id, "lin")
    desk.take(conversation.id, "lin")
    before = desk.events(conversation.id)
    for work in (desk.take, desk.give_back, desk.close, lambda one, person: desk.say(one, person, "hello")):
        with pytest.raises(HandOverError, match=r"lin is answering this conversation"):
            work(conversation.id, "vera")
    for text in (" ", "x" * 4001):
        with pytest.raises(HandOverError, match="1 to 4000 characters"):
            desk.say(conversation.id, "lin", text)
    with pytest.raises(HandOverError, match="no such conversation"):
        desk.take("0" * 32, "lin")
    assert desk.events(conversation.id) == before


def test_of_many_who_take_a_conversation_at_once_one_gets_it(desk: Desk, start: Callable[[], Conversation]) -> None:
    conversation = start()
    desk.queue(conversation.id, HandOverReason.ASKED)

    def take(name: str) -> bool:
        try:
            desk.take(conversation.id, name)
        except HandOverError:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(take, [f"person-{number}" for number in range(8)])) == 1


def test_contact_details_are_encrypted_and_for_who_answers(desk: Desk, start: Callable[[], Conversation]) -> None:
    contacts, conversation = Contacts(desk.database, Fernet(Fernet.generate_key())), start()
    with pytest.raises(HandOverError, match="while a conversation waits"):
        contacts.leave(conversation.id, "ann@mail.example")
    desk.queue(conversation.id, HandOverReason.ASKED)
    contacts.leave(conversation.id, "ann@mail.example")
    contacts.leave(conversation.id, "ann@mail.example, mornings")
    with desk.database.reading() as connection:
        assert b"ann" not in connection.execute(ContactRow.__table__.select()).one().details
    with pytest.raises(HandOverError, match="for who answers"):
        contacts.read(conversation.id, "vera")
    desk.take(conversation.id, "lin")
    assert contacts.read(conversation.id, "lin") == "ann@mail.example, mornings"
    with pytest.raises(HandOverError, match="1 to 500 characters"):
        contacts.leave(conversation.id, " ")


@pytest.mark.parametrize(
    ("messages", "reason"),
    [
        (["I want to talk to a person"], HandOverReason.ASKED),
        (["转人工"], HandOverReason.ASKED),
        (["how long does delivery take?", "this is ridiculous, where is my parcel"], HandOverReason.UPSET),
        (["你们就是骗子"], HandOverReason.UPSET),
        (["who won the world cup in 1998", "what is the capital of peru"], HandOverReason.NOT_HELPED),
    ],
)
def test_conversations_are_queued_by_rules(starter_agent: CustomerServiceAgent, messages: list[str], reason: HandOverReason) -> None:
    conversation = starter_agent.log.start("somebody")
    turns = []
    for message in messages:
        found = starter_agent.log.find("somebody", conversation.id)
        assert found
        assert found.state is ConversationState.BOT
        turns.append(starter_agent.reply(found, message))
    waiting = starter_agent.desk.find(conversation.id)
    assert waiting
    assert waiting.reason is reason
    last = turns[-1].reply
    assert last
    assert last.offers_person
    assert "400-555-0132" in last.text


def test_ordinary_questions_are_not_handed_over(starter_agent: CustomerServiceAgent) -> None:
    _, state = talk(
        starter_agent, "滚筒洗衣机可以退吗", "how much is delivery", "what is the capital of peru", "how long does delivery take?"
    )
    assert state is ConversationState.BOT


@pytest.mark.parametrize(
    ("now", "language", "said"),
    [
        (DAY, "en", "Someone from our team will answer you here"),
        (DAY, "zh", "客服同事会在这里回复您"),
        (NIGHT, "en", "They are back today at 08:00 (UTC+8)"),
        (NIGHT, "zh", "今天 08:00（UTC+8）上班后会在这里回复您"),
    ],
)
def test_customers_are_told_what_happens_and_when(starter_agent: CustomerServiceAgent, now: datetime, language: str, said: str) -> None:
    agent = at(starter_agent, now)
    asking = {"en": "I want to talk to a person", "zh": "我要转人工"}[language]
    (reply,), _ = talk(agent, asking)
    assert said in reply.text


def test_who_asks_again_is_told_that_they_wait_and_the_assistant_goes_on_helping(starter_agent: CustomerServiceAgent) -> None:
    agent = at(starter_agent, DAY)
    replies, state = talk(agent, "talk to a person please", "how long does standard delivery take?", "I want a human")
    assert state is ConversationState.QUEUED
    assert "3-5 business days" in replies[1].text
    assert "team" not in replies[1].text
    assert "You are in line for a person" in replies[2].text


def test_the_assistant_keeps_quiet_while_a_person_answers_and_is_back_afterwards(starter_agent: CustomerServiceAgent) -> None:
    log, desk = starter_agent.log, starter_agent.desk
    conversation = log.start("somebody")
    starter_agent.reply(conversation, "talk to a person please")
    desk.take(conversation.id, "lin")

    def reply(message: str) -> tuple[RouteKind, str]:
        """What comes of a message, as the conversation stands now."""
        found = log.find("somebody", conversation.id)
        assert found
        turn = starter_agent.reply(found, message)
        assert turn.reply
        return turn.reply.route, turn.reply.text

    assert reply("how long does standard delivery take?") == (RouteKind.PERSON, "")
    desk.close(conversation.id, "lin")
    assert reply("how long does standard delivery take?")[0] is RouteKind.ANSWER
    found = log.find("somebody", conversation.id)
    assert found
    assert found.state is ConversationState.BOT


@pytest.mark.parametrize(
    "message",
    [
        "滚筒洗衣机多少钱",
        "垃圾桶有货吗",
        "我妈的收音机坏了，送去你们那儿修吗",
        "有人打电话说要退款，是骗子吗",
        "this lamp is not bad",
        "like an idiot I threw the box away",
        "my lawyer needs a copy of my data",
        "is this mail from scammers?",
    ],
)
def test_words_that_only_look_angry_are_not(message: str) -> None:
    assert not is_upset(message)


@pytest.mark.parametrize(
    "message", ["You are a bunch of liars", "WORST SERVICE EVER", "stupid bot", "什么垃圾客服", "你们就是一群骗子", "他妈的退钱"]
)
def test_angry_words_are(message: str) -> None:
    assert is_upset(message)
