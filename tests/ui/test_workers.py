"""Several processes serve one shop: PostgreSQL, a Chroma server, and limits that they count together."""

import signal
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import psutil
import pytest

from agent import commands
from agent.settings import Settings
from knowledge_base.database import Database
from knowledge_base.repository import FAQRepository
from tests.knowledge_base.faq_index_shop import entry
from tests.postgres import new_database
from tests.ui.service_process import ServiceProcess, let_portal_in, service

pytestmark = pytest.mark.slow  # several services start and end

WORKERS = 2
PER_MINUTE = 5
PRICES = entry("gift-box", en=("Do you sell velvet gift boxes?", "Yes, velvet gift boxes are in the shop."))


@pytest.fixture(scope="module")
def database_url(postgres: str) -> str:
    return new_database(postgres, "workers")


@pytest.fixture(scope="module")
def shared(database_url: str, chroma_url: str, model_cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ServiceProcess]:
    folder = tmp_path_factory.mktemp("shared")
    settings = Settings(data_dir=folder / "data", database_url=database_url, chroma_url=chroma_url)  # type: ignore[arg-type]
    commands.init(settings, folder / "data", starter=True, cache=model_cache)
    key = let_portal_in(folder / "data", database_url)
    places = {"database_url": database_url, "chroma_url": chroma_url, "workers": WORKERS, "messages_per_minute": PER_MINUTE}
    with service(folder / "data", key, folder / "log", **places) as running:
        until(lambda: httpx.get(f"{running.url}ready").is_success and len(workers(running)) == WORKERS)
        yield running


def workers(running: ServiceProcess) -> list[psutil.Process]:
    return psutil.Process(running.process.pid).children()


def until(holds: Callable[[], bool], seconds: float = 90) -> None:
    deadline = time.monotonic() + seconds
    while True:
        try:
            if holds():
                return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < deadline, "it did not come in time"
        time.sleep(0.5)


def begin(client: httpx.Client) -> str:
    return f"/v1/conversations/{client.post('/v1/conversations').raise_for_status().json()['id']}/messages"


def finds(running: ServiceProcess, question: str, wanted: str) -> list[bool]:
    """Whether each of many connections, which all workers take some of, finds an entry."""
    found = []
    for _ in range(8):
        with running.customer() as client:
            results = client.get("/v1/faq/search", params={"q": question}).raise_for_status().json()
            found.append(results[0]["id"] == wanted)
    return found


def test_it_says_that_it_has_no_pages(shared: ServiceProcess) -> None:
    assert httpx.get(shared.url).status_code == 404
    assert httpx.get(f"{shared.url}staff/sign-in").status_code == 404


def test_a_conversation_goes_on_whichever_worker_answers(shared: ServiceProcess) -> None:
    with shared.customer() as first, shared.customer(first.headers["X-Customer-Token"]) as second:
        path = begin(first)
        replies = [
            client.post(path, json={"text": text}).json()["reply"]
            for client, text in zip(
                (first, second, first), ("how long does delivery take?", "and how much does it cost?", "thanks"), strict=True
            )
        ]
        assert [reply["route"] for reply in replies] == ["answer", "answer", "social"]
        assert len(second.get(path).json()["items"]) == 3


def test_limits_are_counted_together(shared: ServiceProcess) -> None:
    time.sleep(max(0.0, 61 - time.time() % 60) if time.time() % 60 > 45 else 0)  # not over the end of a minute
    with shared.customer() as client:
        path, token = begin(client), client.headers["X-Customer-Token"]

    def send(_number: int) -> int:
        with shared.customer(token) as own:
            return own.post(path, json={"text": "hello"}).status_code

    with ThreadPoolExecutor(4) as pool:
        statuses = list(pool.map(send, range(3 * PER_MINUTE)))
    assert sorted(statuses) == [201] * PER_MINUTE + [429] * 2 * PER_MINUTE


def test_a_change_of_the_faq_reaches_every_worker_and_outlives_the_one_that_indexes(shared: ServiceProcess, database_url: str) -> None:
    repository = FAQRepository(Database(database_url))
    repository.put([PRICES])
    until(lambda: all(finds(shared, "do you sell velvet gift boxes?", PRICES.id)))
    for process in workers(shared):  # one of them owned the index
        process.send_signal(signal.SIGKILL)
    until(lambda: len(workers(shared)) == WORKERS and httpx.get(f"{shared.url}ready").is_success)
    repository.put([entry("raincoat", en=("Are there raincoats for dachshunds?", "Yes, in the pet department."))])
    until(lambda: all(finds(shared, "raincoats for dachshunds", "raincoat")))
    assert "another one takes its place" in shared.log.read_text(encoding="utf-8")


def test_it_ends_as_a_whole(shared: ServiceProcess) -> None:
    processes = workers(shared)
    assert shared.end(signal.SIGTERM, 60) == 0
    assert not any(process.is_running() for process in processes)
    assert "Traceback" not in shared.log.read_text(encoding="utf-8")
