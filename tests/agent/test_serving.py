"""Another release comes into service while customers write."""

import gc
import json
import logging
import shutil
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from agent.agent import CustomerServiceAgent
from agent.assembly import open_agent
from agent.context_model import CONTEXT_FILE, never_in_context
from agent.data_directory import BASE_RELEASE, DataDirectory
from agent.release import COHORT_FILE, MANIFEST, read_release, write_manifest
from agent.release_follower import ReleaseFollower
from agent.release_loader import ReleaseLoader
from agent.settings import Settings
from knowledge_base.cohort import Cohort
from knowledge_base.encoder import TextEncoder, load_encoder
from knowledge_base.entry import EntryVariant, FAQEntry
from tests.agent.copied_release import copy_directory, copy_release
from tests.knowledge_base.conftest import tiny_model  # noqa: F401 - a fixture

QUESTIONS = ("How long does standard delivery take?", "退款多久能到账", "where is my parcel, and how do I pay?", "tell me a joke")


@pytest.fixture
def other(tmp_path: Path) -> str:
    """The id of a release that differs by a note, in the folder ``other``."""
    return copy_release(tmp_path / "other", "another")


@pytest.fixture
def directory(starter_directory: Path, other: str, tmp_path: Path) -> DataDirectory:  # noqa: ARG001 - it writes the folder
    directory = copy_directory(starter_directory, tmp_path / "data")
    directory.add_release(tmp_path / "other")
    return directory


@pytest.fixture
def agent(directory: DataDirectory) -> Iterator[CustomerServiceAgent]:
    agent = open_agent(Settings(data_dir=directory.path), service=True)
    yield agent
    agent.retriever.index.close()
    agent.log.database.close()


class Customers:
    """Three customers who keep asking until they are told to stop: two of them in a logged conversation."""

    def __init__(self, agent: CustomerServiceAgent) -> None:
        self.agent = agent
        self.seen: list[str] = []
        self.failures: list[Exception] = []
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._ask, args=(logged,)) for logged in (True, True, False)]

    def __enter__(self) -> "Customers":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def wait_for(self, release: str) -> None:
        """Wait until a reply names it that was asked for after this call."""
        start = len(self.seen)
        deadline = time.monotonic() + 120
        while release not in self.seen[start:]:
            assert time.monotonic() < deadline, f"nobody was answered by {release}"
            time.sleep(0.01)

    def _ask(self, logged: bool) -> None:
        conversation = self.agent.log.start("a customer") if logged else None
        number = 0
        while not self._stop.is_set():
            question = QUESTIONS[number % len(QUESTIONS)]
            number += 1
            try:
                reply = self.agent.reply(conversation, question).reply if conversation else self.agent.ask(question)
                assert reply
                assert reply.text
                self.seen.append(reply.release)
            except Exception as error:  # noqa: BLE001 - whatever it is, the test reports it
                self.failures.append(error)


@pytest.mark.slow
def test_promotions_under_load_fail_no_request(directory: DataDirectory, agent: CustomerServiceAgent, other: str) -> None:
    first = agent.release.id
    follower = ReleaseFollower(agent, directory, ReleaseLoader(None, directory.cache))
    with Customers(agent) as customers:
        customers.wait_for(first)
        for release in [other, first, other, first, other]:
            directory.serve_with(release, "promote")
            assert follower.follow()
            customers.wait_for(release)
            assert not follower.follow()
    assert customers.failures == []
    assert set(customers.seen) == {first, other}
    assert agent.release.id == other
    replies = [turn.reply for one in agent.log.conversations("a customer") for turn in agent.log.turns(one.id)]
    assert {reply.release for reply in replies if reply} == {first, other}
    assert None not in replies


def test_a_request_keeps_the_release_that_it_began_with(directory: DataDirectory, agent: CustomerServiceAgent, other: str) -> None:
    first = agent.release.id
    composing, go_on = threading.Event(), threading.Event()
    stream = agent.writer.composer.stream

    def slow(*arguments: object) -> object:
        composing.set()
        assert go_on.wait(120)
        return stream(*arguments)  # type: ignore[arg-type]

    agent.writer.composer.stream = slow  # type: ignore[method-assign, assignment]
    seen: list[str] = []
    thread = threading.Thread(target=lambda: seen.append(agent.ask(QUESTIONS[0]).release))
    thread.start()
    assert composing.wait(60)
    directory.serve_with(other, "promote")
    assert ReleaseFollower(agent, directory, ReleaseLoader(None, directory.cache)).follow()
    go_on.set()
    thread.join()
    assert seen == [first]
    assert agent.ask(QUESTIONS[0]).release == other


def test_the_old_models_are_let_go(directory: DataDirectory, agent: CustomerServiceAgent, other: str) -> None:
    assert agent.ask(QUESTIONS[0]).sources
    old = [weakref.ref(part) for part in (agent.serving, agent.looker, agent.looker.classifier, agent.retriever.cohort)]
    index = agent.retriever.index
    directory.serve_with(other, "promote")
    follower = ReleaseFollower(agent, directory, ReleaseLoader(None, directory.cache))
    assert follower.follow()
    follower.follow()
    assert [part() for part in old] == [None] * len(old)
    assert agent.retriever.index is index, "the encoder is the same, and so is the index"


def test_a_release_that_does_not_load_is_logged_once_and_the_old_one_stays(
    directory: DataDirectory, agent: CustomerServiceAgent, other: str, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, serving = agent.release.id, agent.serving
    follower = ReleaseFollower(agent, directory, ReleaseLoader(None, directory.cache))
    directory.serve_with(other, "promote")
    place = directory.path / "releases" / other / "classifier" / "head.safetensors"
    whole = place.read_bytes()
    place.write_bytes(b"damaged")
    with caplog.at_level(logging.INFO):
        assert [follower.follow() for _ in range(3)] == [False] * 3
        monkeypatch.setattr("agent.release_follower.RETRY_S", 0.0)
        follower = ReleaseFollower(agent, directory, ReleaseLoader(None, directory.cache))
        assert [follower.follow() for _ in range(3)] == [False] * 3
    said = [record.getMessage() for record in caplog.records if "stays in service" in record.getMessage()]
    assert len(said) == 2, "once for each follower"
    assert first in said[0]
    assert "classifier/head.safetensors is not the file that release" in said[0]
    assert agent.serving is serving
    assert agent.ask(QUESTIONS[0]).release == first
    place.write_bytes(whole)
    assert follower.follow(), "it is tried again"
    assert agent.ask(QUESTIONS[0]).release == other


# --- another encoder ---


@pytest.fixture
def small(tmp_path: Path, model_cache: Path, encoder: TextEncoder, tiny_model: Path) -> tuple[DataDirectory, str]:  # noqa: ARG001, F811
    """A shop of its own with the base release, and in its directory a release of a tiny encoder."""
    directory = DataDirectory(tmp_path / "data")
    directory.create()
    directory.cache.mkdir()
    for model in model_cache.iterdir():
        (directory.cache / model.name).symlink_to(model)
    tiny = load_encoder(str(tiny_model), directory.cache, "fp32")
    shutil.copytree(BASE_RELEASE, tmp_path / "tiny")
    manifest = json.loads((tmp_path / "tiny" / MANIFEST).read_text(encoding="utf-8"))
    manifest["encoder"] = {"base": tiny.base_fingerprint, "precision": tiny.precision}
    Cohort({"en": tiny.encode_queries(["tell me a joke", "sing"])}).write(tmp_path / "tiny" / COHORT_FILE)
    never_in_context(tiny.dimensions).write(tmp_path / "tiny" / CONTEXT_FILE)
    write_manifest(tmp_path / "tiny", manifest)
    return directory, directory.add_release(tmp_path / "tiny").id


def entry(entry_id: str, question: str, answer: str) -> FAQEntry:
    return FAQEntry(entry_id, {"en": EntryVariant("en", (question,), answer)})


def index_folders(directory: DataDirectory) -> list[str]:
    return sorted(path.name for path in directory.index.iterdir() if path.is_dir())


def test_another_encoder_gets_another_index_and_no_request_fails(small: tuple[DataDirectory, str]) -> None:
    directory, tiny = small
    agent = open_agent(Settings(data_dir=directory.path), service=True)
    agent.retriever.index.repository.put([entry(f"entry-{n}", f"what is number {n}?", f"It is {n}.") for n in range(50)])
    agent.retriever.index.refresh()
    base, (old_folder,) = agent.release.id, index_folders(directory)
    old = weakref.ref(agent.retriever.index.vectors)
    follower = ReleaseFollower(agent, directory, ReleaseLoader(None, directory.cache))
    with Customers(agent) as customers:
        for release in (tiny, base):
            directory.serve_with(release, "promote")
            assert follower.follow()
            customers.wait_for(release)
    assert customers.failures == []
    assert set(customers.seen) == {base, tiny}
    follower.follow()
    gc.collect()
    assert old() is None
    (folder,) = index_folders(directory)
    assert folder != old_folder
    assert agent.retriever.index.is_owner
    agent.retriever.index.repository.put([entry("new", "do you sell candles?", "Yes, in red.")])
    assert agent.retriever.index.refresh() == 1
    assert agent.ask("do you sell candles?").text == "Yes, in red."
    agent.retriever.index.close()

    directory.serve_with(tiny, "promote")  # a restart finds that encoder, too
    agent = open_agent(Settings(data_dir=directory.path), service=True)
    assert agent.retriever.index.vectors.count() == 2 * 51
    assert agent.ask("do you sell candles?").release == tiny
    agent.retriever.index.close()


def test_an_index_whose_release_does_not_work_is_removed(small: tuple[DataDirectory, str], tmp_path: Path) -> None:
    directory, _ = small
    manifest = json.loads((tmp_path / "tiny" / MANIFEST).read_text(encoding="utf-8"))
    Cohort({"en": np.ones((2, 7))}).write(tmp_path / "tiny" / COHORT_FILE)  # of vectors of another length
    write_manifest(tmp_path / "tiny", manifest)
    broken = directory.add_release(tmp_path / "tiny").id
    agent = open_agent(Settings(data_dir=directory.path), service=True)
    agent.retriever.index.repository.put([entry("hours", "when are you open?", "Every day.")])
    agent.retriever.index.refresh()
    before = index_folders(directory)
    directory.serve_with(broken, "promote")
    assert not ReleaseFollower(agent, directory, ReleaseLoader(None, directory.cache)).follow()
    assert index_folders(directory) == before
    assert agent.ask("when are you open?").text == "Every day."
    agent.retriever.index.close()
    directory.serve_with(read_release(BASE_RELEASE).id, "rollback")
    open_agent(Settings(data_dir=directory.path)).retriever.index.close()
    assert index_folders(directory) == before, "it was the live one all the time"
