"""The learning loop on a small shop, from reviewed messages to a release in service."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agent.data_directory import DataDirectory
from agent.errors import DatasetError
from knowledge_base.curation.curation import Curation
from knowledge_base.database import Database
from knowledge_base.encoder import TextEncoder
from tests.conftest import ROOT
from tests.training.loop.small_loop import ARGUMENTS, review_invoices, review_wrongly, small_directory
from training.datasets.message import Part
from training.forgetting import LearnedMessages
from training.loop.learning_loop import LearningLoop, LoopOptions
from training.loop.report import report_page
from training.loop.runs import LoopRuns, Outcome, Step
from training.registry import Registry
from training.review.item import Label

OPTIONS = LoopOptions(author="lin", arguments=replace(ARGUMENTS, replay=8), shadow_messages=0, shadow_minutes=0)

pytestmark = pytest.mark.slow  # each training takes half a minute


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory, encoder: TextEncoder, model_cache: Path) -> Path:
    """A data directory that is copied for each test."""
    return small_directory(tmp_path_factory.mktemp("small"), encoder, model_cache).path


@pytest.fixture
def directory(tmp_path: Path, prepared: Path) -> DataDirectory:
    shutil.copytree(prepared, tmp_path / "data", symlinks=True)
    return DataDirectory(tmp_path / "data")


@pytest.fixture
def database(directory: DataDirectory) -> Iterator[Database]:
    database = Database(directory.database_url)
    yield database
    database.close()


def test_what_people_reviewed_comes_into_service_once(directory: DataDirectory, database: Database) -> None:
    before = directory.current()
    review_invoices(database, before)
    loop = LearningLoop(directory, database, None, OPTIONS)
    run = loop.run()
    assert run.outcome is Outcome.PROMOTED, run.reason
    release = directory.release()
    assert release.id == run.challenger == directory.current()
    assert "invoice" in release.intents
    assert any(label.startswith("invoice") for label in release.labels)
    assert release.lineage["dataset"] == {"number": 1, "sha256": loop.datasets.find(1).sha256}
    assert run.facts[Step.DATASET]["new_intents"] == ["invoice"]
    assert run.facts[Step.COMPARISON]["recent"]["comparison"]["overall"]["gained"] > 0
    assert Curation(database).heads(["get-invoice"])["get-invoice"].entry.intent == "invoice"

    golden = {row.text for row in loop._golden()}
    frozen = loop.datasets.load(1)
    assert not golden & {message.utterance.text for message in frozen}
    assert {Part.TRAINING, Part.RECENT} <= {message.part for message in frozen if message.customer}
    page = report_page(directory.reports, run.id).read_text(encoding="utf-8")
    assert "golden set" in page
    assert "invoice for the kettle" not in page, "a report has no customer's words"
    assert not (directory.learning / f"run-{run.id}").exists()

    assert loop.run().outcome is Outcome.NOTHING_NEW
    LearnedMessages(database).forget("customer-3")
    versions = {version.id: version for version in Registry(directory).versions()}
    assert (versions[release.id].forgotten, versions[before].forgotten) == (1, 0)


def test_an_entry_without_an_intent_is_its_own(directory: DataDirectory, database: Database) -> None:
    review_invoices(database, directory.current(), Label("get-invoice", "get-invoice"))
    run = LearningLoop(directory, database, None, OPTIONS).run()
    assert run.outcome is Outcome.PROMOTED, run.reason
    assert run.facts[Step.DATASET]["new_intents"] == ["get-invoice"]
    release = directory.release()
    assert "get-invoice/get-invoice" in release.labels
    assert Curation(database).heads(["get-invoice"])["get-invoice"].entry.intent == "get-invoice"
    with Registry(directory).trial(str(release.folder)) as agent:
        reply = agent.reply(agent.log.start("ann"), "could you send the invoice to my company please").reply
        assert reply
        assert [source.id for source in reply.sources] == ["get-invoice"]


def test_a_challenger_that_the_gate_refuses_stays_out(directory: DataDirectory, database: Database) -> None:
    review_invoices(database, directory.current())
    (directory.golden / "golden.csv").unlink()
    before = directory.current()
    run = LearningLoop(directory, database, None, OPTIONS).run()
    assert run.outcome is Outcome.KEPT
    assert "there is no golden set" in run.reason
    assert directory.current() == before
    assert "there is no golden set" in report_page(directory.reports, run.id, "zh").read_text(encoding="utf-8")
    assert (directory.learning / f"run-{run.id}" / "release").is_dir(), "it may still be promoted by hand"


def test_labels_that_do_not_fit_are_refused_before_training(directory: DataDirectory, database: Database) -> None:
    review_wrongly(database, directory.current())
    loop = LearningLoop(directory, database, None, OPTIONS)
    run = loop.run()
    assert run.outcome is Outcome.BATCH_REFUSED, run.reason
    assert loop.datasets.all() == []
    assert len(loop.queue.waiting("wei", most=100)) > 0, "somebody else is asked"
    accepted = LearningLoop(directory, database, None, replace(OPTIONS, accept_batch="checked by hand")).run()
    assert accepted.dataset == 1
    assert accepted.facts[Step.DATASET]["accepted_because"] == "checked by hand"


def test_what_cannot_be_learned_from_ends_the_run(directory: DataDirectory, database: Database) -> None:
    (directory.utterances / "all.yaml").write_text("- {text: hello, intent: ''}\n", encoding="utf-8")
    review_invoices(database, directory.current())
    with pytest.raises(DatasetError, match="intent is empty"):
        LearningLoop(directory, database, None, OPTIONS).run()
    assert LoopRuns(database).all()[0].outcome is Outcome.FAILED


def test_killed_at_any_step_it_goes_on(directory: DataDirectory, database: Database) -> None:
    review_invoices(database, directory.current())
    runs = LoopRuns(database)
    command = [sys.executable, "-m", "training", "loop", "--shadow-messages", "1", "--shadow-minutes", "0.05", "--json"]
    environment = os.environ | {"FRONTDESK_DATA_DIR": str(directory.path), "FRONTDESK_ENCODER": ""}
    for step in Step:
        with subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            while not ((run := runs.unfinished()) and run.step is step):
                assert process.poll() is None, process.stderr and process.stderr.read().decode()
                time.sleep(0.02)
            process.send_signal(signal.SIGKILL)
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (run,) = runs.all()
    assert json.loads(done.stdout)["id"] == run.id
    assert run.outcome is Outcome.PROMOTED, run.reason
    assert directory.current() == run.challenger
