"""Questions that the FAQ does not answer are found in the log, and leave the list once it does."""

import shutil
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from agent.agent import CustomerServiceAgent
from agent.assembly import open_agent
from agent.conversation import Conversation, Reply, RouteKind
from agent.conversation_log import ConversationLog, TurnRow
from agent.language import Language
from agent.settings import Settings
from knowledge_base.database import Database
from knowledge_base.entry import FAQEntry
from tests.knowledge_base.faq_index_shop import archive, entry
from training.gaps import missed
from training.gaps.missed import Shortfall
from training.gaps.unanswered import Gap, UnansweredQuestions

RENTAL = [
    "can I rent a projector for a weekend?",
    "do you rent out projectors",
    "projector rental, is that possible?",
    "投影仪可以租吗",
    "能租投影仪吗",
]
FRANCHISE = ["do you have a franchise programme?", "I want to open a franchise store of yours"]
RENTED = entry(
    "rental",
    en=("Can I rent a projector?", "do you rent out projectors", "projector rental", "Yes, a projector is 20 USD a day."),
    zh=("投影仪可以租吗？", "能租投影仪吗", "可以，投影仪每天 140 元。"),
)
Say = Callable[..., Conversation]
on_both_databases = pytest.mark.parametrize("log_url", ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(scope="module")
def shop(untouched_shop: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[CustomerServiceAgent]:
    """The demonstration shop, a copy for this file's tests alone: they change entries."""
    copy = tmp_path_factory.mktemp("shop") / "data"
    shutil.copytree(untouched_shop, copy, symlinks=True)
    agent = open_agent(Settings(data_dir=copy))
    yield agent
    agent.retriever.index.close()


@pytest.fixture
def log_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database for the log: SQLite, or PostgreSQL where a test wants both."""
    is_local = getattr(request, "param", "sqlite") == "sqlite"
    return f"sqlite:///{tmp_path}/log.db" if is_local else str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def agent(shop: CustomerServiceAgent, log_url: str) -> Iterator[CustomerServiceAgent]:
    """The shop with a log of its own, and its entries as they were."""
    entries = shop.retriever.index.repository.all()
    log = ConversationLog(Database(log_url))
    yield CustomerServiceAgent(shop.release, shop.looker.classifier, shop.retriever, shop.writer.composer, shop.masker, log, shop.shop)
    log.database.close()
    for added in {one.id for one in shop.retriever.index.repository.all()} - {one.id for one in entries}:
        archive(shop.retriever.index.repository, added)
    publish(shop, *entries)


@pytest.fixture
def say(agent: CustomerServiceAgent) -> Say:
    """Has a customer write messages in a conversation of their own."""

    def write(*messages: str) -> Conversation:
        conversation = agent.log.start("somebody")
        for message in messages:
            found = agent.log.find("somebody", conversation.id)
            assert found
            agent.reply(found, message)
        return conversation

    return write


def publish(agent: CustomerServiceAgent, *entries: FAQEntry) -> None:
    agent.retriever.index.repository.put(entries)
    agent.retriever.index.refresh()


def gaps(agent: CustomerServiceAgent) -> list[Gap]:
    return UnansweredQuestions(agent).find()


def last_reply(agent: CustomerServiceAgent, conversation: Conversation) -> Reply:
    reply = agent.log.turns(conversation.id)[-1].reply
    assert reply
    return reply


def dislike(agent: CustomerServiceAgent, conversation: Conversation) -> None:
    assert agent.log.add_feedback(conversation.id, agent.log.turns(conversation.id)[-1].id, -1)


@on_both_databases
def test_a_question_in_both_languages_is_one_gap_above_a_rarer_one(agent: CustomerServiceAgent, say: Say) -> None:
    for message in [*FRANCHISE, *RENTAL, "hello", "谢谢你", "how long does standard delivery take?", "who painted the Mona Lisa?"]:
        say(message)
    rental, franchise = gaps(agent)
    assert set(rental.questions) == set(RENTAL)
    assert (rental.conversations, rental.languages) == (5, {"en": 0.6, "zh": 0.4})
    assert sum(rental.kinds.values()) == 5
    assert set(rental.kinds) <= {Shortfall.DECLINED, Shortfall.ASKED_BACK}
    assert rental.first == rental.last == datetime.now(UTC).date()
    assert (rental.answer, rental.draft) == (None, None)
    assert (set(franchise.questions), franchise.conversations) == (set(FRANCHISE), 2)


def test_an_entry_that_answers_closes_the_gap(agent: CustomerServiceAgent, say: Say) -> None:
    for message in [*FRANCHISE, *RENTAL]:
        say(message)
    publish(agent, RENTED)
    (left,) = gaps(agent)
    assert set(left.questions) == set(FRANCHISE)


def test_one_customer_who_repeats_himself_is_no_gap(agent: CustomerServiceAgent, say: Say) -> None:
    say(*RENTAL[:3])
    assert gaps(agent) == []
    say(RENTAL[0], RENTAL[1])
    (gap,) = gaps(agent)
    assert gap.conversations == 2
    assert sum(gap.languages.values()) == 1.0


@on_both_databases
def test_what_staff_answered_becomes_the_draft(agent: CustomerServiceAgent, say: Say) -> None:
    answers = {
        RENTAL[0]: [
            "Good morning, this is Lin.",
            "Yes, you can rent a projector: 20 USD a day. Write to rent@shop.example.",
            "Anything else?",
        ],
        RENTAL[1]: ["Hello!", "Yes, projectors can be rented for 20 USD a day, with a deposit of 100 USD."],
        RENTAL[3]: ["您好，我是小林。", "可以的，投影仪每天租金 140 元，押金 700 元。", "还有别的问题吗？"],
        RENTAL[4]: [],
    }
    for message, texts in answers.items():
        conversation = say(message)
        agent.desk.take(conversation.id, "lin")
        for text in texts:
            agent.desk.say(conversation.id, "lin", text)
    (gap,) = gaps(agent)
    assert gap.draft
    assert gap.draft.variants["zh"].answer == "可以的，投影仪每天租金 140 元，押金 700 元。"
    assert "20 USD a day" in gap.draft.variants["en"].answer
    assert set(gap.draft.variants["en"].questions) == set(RENTAL[:2])
    assert set(gap.draft.variants["zh"].questions) == set(RENTAL[3:])
    assert "rent" in gap.draft.id
    assert gap.answer in {variant.answer for variant in gap.draft.variants.values()}
    assert agent.retriever.index.repository.get([gap.draft.id]) == {}, "it is proposed, not published"


def test_what_staff_wrote_is_masked(agent: CustomerServiceAgent, say: Say) -> None:
    for message in RENTAL[:2]:
        conversation = say(message)
        agent.desk.take(conversation.id, "lin")
        agent.desk.say(conversation.id, "lin", "Yes, projectors can be rented: call 13812345678 or write to rent@shop.example.")
    (gap,) = gaps(agent)
    assert gap.answer == "Yes, projectors can be rented: call [phone] or write to [email]."


def test_what_staff_said_before_the_question_is_no_answer(agent: CustomerServiceAgent, say: Say) -> None:
    for message in RENTAL[:2]:
        conversation = say("I want to talk to a real person")
        agent.desk.take(conversation.id, "lin")
        agent.desk.say(conversation.id, "lin", "Your projector is on its way, sorry for the delay.")
        agent.desk.give_back(conversation.id, "lin")
        found = agent.log.find("somebody", conversation.id)
        assert found
        agent.reply(found, message)
    (gap,) = gaps(agent)
    assert (gap.conversations, gap.answer, gap.draft) == (2, None, None)


def test_what_was_asked_of_a_person_is_handed_over(agent: CustomerServiceAgent, say: Say) -> None:
    for message in RENTAL[:2]:
        conversation = say("转人工")
        agent.desk.take(conversation.id, "lin")
        for text in (message, "ok", "yes please"):
            found = agent.log.find("somebody", conversation.id)
            assert found
            agent.reply(found, text)
    (gap,) = gaps(agent)
    assert (set(gap.questions), gap.kinds) == (set(RENTAL[:2]), {Shortfall.HANDED_OVER: 2})


def test_requests_for_a_person_and_courtesy_are_not_listed(agent: CustomerServiceAgent, say: Say) -> None:
    for message in ["I want to talk to a real person", "转人工", "agent please", "hello", "thank you very much", "???", ""]:
        for _ in range(2):
            say(message)
    for _ in range(2):
        agent.request_person(agent.log.start("somebody"), Language("en"))
    assert gaps(agent) == []


@on_both_databases
def test_a_disliked_answer_is_listed_until_the_entry_changes(agent: CustomerServiceAgent, say: Say) -> None:
    for message in ("how long does standard delivery take?", "how many days does standard delivery take?"):
        conversation = say(message)
        assert [source.id for source in last_reply(agent, conversation).sources] == ["delivery-standard"]
        dislike(agent, conversation)
    (gap,) = gaps(agent)
    assert gap.kinds == {Shortfall.THUMBED_DOWN: 2}
    sent = agent.retriever.index.repository.get(["delivery-standard"])["delivery-standard"]
    variants = {language: type(one)(language, one.questions, one.answer + " 1") for language, one in sent.variants.items()}
    publish(agent, FAQEntry(sent.id, variants, sent.category, sent.intent))
    assert gaps(agent) == []


def test_an_answer_that_was_refused_in_words_counts_as_disliked(agent: CustomerServiceAgent, say: Say) -> None:
    for _ in range(2):
        conversation = say("how long does standard delivery take?", "that's not what I meant")
        assert agent.log.turns(conversation.id)[0].reply
    (gap,) = gaps(agent)
    assert (gap.questions, gap.kinds) == (("how long does standard delivery take?",), {Shortfall.THUMBED_DOWN: 2})


def test_what_was_asked_back_and_then_chosen_is_no_gap(agent: CustomerServiceAgent, say: Say) -> None:
    message = "do you rent out equipment"
    asked_back = [say(message) for _ in range(2)]
    assert last_reply(agent, asked_back[0]).route is RouteKind.CLARIFY
    (gap,) = gaps(agent)
    assert (gap.conversations, gap.kinds) == (2, {Shortfall.ASKED_BACK: 2})
    for conversation in asked_back:
        agent.reply(conversation, last_reply(agent, conversation).suggestions[0])
    assert gaps(agent) == []


def test_only_the_days_that_were_asked_for_count(agent: CustomerServiceAgent, say: Say) -> None:
    conversations = [say(message) for message in RENTAL[:3]]
    old = datetime.now(UTC) - timedelta(days=10)
    with agent.log.database.transaction() as connection:
        for conversation in conversations[:2]:
            connection.execute(update(TurnRow).where(TurnRow.conversation_id == conversation.id).values(created_at=old))
    questions = UnansweredQuestions(agent)
    assert questions.find(days=9) == []
    (gap,) = questions.find(days=11)
    assert (gap.conversations, gap.first, gap.last) == (3, old.date(), datetime.now(UTC).date())


def test_what_a_customer_had_erased_is_gone(agent: CustomerServiceAgent, say: Say) -> None:
    for message in RENTAL[:2]:
        say(message)
    assert gaps(agent)
    agent.log.erase("somebody")
    assert gaps(agent) == []


@on_both_databases
def test_the_log_is_read_by_pages_and_the_newest_count(agent: CustomerServiceAgent, say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(missed, "PAGE", 3)
    for conversation in [say(message, "hello", "do you rent out equipment") for message in RENTAL[:3]]:
        agent.reply(conversation, last_reply(agent, conversation).suggestions[0])  # on the next page, as a rule
    since = datetime.now(UTC) - timedelta(days=1)
    assert [one.message for one in missed.missed_messages(agent.log.database, since, most=100)] == RENTAL[:3]
    assert [one.message for one in missed.missed_messages(agent.log.database, since, most=2)] == RENTAL[1:3]


def test_a_gap_is_closed_once_most_of_it_is_answered(agent: CustomerServiceAgent, say: Say) -> None:
    for message in RENTAL[:4]:
        say(message)
    say("can I rent a projector for our school play, with somebody who operates it and drives it to Tibet")
    assert gaps(agent)[0].conversations == 5
    publish(agent, RENTED)
    assert gaps(agent) == []
