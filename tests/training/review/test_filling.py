"""Which messages come into review, from a real log."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.agent import CustomerServiceAgent
from agent.assembly import open_agent
from agent.intents import Intent
from agent.settings import Settings
from tests.knowledge_base.faq_index_shop import archive
from tests.training.cooking_classes import ASKED
from training.errors import ReviewError
from training.loop.runs import LoopRuns
from training.loop.shadow import Shadow, newest_turn
from training.review.accepted_intents import AcceptedIntents
from training.review.filling import SHADOW, fill_queue
from training.review.item import Decision, Label
from training.review.new_intents import NewIntents
from training.review.queue import ReviewQueue

SURE = ["how long does delivery take?", "where is my parcel?", "how do I return an item?", "多久能送到？"]
UNSURE = ["the thing with the money, what about it", "can you do that other one for me", "it is about my card and the points"]


@pytest.fixture
def agent(tmp_path: Path, untouched_shop: Path) -> Iterator[CustomerServiceAgent]:
    """The demonstration shop with a log of its own."""
    shutil.copytree(untouched_shop, tmp_path / "data", symlinks=True)
    agent = open_agent(Settings(data_dir=tmp_path / "data"))
    yield agent
    agent.retriever.index.close()


def say(agent: CustomerServiceAgent, *messages: str, customer: str = "ann", thumb: int | None = None) -> None:
    """A conversation; the last reply gets a thumb."""
    conversation = agent.log.start(customer)
    turns = [agent.reply(conversation, message) for message in messages]
    if thumb:
        agent.log.add_feedback(conversation.id, turns[-1].id, thumb)


def test_what_is_worth_most_comes_first_and_each_text_once(agent: CustomerServiceAgent) -> None:
    queue = ReviewQueue(agent.log.database)
    for message in [*SURE, *UNSURE]:
        say(agent, message)
    say(agent, SURE[0].upper())
    say(agent, "how do I pay?", thumb=-1)
    say(agent, "how much is delivery?", "and by express?")
    assert fill_queue(agent, queue) == len(SURE) + len(UNSURE) + 2, "a follow-up does not stand for itself"
    waiting = [item.message for item in queue.waiting("lin", most=100)]
    first = {message.text for message in waiting[: len(UNSURE) + 1]}
    assert first & {*UNSURE, "how do I pay?"} == first
    disliked = next(message for message in waiting if message.text == "how do I pay?")
    assert "thumb_down" in disliked.signals
    assert disliked.predicted
    assert disliked.predicted.entry

    queue.review(queue.waiting("lin", most=1)[0].id, "lin", Decision.ACCEPT)
    say(agent, "do you ship to Iceland?")
    assert fill_queue(agent, queue) == 1
    assert len(queue.waiting("lin", most=100)) == len(waiting)
    assert fill_queue(agent, queue, size=2) == 0
    assert len(queue.waiting("lin", most=100)) == 2, "the others make way"


def test_where_a_challenger_would_do_something_else(agent: CustomerServiceAgent) -> None:
    queue, database = ReviewQueue(agent.log.database), agent.log.database
    run = LoopRuns(database).begin("lin", agent.release.id)
    after = newest_turn(database)
    for message in SURE:
        say(agent, message)
    result = Shadow(database, agent, run.id, after).follow(most=3, seconds=0)
    assert (result.messages, result.agreeing) == (3, 3)
    again = Shadow(database, agent, run.id, after)
    assert again.follow(most=10, seconds=0).messages == 4, "it goes on where it was"

    sent = next(entry for entry in agent.retriever.index.repository.all() if entry.id == "delivery-standard")
    archive(agent.retriever.index.repository, sent.id)
    agent.retriever.index.refresh()
    other = LoopRuns(database).begin("lin", agent.release.id)
    result = Shadow(database, agent, other.id, after).follow(most=10, seconds=0)
    assert result.agreeing < result.messages == 4
    fill_queue(agent, queue)
    shadowed = {item.message.text for item in queue.waiting("lin", most=100) if SHADOW in item.message.signals}
    assert len(shadowed) == 4 - result.agreeing
    agent.log.erase("ann")
    assert Shadow(database, agent, other.id, after).result().messages == 0


def test_what_no_intent_covers_is_proposed_accepted_or_dismissed(agent: CustomerServiceAgent) -> None:
    queue, accepted = ReviewQueue(agent.log.database), AcceptedIntents(agent.log.database)
    for number, message in enumerate([*ASKED[:8], *ASKED[-8:], *SURE, *UNSURE]):
        say(agent, message, customer=f"customer-{number}")
    new = NewIntents(agent, queue, accepted)
    (proposal,) = new.find()
    assert {message.text for message in proposal.messages} <= set(ASKED)
    assert set(proposal.languages) == {"en", "zh"}
    new.dismiss(proposal.messages[:1], "lin")
    (rest,) = new.find()
    assert len(rest.messages) == len(proposal.messages) - 1
    for name, entry, said in (("refund_status", "x", "already"), ("Two Words", "x", "small letters"), ("classes", None, "entry")):
        with pytest.raises(ReviewError, match=said):
            new.accept(rest.messages, Intent(name, "query", "answer"), entry, "lin")
    assert accepted.all() == []
    assert len(queue.settled()) == 1, "what is refused changes nothing"
    fill_queue(agent, queue)
    asked = next(item for item in queue.waiting("wei", most=100) if item.message.text == rest.messages[0].text)
    queue.review(asked.id, "wei", Decision.NEW_INTENT)
    new.accept(rest.messages, Intent("classes", "query", "answer"), "delivery-standard", "lin")
    assert queue.disputed() == [], "who wanted a new intent has it"
    assert [one.intent.id for one in accepted.all()] == ["classes"]
    assert {item.label for item in queue.settled()} == {Label("oos"), Label("classes", "delivery-standard")}
    assert new.find() == []
