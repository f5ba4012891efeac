import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Text, cast, select, update

from agent import conversation_log
from agent.conversation import CheckedSentence, ConversationState, IntentPrediction, Manner, Reason, Reply, RouteKind, Source
from agent.conversation_log import ConversationLog, ConversationRow, TurnRow
from agent.errors import ErasedError
from agent.handover.desk import Desk
from agent.handover.rules import HandOverReason
from knowledge_base.database import Database

PREDICTION = IntentPrediction("refund_status", "query", 0.97, 0.01, {"refund_status": 0.97, "oos": 0.03})
REPLY = Reply(
    text="**5** business days 退款",
    language="en",
    route=RouteKind.ANSWER,
    intent=PREDICTION,
    sources=(Source("refund-time", 3, 0.91, "When?"), Source("fees", 1, 0.2, "退款？")),
    suggestions=("How?", "怎么退？"),
    composed=True,
    offers_person=False,
    release="2026-11-22-0123456789",
    timings_ms={"mask": 0.1, "total": 12.5},
    reasons=(Reason("my refund", Manner.FOLLOW_UP, "answer: refund-time 0.91 >= 0.50", (("refund-time", 0.91), ("fees", 0.2))),),
)


@pytest.fixture
def log(database_url: str) -> Iterator[ConversationLog]:
    database = Database(database_url)
    yield ConversationLog(database)
    database.close()


def test_a_message_is_committed_before_its_reply(log: ConversationLog) -> None:
    other = ConversationLog(Database(log.database.engine.url.render_as_string(hide_password=False)))
    conversation = log.start("alice")
    turn_id = log.add_message(conversation.id, "where is my parcel?")
    (turn,) = other.turns(conversation.id)
    assert (turn.id, turn.message, turn.reply, turn.feedback) == (turn_id, "where is my parcel?", None, None)
    assert timedelta() <= datetime.now(UTC) - turn.created_at < timedelta(minutes=1)
    assert log.add_reply(turn_id, REPLY).reply == REPLY
    assert other.turns(conversation.id)[0].reply == REPLY


def test_turns_keep_their_order_and_their_conversation(log: ConversationLog) -> None:
    one, two = log.start("alice"), log.start("alice")
    for number in range(5):
        log.add_message(one.id, f"one {number}")
        log.add_message(two.id, f"two {number}")
    assert [turn.message for turn in log.turns(one.id)] == [f"one {number}" for number in range(5)]
    assert [turn.message for turn in log.turns(two.id)] == [f"two {number}" for number in range(5)]


def test_a_customer_sees_only_their_own(log: ConversationLog) -> None:
    conversation = log.start("alice")
    log.add_message(conversation.id, "hello")
    found = log.find("alice", conversation.id)
    assert found
    assert (found.id, found.state, found.title) == (conversation.id, ConversationState.BOT, "hello")
    assert log.find("bob", conversation.id) is None
    assert log.find("", conversation.id) is None
    assert log.find("alice", "unknown") is None
    assert log.conversations("bob") == []


def test_conversations_are_listed_newest_first_once_they_have_a_message(log: ConversationLog) -> None:
    first, second, _empty = log.start("alice"), log.start("alice"), log.start("alice")
    log.add_message(second.id, "second")
    log.add_message(first.id, "first")
    assert [one.title for one in log.conversations("alice")] == ["second", "first"]
    assert [one.title for one in log.conversations("alice", limit=1)] == ["second"]


@pytest.mark.parametrize(
    ("message", "title"),
    [("short", "short"), ("two\n lines", "two lines"), ("x" * 40, "x" * 40), ("x" * 41, "x" * 40 + "…"), ("", "…"), (" \n", "…")],
)
def test_the_first_message_is_the_title(log: ConversationLog, message: str, title: str) -> None:
    conversation = log.start("alice")
    log.add_message(conversation.id, message)
    log.add_message(conversation.id, "later")
    assert [one.title for one in log.conversations("alice")] == [title]


def test_answered_turns_are_the_newest_with_a_reply_oldest_first(log: ConversationLog) -> None:
    conversation = log.start("alice")
    assert log.answered_turns(conversation.id, 2) == []
    for message in ("one", "two", "three"):
        log.add_reply(log.add_message(conversation.id, message), REPLY)
    log.add_message(conversation.id, "four")
    assert [turn.message for turn in log.answered_turns(conversation.id, 2)] == ["two", "three"]


def test_of_the_classifiers_entries_the_likely_ones_are_kept(log: ConversationLog) -> None:
    conversation = log.start("alice")
    reply = replace(REPLY, intent=replace(PREDICTION, entries={"refund-time": 0.95, "fees": 0.004}))
    stored = log.add_reply(log.add_message(conversation.id, "one"), reply).reply
    assert stored
    assert stored.intent == replace(PREDICTION, entries={"refund-time": 0.95})


def test_a_reply_of_an_older_version_has_no_reasons(log: ConversationLog) -> None:
    conversation = log.start("alice")
    turn_id = log.add_message(conversation.id, "one")
    log.add_reply(turn_id, REPLY)
    with log.database.transaction() as connection:
        stored = dict(connection.execute(select(TurnRow.reply)).scalar_one() or {})
        del stored["reasons"], stored["intent"]["entries"]
        connection.execute(update(TurnRow).values(reply=stored))
    (turn,) = log.turns(conversation.id)
    assert turn.reply == replace(REPLY, reasons=())


def test_a_reply_may_queue_the_conversation(log: ConversationLog) -> None:
    conversation, other = log.start("alice"), log.start("alice")
    log.add_reply(log.add_message(conversation.id, "a person please"), REPLY, ConversationState.QUEUED)
    log.add_reply(log.add_message(conversation.id, "thanks"), REPLY)
    states = [found.state for one in (conversation, other) if (found := log.find("alice", one.id))]
    assert states == [ConversationState.QUEUED, ConversationState.BOT]


def test_feedback_is_set_changed_and_taken_back(log: ConversationLog) -> None:
    conversation = log.start("alice")
    turn_id = log.add_message(conversation.id, "hello")
    for feedback in (1, -1, None):
        assert log.add_feedback(conversation.id, turn_id, feedback)
        assert log.turns(conversation.id)[0].feedback == feedback


def test_feedback_on_a_foreign_turn_is_refused(log: ConversationLog) -> None:
    mine, theirs = log.start("alice"), log.start("bob")
    turn_id = log.add_message(theirs.id, "hello")
    assert not log.add_feedback(mine.id, turn_id, -1)
    assert not log.add_feedback(mine.id, turn_id + 1, -1)
    assert log.turns(theirs.id)[0].feedback is None


def test_whether_it_is_settled_is_kept_changed_and_taken_back_and_outlives_the_next_question(log: ConversationLog) -> None:
    conversation, other = log.start("alice"), log.start("alice")
    said: list[bool | None] = []
    for resolved in (True, False, None, True):
        log.add_message(conversation.id, "hello")
        assert log.set_resolved(conversation.id, resolved)
        said += [found.resolved] if (found := log.find("alice", conversation.id)) else []
    assert said == [True, False, None, True]
    log.add_reply(log.add_message(conversation.id, "one more thing"), REPLY)
    assert {one.id: one.resolved for one in log.conversations("alice")} == {conversation.id: True}
    events = Desk(log.database).events(conversation.id)
    assert [(event.kind, event.author, event.text) for event in events] == [("resolution", "", text) for text in ("yes", "no", "", "yes")]
    assert [event.at >= turn.created_at for event, turn in zip(events, log.turns(conversation.id), strict=False)] == [True] * 4
    assert Desk(log.database).events(other.id) == []
    assert not log.set_resolved("unknown", resolved=True)


def test_a_message_to_no_conversation_is_refused(log: ConversationLog) -> None:
    with pytest.raises(ErasedError):
        log.add_message("unknown", "hello")


def test_a_conversation_id_cannot_be_guessed(log: ConversationLog) -> None:
    ids = {log.start("alice").id for _ in range(20)}
    assert len(ids) == 20
    assert all(len(one) == 32 for one in ids)


TEXT = st.text(max_size=20)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)
REPLIES = st.builds(
    Reply,
    text=TEXT,
    language=st.sampled_from(["en", "zh"]),
    route=st.sampled_from(RouteKind),
    intent=st.none() | st.builds(IntentPrediction, TEXT, st.none() | TEXT, NUMBERS, NUMBERS, st.dictionaries(TEXT, NUMBERS, max_size=3)),
    sources=st.lists(st.builds(Source, TEXT, st.integers(0, 99), NUMBERS, TEXT), max_size=2).map(tuple),
    suggestions=st.lists(TEXT, max_size=3).map(tuple),
    composed=st.booleans(),
    offers_person=st.booleans(),
    release=TEXT,
    timings_ms=st.dictionaries(TEXT, NUMBERS, max_size=3),
    reasons=st.lists(
        st.builds(Reason, TEXT, st.sampled_from(Manner), TEXT, st.lists(st.tuples(TEXT, NUMBERS), max_size=2).map(tuple)), max_size=2
    ).map(tuple),
    checked=st.lists(st.builds(CheckedSentence, TEXT, st.booleans(), TEXT, NUMBERS), max_size=2).map(tuple),
    stopped=st.booleans(),
)


@settings(max_examples=50, deadline=None, suppress_health_check=list(HealthCheck))
@given(reply=REPLIES)
def test_every_reply_comes_back_as_it_was(log: ConversationLog, reply: Reply) -> None:
    conversation = log.start("alice")
    turn_id = log.add_message(conversation.id, "hello")
    assert log.add_reply(turn_id, reply).reply == reply
    assert [turn.reply for turn in log.answered_turns(conversation.id, 1)] == [reply]


def test_the_stored_reply_is_plain_json(log: ConversationLog) -> None:
    conversation = log.start("alice")
    log.add_reply(log.add_message(conversation.id, "hello"), REPLY)
    with log.database.reading() as connection:
        stored = connection.execute(select(cast(TurnRow.reply, Text))).scalar_one()
    assert json.loads(stored)["sources"][0] == {"id": "refund-time", "version": 3, "score": 0.91, "title": "When?"}


def test_what_nobody_wrote_in_for_long_is_erased_with_all_that_belongs_to_it(log: ConversationLog) -> None:
    desk, now = Desk(log.database), datetime.now(UTC)
    old, answered, fresh, empty = (log.start(name) for name in ("ann", "bob", "cleo", "dan"))
    for conversation in (old, answered, fresh):
        log.add_message(conversation.id, "hello")
    desk.queue(answered.id, HandOverReason.ASKED)
    desk.take(answered.id, "lin")
    desk.say(answered.id, "lin", "Good morning")
    long_ago = now - timedelta(days=31)
    with log.database.transaction() as connection:
        connection.execute(update(TurnRow).where(TurnRow.conversation_id.in_([old.id, answered.id])).values(created_at=long_ago))
        connection.execute(update(ConversationRow).where(ConversationRow.id == empty.id).values(created_at=long_ago))
    assert log.erase_older(now - timedelta(days=30)) == 2
    assert [log.find(name, one.id) is None for name, one in (("ann", old), ("bob", answered), ("cleo", fresh), ("dan", empty))] == [
        True,
        False,
        False,
        True,
    ]
    assert log.turns(old.id) == []
    assert log.erase_older(now - timedelta(days=30)) == 0


def test_many_old_conversations_go_in_several_steps(log: ConversationLog, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation_log, "ERASED_AT_ONCE", 3)
    for _ in range(10):
        log.start("ann")
    assert log.erase_older(datetime.now(UTC) + timedelta(minutes=1)) == 10
