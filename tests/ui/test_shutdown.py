"""The end of the service: what is being answered is answered to its end, and nothing new is begun."""

import json
import signal
import socket
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest

from agent.agent import CustomerServiceAgent
from agent.composing import Composer
from agent.conversation_log import ConversationLog
from agent.grounding import GroundingCheck
from agent.handover.rules import HandOverReason
from agent.prompting import ALL_FREE
from knowledge_base.database import Database
from tests.agent.scripted_model import ScriptedModel, composing_agent
from tests.fake_openai_server import Answer, FakeOpenAIServer, serve
from tests.ui.service_process import copy_with_portal, service
from tests.ui.serving import services_for
from ui import server as server_module
from ui.access.customers import new_anonymous
from ui.api.event_feed import EVERY_S, EventFeed
from ui.app import create_app
from ui.server import CLOSING_S, Server
from ui.services import Services

pytestmark = pytest.mark.slow  # services start and end

QUESTION = "How long does standard delivery take?"
SENTENCES = ["Standard delivery takes 3-5 business days in the mainland. ", "For remote regions, please allow 5-8 business days. "]
SLOW = Answer([*SENTENCES, " "], pause_s=CLOSING_S / 2 + 0.5)  # in all longer than what merely listens is given
AT_ONCE = 6


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def key(starter_directory: Path, folder: Path) -> str:
    """Of a portal that the data directory knows."""
    return copy_with_portal(starter_directory, folder)


@pytest.fixture(scope="module")
def model() -> Iterator[FakeOpenAIServer]:
    with serve() as fake:
        yield fake


@dataclass
class Customer:
    """Somebody with a conversation."""

    client: httpx.Client
    conversation: str = ""
    listens: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.conversation = self.client.post("/v1/conversations").raise_for_status().json()["id"]

    def ask(self, *, stream: bool, headers: dict[str, str] | None = None) -> str:
        """Send a message. Returns the text of the reply, of which nothing was cut off."""
        body = {"text": QUESTION, "stream": stream}
        answer = self.client.post(f"/v1/conversations/{self.conversation}/messages", json=body, headers=headers).raise_for_status()
        return streamed(answer.text) if stream else str(answer.json()["reply"]["text"])

    def follow(self) -> list[str]:
        """Listen to what happens until the service ends that. Returns the kinds of events."""
        with self.client.stream("GET", f"/v1/conversations/{self.conversation}/events/stream") as answer:
            lines = []
            for line in answer.iter_lines():
                self.listens.set()
                lines.append(line)
        return [line.removeprefix("event: ") for line in lines if line.startswith("event: ")]


def streamed(text: str) -> str:
    """The reply of a stream, which came in pieces and then whole."""
    blocks = [block.split("\n", 1) for block in text.removesuffix("\n\n").split("\n\n")]
    *pieces, message = [json.loads(data.removeprefix("data: ")) for _, data in blocks]
    assert [name.removeprefix("event: ") for name, _ in blocks] == ["piece"] * len(pieces) + ["message"]
    assert len(pieces) > 1
    assert "".join(piece["text"] for piece in pieces) == message["reply"]["text"]
    return str(message["reply"]["text"])


def wait_until_refused(url: str) -> None:
    """Wait until no connection is taken any more."""
    deadline = time.monotonic() + CLOSING_S
    while time.monotonic() < deadline:
        try:
            httpx.get(f"{url}health")
        except httpx.ConnectError:
            return
        time.sleep(0.05)
    raise AssertionError("connections are still taken")


def wait_until_asked(model: FakeOpenAIServer, times: int) -> None:
    """Wait until replies are being written."""
    deadline = time.monotonic() + 30
    while len(model.requests) < times:
        assert time.monotonic() < deadline, f"the model was asked {len(model.requests)} times"
        time.sleep(0.05)


def kept_replies(folder: Path, conversation: str) -> list[str | None]:
    database = Database(f"sqlite:///{folder}/frontdesk.db")
    try:
        return [turn.reply.text if turn.reply else None for turn in ConversationLog(database).turns(conversation)]
    finally:
        database.close()


def test_replies_in_progress_are_finished_and_streams_end(folder: Path, key: str, model: FakeOpenAIServer, tmp_path: Path) -> None:
    model.script.extend([SLOW] * AT_ONCE)
    composing: dict[str, Any] = {"generator": "openai", "generator_url": model.base_url, "generator_model": "shop-model"}
    with (
        service(folder, key, tmp_path / "log", **composing, generator_deadline_s=60) as running,
        ThreadPoolExecutor(AT_ONCE + 1) as threads,
        running.customer() as idle,
    ):
        assert idle.get("/health").status_code == 200  # its connection stays open
        *asking, listening = [Customer(running.customer()) for _ in range(AT_ONCE + 1)]
        following = threads.submit(listening.follow)
        assert listening.listens.wait(30)
        replies = [threads.submit(customer.ask, stream=number % 2 == 0) for number, customer in enumerate(asking)]
        wait_until_asked(model, AT_ONCE)
        running.process.send_signal(signal.SIGTERM)
        wait_until_refused(running.url)
        assert following.result(timeout=CLOSING_S) == []
        with pytest.raises(httpx.ConnectError):
            idle.get("/health")
        assert not any(reply.done() for reply in replies)
        texts = [reply.result(timeout=60) for reply in replies]
        assert running.process.wait(timeout=CLOSING_S + 10) == 0
    assert set(texts) == {"".join(SENTENCES).strip()}
    assert [kept_replies(folder, customer.conversation) for customer in asking] == [[text] for text in texts]
    assert "Traceback" not in (tmp_path / "log").read_text(encoding="utf-8")


def test_without_load_it_ends_at_once(folder: Path, key: str, tmp_path: Path) -> None:
    with service(folder, key, tmp_path / "log") as running, running.customer() as client:
        assert client.get("/ready").status_code == 200  # its connection stays open
        assert running.end(signal.SIGTERM, 10) == 0
    assert (tmp_path / "log").read_text(encoding="utf-8").count("\n") == 0


@contextmanager
def serving_in_this_process(services: Services) -> Iterator[tuple[str, Server]]:
    """A server that a test may tell to end; gives its URL."""
    listener, started = socket.create_server(("127.0.0.1", 0)), threading.Event()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = Server(create_app(services, pages=False), services, started.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    assert started.wait(30)
    try:
        yield url, server
    finally:
        server.should_exit = True
        thread.join(60)
        assert not thread.is_alive()


def test_a_message_that_has_only_just_arrived_is_answered(
    starter_agent: CustomerServiceAgent, grounding_check: GroundingCheck, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "CLOSING_S", 1)
    composer = Composer(ScriptedModel(*SENTENCES, " ", pause_s=1.0), grounding_check, ALL_FREE)
    services = services_for(composing_agent(starter_agent, composer))
    headers = {"Authorization": f"Bearer {services.sites.add('ending', [], actor='tests').key}", "X-Customer-Token": new_anonymous()}
    with (
        serving_in_this_process(services) as (url, server),
        httpx.Client(base_url=url, headers=headers, timeout=60) as client,
        ThreadPoolExecutor() as threads,
    ):
        customer = Customer(client)
        with services.idempotency.database.transaction():  # what is written before a reply is begun has to wait
            reply = threads.submit(customer.ask, stream=True, headers={"Idempotency-Key": "late"})
            time.sleep(0.5)
            server.should_exit = True
            time.sleep(0.5)
        assert reply.result(timeout=60) == "".join(SENTENCES).strip()


def test_an_event_for_a_listener_who_has_not_left_yet_does_no_harm(starter_agent: CustomerServiceAgent) -> None:
    desk, conversation = starter_agent.desk, starter_agent.log.start("someone").id
    desk.queue(conversation, HandOverReason.ASKED)
    feed = EventFeed(desk)

    async def stall() -> None:
        async with feed.running():
            followed = feed.follow(conversation, 0)
            assert await anext(followed)  # and reads no further
            feed.end()
            desk.take(conversation, "lin")
            await anyio.sleep(2 * EVERY_S)
            await anext(followed, None)

    anyio.run(stall)
    desk.close(conversation, "lin")
