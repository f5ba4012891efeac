"""What people say of a message is kept, and comes to a label, on either database."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from agent.conversation_log import ConversationLog
from agent.intents import OUT_OF_SCOPE
from knowledge_base.database import Database
from training.errors import ReviewError
from training.review.item import Decision, ItemState, Label, Message, ReviewItem
from training.review.queue import Counts, ReviewQueue, key_of
from training.review.tables import ReviewRow

REFUND, DELIVERY = Label("refund_status", "refund-time"), Label("delivery_time", "delivery-standard")
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def queue(database: Database) -> ReviewQueue:
    return ReviewQueue(database, clock=lambda: NOW)


def message(queue: ReviewQueue, text: str, worth: float = 1.0, *, customer: str = "ann", predicted: Label | None = REFUND) -> Message:
    """A message that is in the log."""
    log = ConversationLog(queue.database)
    turn_id = log.add_message(log.start(customer).id, text)
    return Message(turn_id, customer, text, "en", NOW, "a-release", predicted, "clarify", 0.4, 0.2, ("asked_back",), worth)


def put(queue: ReviewQueue, *messages: Message) -> list[ReviewItem]:
    """Put messages into an empty review; gives their items."""
    assert queue.fill(messages) == len(messages)
    items = {item.message.text: item for item in queue.waiting("somebody", most=100)}
    return [items[one.text] for one in messages]


def one(queue: ReviewQueue, predicted: Label | None = REFUND) -> ReviewItem:
    """The item of the only message in review."""
    return put(queue, message(queue, "where is my money", predicted=predicted))[0]


def texts(queue: ReviewQueue, reviewer: str = "lin") -> list[str]:
    return [item.message.text for item in queue.waiting(reviewer, most=100)]


def test_a_message_comes_out_as_it_went_in(queue: ReviewQueue) -> None:
    written = message(queue, "钱什么时候退？<b>", predicted=None)
    assert queue.fill([written]) == 1
    (item,) = queue.waiting("lin", most=5)
    assert (item.message, item.state, item.reviews, item.label) == (written, ItemState.OPEN, (), None)


def test_what_is_worth_most_comes_first_and_each_text_once(queue: ReviewQueue) -> None:
    found = [message(queue, "little", 0.1), message(queue, "Much?", 0.9), message(queue, "some", 0.5), message(queue, "much?", 0.9)]
    assert queue.fill(found) == 3
    assert texts(queue) == ["Much?", "some", "little"]
    assert [item.message.text for item in queue.waiting("lin", most=2)] == ["Much?", "some"]


def test_a_new_choice_replaces_what_nobody_looked_at(queue: ReviewQueue) -> None:
    stays, goes, skipped, labelled = (message(queue, text, 0.5) for text in ("stays", "goes", "skipped", "labelled"))
    queue.fill([stays, goes, skipped, labelled])
    numbers = {item.message.text: item.id for item in queue.waiting("lin", most=9)}
    queue.review(numbers["skipped"], "lin", Decision.SKIP)
    queue.review(numbers["labelled"], "lin", Decision.ACCEPT)
    assert queue.fill([replace(stays, worth=0.2), message(queue, "comes", 0.9), message(queue, "labelled", 0.9)]) == 1
    assert set(texts(queue)) == {"comes", "stays"}
    assert texts(queue, "wei")[0] == "comes"
    assert texts(queue, "wei")[-1] == "stays"  # worth less than it was
    assert queue.find(numbers["stays"]).message.worth == pytest.approx(0.2)
    assert [item.message.text for item in queue.settled()] == ["labelled"]
    assert queue.find(numbers["skipped"]).reviews[0].decision is Decision.SKIP
    assert queue.fill([]) == 0
    assert texts(queue) == []


@pytest.mark.parametrize(
    ("decision", "given", "label"),
    [
        (Decision.ACCEPT, None, REFUND),
        (Decision.CORRECT, DELIVERY, DELIVERY),
        (Decision.NEW_INTENT, None, Label(OUT_OF_SCOPE)),
        (Decision.NO_QUESTION, None, Label(OUT_OF_SCOPE)),
    ],
)
def test_a_decision_settles_a_message(queue: ReviewQueue, decision: Decision, given: Label | None, label: Label) -> None:
    item = queue.review(one(queue).id, "lin", decision, given, note=" gift_cards ")
    assert (item.state, item.label) == (ItemState.SETTLED, label)
    (said,) = item.reviews
    assert (said.reviewer, said.decision, said.label, said.note, said.at) == ("lin", decision, label, "gift_cards", NOW)
    assert queue.settled() == [item]
    assert texts(queue) == []


def test_a_decision_without_a_label_is_refused(queue: ReviewQueue) -> None:
    item = one(queue, predicted=None)
    for decision in (Decision.ACCEPT, Decision.CORRECT):
        with pytest.raises(ReviewError, match="choose an entry or an intent"):
            queue.review(item.id, "lin", decision)
    assert queue.find(item.id) == item


def test_what_is_skipped_waits_for_somebody_else(queue: ReviewQueue) -> None:
    item = one(queue)
    assert queue.review(item.id, "lin", Decision.SKIP).state is ItemState.OPEN
    assert (texts(queue, "lin"), texts(queue, "wei")) == ([], ["where is my money"])
    assert queue.review(item.id, "wei", Decision.ACCEPT).label == REFUND


def test_every_tenth_message_is_shown_to_one_more(queue: ReviewQueue) -> None:
    queue.fill([message(queue, f"number {place}", worth=1 - place / 100) for place in range(20)])
    for item in queue.waiting("lin", most=20):
        queue.review(item.id, "lin", Decision.ACCEPT)
    assert texts(queue, "wei") == ["number 0", "number 10"]
    for item in queue.waiting("wei", most=20):
        queue.review(item.id, "wei", Decision.ACCEPT)
    assert texts(queue, "mei") == []


def test_more_than_half_decide(queue: ReviewQueue) -> None:
    item_id = one(queue).id
    queue.review(item_id, "lin", Decision.ACCEPT)
    disputed = queue.review(item_id, "wei", Decision.CORRECT, DELIVERY)
    assert (disputed.state, disputed.label) == (ItemState.DISPUTED, None)
    assert queue.disputed() == [disputed]
    assert queue.settled() == []
    assert texts(queue, "mei") == ["where is my money"]
    settled = queue.review(item_id, "mei", Decision.CORRECT, DELIVERY)
    assert (settled.state, settled.label) == (ItemState.SETTLED, DELIVERY)
    assert [review.label for review in settled.reviews] == [REFUND, DELIVERY, DELIVERY]  # who disagreed is kept
    assert queue.disputed() == []


def test_another_entry_of_the_same_intent_is_another_label(queue: ReviewQueue) -> None:
    item_id = one(queue).id
    queue.review(item_id, "lin", Decision.ACCEPT)
    assert queue.review(item_id, "wei", Decision.CORRECT, Label(REFUND.intent, "refund-card")).state is ItemState.DISPUTED


def test_who_changes_their_mind_is_counted_once(queue: ReviewQueue) -> None:
    item_id = one(queue).id
    queue.review(item_id, "lin", Decision.ACCEPT)
    queue.review(item_id, "wei", Decision.NO_QUESTION)
    item = queue.review(item_id, "wei", Decision.ACCEPT)
    assert (item.label, [review.reviewer for review in item.reviews]) == (REFUND, ["lin", "wei"])


def test_what_was_said_last_is_taken_back(queue: ReviewQueue) -> None:
    first, second = put(queue, message(queue, "first"), message(queue, "second"))
    queue.review(first.id, "lin", Decision.ACCEPT)
    queue.review(second.id, "wei", Decision.ACCEPT)
    queue.review(second.id, "lin", Decision.NO_QUESTION)
    taken_back = queue.undo("lin")
    assert taken_back
    assert (taken_back.id, taken_back.state, [review.reviewer for review in taken_back.reviews]) == (second.id, ItemState.SETTLED, ["wei"])
    assert queue.undo("lin") == queue.find(first.id)
    assert queue.find(first.id) == first
    assert queue.undo("lin") is None
    assert queue.find(second.id).label == REFUND  # what others said stays


def test_a_customer_is_forgotten_with_what_was_said_of_them(queue: ReviewQueue, database: Database) -> None:
    anns, bobs = put(queue, message(queue, "of ann"), message(queue, "of bob", customer="bob"))
    for item in (anns, bobs):
        queue.review(item.id, "lin", Decision.ACCEPT)
    assert queue.forget("ann") == 1
    with pytest.raises(ReviewError, match="no longer in review"):
        queue.find(anns.id)
    with pytest.raises(ReviewError, match="no longer in review"):
        queue.review(anns.id, "wei", Decision.ACCEPT)
    assert queue.settled() == [queue.find(bobs.id)]
    with database.reading() as connection:
        assert connection.execute(select(func.count()).select_from(ReviewRow)).scalar_one() == 1
    assert queue.forget("nobody") == 0


def test_what_is_erased_from_the_log_leaves_unless_somebody_looked_at_it(queue: ReviewQueue) -> None:
    found = [message(queue, "reviewed"), message(queue, "open"), message(queue, "of bob", customer="bob")]
    reviewed, untouched, other = put(queue, *found)
    queue.review(reviewed.id, "lin", Decision.ACCEPT)
    ConversationLog(queue.database).erase("ann")
    assert queue.find(untouched.id).message.turn_id is None
    assert queue.forget_erased() == 1
    assert texts(queue, "lin") == [other.message.text]
    assert queue.find(reviewed.id).message == replace(reviewed.message, turn_id=None)


def test_several_messages_are_decided_together_or_not_at_all(queue: ReviewQueue) -> None:
    known = put(queue, message(queue, "known"))[0]
    others = [known.message, message(queue, "new to review")]
    another = message(queue, "another")
    with queue.database.transaction() as connection:
        queue.review_all(connection, others, "lin", Decision.CORRECT, DELIVERY)
    assert {item.message.text: item.label for item in queue.settled()} == {"known": DELIVERY, "new to review": DELIVERY}
    with pytest.raises(ReviewError), queue.database.transaction() as connection:
        queue.review_all(connection, [*others, another], "wei", Decision.CORRECT)
    assert [len(item.reviews) for item in queue.settled()] == [1, 1]


def test_who_is_asked_again_is_somebody_else(queue: ReviewQueue) -> None:
    first, doubted = put(queue, message(queue, "first"), message(queue, "doubted"))
    for item in (first, doubted):
        queue.review(item.id, "lin", Decision.ACCEPT)
    assert texts(queue, "wei") == ["first"]  # one of ten
    queue.ask_again([key_of("DOUBTED")])
    assert texts(queue, "lin") == []
    assert texts(queue, "wei") == ["first", "doubted"]


def test_it_is_counted_for_who_asks(queue: ReviewQueue) -> None:
    queue.fill([message(queue, f"number {place}") for place in range(5)])
    items = queue.waiting("lin", most=5)
    assert queue.counts("lin", NOW) == Counts(open=5, today=0, settled=0, disputed=0, agreement=None)
    queue.review(items[0].id, "lin", Decision.ACCEPT)
    queue.review(items[0].id, "wei", Decision.ACCEPT)
    queue.review(items[1].id, "lin", Decision.ACCEPT)
    queue.review(items[1].id, "wei", Decision.NO_QUESTION)
    queue.review(items[2].id, "lin", Decision.SKIP)
    queue.review(items[3].id, "lin", Decision.ACCEPT)
    assert queue.counts("lin", NOW) == Counts(open=1, today=4, settled=2, disputed=1, agreement=0.5)
    assert queue.counts("mei", NOW) == Counts(open=3, today=0, settled=2, disputed=1, agreement=0.5)
    assert queue.counts("lin", NOW + timedelta(seconds=1)).today == 0
    queue.review(items[1].id, "mei", Decision.ACCEPT)  # outvoted is not agreed
    assert queue.counts("mei", NOW) == Counts(open=2, today=1, settled=3, disputed=0, agreement=0.5)


def test_opinions_that_come_together_are_all_counted(queue: ReviewQueue) -> None:
    item_id = one(queue).id
    people = [f"reviewer-{place}" for place in range(9)]

    def say(place: int) -> None:
        """Two of three accept."""
        queue.review(item_id, people[place], Decision.NO_QUESTION if place % 3 == 0 else Decision.ACCEPT)

    with ThreadPoolExecutor(9) as pool:
        list(pool.map(say, range(9)))
    item = queue.find(item_id)
    assert {review.reviewer for review in item.reviews} == set(people)
    assert (item.state, item.label) == (ItemState.SETTLED, REFUND)
