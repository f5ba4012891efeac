"""What was acknowledged survives a killed process."""

import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.assembly import open_agent
from agent.conversation import RouteKind
from agent.settings import Settings
from knowledge_base.database import Database
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.repository import FAQRepository
from tests.conftest import ROOT, make_data_directory

KILLS = 10
QUESTIONS = {"delivery": "How long does delivery take?", "bakeries": "How many bakeries do you have?"}
CONVERSE = """
import sys
from pathlib import Path
from agent.assembly import open_agent
from agent.settings import Settings

agent = open_agent(Settings(data_dir=Path(sys.argv[1])))
print("ready", flush=True)
while True:
    conversation = agent.log.start("customer")
    for number in range(5):
        print(agent.reply(conversation, f"message {number}: How long does delivery take?").id, flush=True)
"""


@pytest.mark.slow
def test_every_acknowledged_turn_survives_being_killed(tmp_path: Path, model_cache: Path) -> None:
    folder = make_data_directory(tmp_path / "data", model_cache, starter=False)
    entries = [FAQEntry(name, {"en": EntryVariant("en", (question,), "Three.")}) for name, question in QUESTIONS.items()]
    FAQRepository(Database(f"sqlite:///{folder}/frontdesk.db")).put(entries)
    moments = random.Random(7)
    acknowledged: list[int] = []
    for _ in range(KILLS):
        command = [sys.executable, "-c", CONVERSE, str(folder)]
        with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            assert process.stdout.readline() == "ready\n"
            acknowledged += [int(process.stdout.readline()) for _ in range(moments.randint(1, 12))]
            time.sleep(moments.uniform(0.0, 0.1))
            process.kill()
            acknowledged += [int(line) for line in process.stdout.read().split("\n")[:-1]]
    assert len(set(acknowledged)) == len(acknowledged)
    agent = open_agent(Settings(data_dir=folder))
    with agent.log.database.reading() as connection:
        conversations = connection.exec_driver_sql("SELECT DISTINCT conversation_id FROM turns").scalars().all()
    turns = {turn.id: turn for one in conversations for turn in agent.log.turns(one)}
    lost = [turn_id for turn_id in acknowledged if turn_id not in turns or turns[turn_id].reply is None]
    assert not lost
    unanswered = [turn for turn in turns.values() if turn.reply is None]
    assert len(unanswered) <= KILLS  # those whose reply was being made
    assert agent.ask(QUESTIONS["delivery"]).route is RouteKind.ANSWER
    agent.retriever.index.close()
