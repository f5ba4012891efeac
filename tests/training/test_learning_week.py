"""A week of the demonstration shop: a topic that its intents lack is proposed, accepted, trained, promoted and answered."""

import json
import os
import random
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from agent.agent import CustomerServiceAgent
from agent.assembly import data_directory, open_agent
from agent.conversation import RouteKind
from agent.evaluation import evaluate, is_right
from agent.intents import OUT_OF_SCOPE, Intent
from agent.release_follower import ReleaseFollower
from agent.release_loader import ReleaseLoader
from agent.settings import Settings
from agent.utterances import Utterance, read_utterances
from knowledge_base.curation.curation import Curation
from knowledge_base.curation.version import State
from tests.conftest import ROOT, make_data_directory
from tests.training.cooking_classes import ASKED, ASKED_LATER, ENTRY
from training.dataset import read_dataset
from training.examples import stands_alone
from training.loop.runs import LoopRuns, Step
from training.review.accepted_intents import AcceptedIntents
from training.review.filling import fill_queue
from training.review.item import Decision, Label
from training.review.new_intents import NewIntents
from training.review.queue import ReviewQueue

CONVERSATIONS = 600
MOST_LOST = 2  # test messages of an intent
INTENT = Intent("cooking_class", "query", "answer")

pytestmark = pytest.mark.slow


@pytest.fixture
def settings(tmp_path: Path, model_cache: Path) -> Settings:
    settings = Settings(data_dir=tmp_path / "data")
    make_data_directory(settings.data_dir, model_cache, starter=True)
    return settings


def ask(agent: CustomerServiceAgent, text: str, customer: str) -> RouteKind:
    """Open a conversation with a message."""
    reply = agent.reply(agent.log.start(customer), text).reply
    assert reply
    return reply.route


def week_of(settings: Settings) -> list[Utterance]:
    """What 600 customers write: the new topic, and messages that no training has seen."""
    known = [row for row in read_dataset([settings.data_dir / "validation"]) if stands_alone(row) and len(row.faqs) < 2]
    chance = random.Random(5)
    rows = chance.sample(known, CONVERSATIONS - len(ASKED)) + [Utterance(text, "en", OUT_OF_SCOPE, None) for text in ASKED]
    chance.shuffle(rows)
    return rows


def review_all(queue: ReviewQueue, rows: Sequence[Utterance]) -> None:
    """A reviewer who knows what every message means."""
    meant = {row.text: Label(row.intent, row.faq) for row in rows}
    for item in queue.waiting("lin", most=1000):
        label = meant.get(item.message.text)
        if item.message.text in ASKED:
            queue.review(item.id, "lin", Decision.NEW_INTENT)
        elif label is None:
            queue.review(item.id, "lin", Decision.SKIP)
        elif label == item.message.predicted:
            queue.review(item.id, "lin", Decision.ACCEPT)
        else:
            queue.review(item.id, "lin", Decision.CORRECT, label)


def right_by_intent(agent: CustomerServiceAgent, rows: Sequence[Utterance]) -> Counter[str]:
    return Counter(one.row.intent for one in evaluate(agent, rows) if is_right(one))


def live_messages(agent: CustomerServiceAgent, runs: LoopRuns, rows: Sequence[Utterance], ended: threading.Event) -> Callable[[], None]:
    """Customers who write while the challenger is in the shadow."""

    def write() -> None:
        """Write once the loop listens."""
        while not ended.wait(1.0):
            run = runs.unfinished()
            if run and run.step is Step.SHADOW:
                for row in rows:
                    ask(agent, row.text, "later")
                return

    return write


def test_a_topic_that_the_intents_lack_is_learned(settings: Settings) -> None:
    agent, directory = open_agent(settings, service=True), data_directory(settings)
    rows, test = week_of(settings), [row for _, row in read_utterances(ROOT / "tests" / "data" / "blind.csv")]
    before = right_by_intent(agent, test)
    for number, row in enumerate(rows):
        ask(agent, row.text, f"customer-{number}")

    queue, accepted = ReviewQueue(agent.log.database), AcceptedIntents(agent.log.database)
    assert fill_queue(agent, queue) > 100
    review_all(queue, rows)

    new = NewIntents(agent, queue, accepted)
    proposals = new.find()
    proposal = max(proposals, key=lambda one: len({message.text for message in one.messages} & set(ASKED)))
    found = [message for message in proposal.messages if message.text in ASKED]
    assert len(found) >= 0.7 * len(ASKED), "the topic is one proposal"
    assert len(found) >= 0.8 * len(proposal.messages), "and little else is in it"
    assert any(word in proposal.name for word in ("cook", "bak", "class")), proposal.name
    curation = Curation(agent.log.database)
    draft = curation.save(ENTRY, "lin", based_on=0)
    curation.move({ENTRY.id: draft.number}, State.PUBLISHED, "lin")
    agent.retriever.index.refresh()
    new.accept(found, INTENT, ENTRY.id, "lin")

    runs, ended = LoopRuns(agent.log.database), threading.Event()
    customers = threading.Thread(target=live_messages(agent, runs, rows[:60], ended))
    customers.start()
    command = [sys.executable, "-m", "training", "loop", "--author", "lin", "--shadow-messages", "60", "--shadow-minutes", "5", "--json"]
    environment = os.environ | {"FRONTDESK_DATA_DIR": str(settings.data_dir), "FRONTDESK_ENCODER": ""}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    ended.set()
    customers.join()
    assert done.returncode == 0, done.stderr
    run = json.loads(done.stdout)
    assert run["outcome"] == "promoted", run["reason"]
    assert run["facts"]["shadow"]["messages"] == 60
    assert Path(run["report"]).is_file()

    agent.retriever.index.refresh()
    assert ReleaseFollower(agent, directory, ReleaseLoader(None, directory.cache)).follow()
    replies = [agent.reply(agent.log.start("next week"), text).reply for text in ASKED_LATER]
    answered = [reply for reply in replies if reply and reply.route is RouteKind.ANSWER and reply.sources[0].id == ENTRY.id]
    assert len(answered) >= 0.8 * len(ASKED_LATER)
    after = right_by_intent(agent, test)
    lost = {intent: before[intent] - after[intent] for intent in before if before[intent] - after[intent] > MOST_LOST}
    assert not lost
    agent.retriever.index.close()
