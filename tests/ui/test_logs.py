"""The service's log as programs read it: one JSON document a line, and nothing in it that customers write or that opens anything."""

import json
import re
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from knowledge_base.database import Database
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.repository import FAQRepository
from tests.ui.service_process import ServiceProcess, copy_with_portal, service

EMAIL, PHONE, ORDER = "ann.marlowe@mail.example", "+86 138 1234 5678", "NL20260418-3317"
TEXT = f"How long does delivery take? I am Wilhelmina, {EMAIL}, {PHONE}, order {ORDER}."
DETAILS = f"{EMAIL}, mornings"
API_KEY, METRICS, KEY = "generator-api-key-5f3a", "metrics-token-91bc", "idempotency-key-77d0"
FIELDS = {"time", "level", "logger", "request_id", "message"}


class Echo(BaseHTTPRequestHandler):
    """A language model's server that refuses, and repeats in its reason what it was asked, as some do."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["messages"][-1]["content"]
        body = json.dumps({"error": {"message": asked[-200:], "type": "invalid_request_error", "code": "too_long"}}).encode()
        self.send_response(503)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Say nothing."""


@contextmanager
def echo_server() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Echo)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v1"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("logs") / "data"


@pytest.fixture(scope="module")
def running(starter_directory: Path, folder: Path) -> Iterator[ServiceProcess]:
    """A service whose language model refuses."""
    key = copy_with_portal(starter_directory, folder)
    settings: dict[str, Any] = {"log_format": "json", "metrics_token": METRICS, "generator": "openai", "generator_model": "shop-model"}
    with (
        echo_server() as url,
        service(folder, key, folder.parent / "log", **settings, generator_url=url, generator_api_key=API_KEY) as running,
    ):
        yield running


def lines(running: ServiceProcess) -> list[dict[str, Any]]:
    """The log so far; each whole line of it has to be a document."""
    return [json.loads(line) for line in running.log.read_text(encoding="utf-8").split("\n")[:-1]]


def wait_for(running: ServiceProcess, belongs: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """The first line that is looked for; it may come a moment after the response."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for line in lines(running):
            if belongs(line):
                return line
        time.sleep(0.1)
    raise AssertionError("there is no such line")


def last_line(running: ServiceProcess, answer: httpx.Response) -> dict[str, Any]:
    """The line that ends a request."""
    name = answer.headers["x-request-id"]
    return wait_for(running, lambda line: line["request_id"] == name and line["logger"] == "ui.request_guard" and line["level"] == "INFO")


def test_a_line_of_a_request_carries_the_id_that_the_response_has(running: ServiceProcess) -> None:
    with running.customer() as client:
        own = client.get("/v1/conversations")
        given = client.get("/v1/models", headers={"X-Request-ID": "from-the-portal.7"})
        refused = client.get("/v1/conversations", headers={"Authorization": "Bearer none"})
    assert given.headers["x-request-id"] == "from-the-portal.7"
    for answer, said in ((own, "GET /v1/conversations 200"), (given, "GET /v1/models 200"), (refused, "GET /v1/conversations 401")):
        assert re.fullmatch(rf"{said} in \d+ ms", last_line(running, answer)["message"])


def test_what_is_done_beside_requests_is_logged_as_documents_too(running: ServiceProcess, folder: Path) -> None:
    entry = FAQEntry("balloons", {"en": EntryVariant("en", ("Do you sell balloons?",), "Yes.")})
    with closing(Database(f"sqlite:///{folder}/frontdesk.db")) as database:
        FAQRepository(database).put([entry])
    assert wait_for(running, lambda line: "changed FAQ entries" in line["message"])["request_id"] == "-"
    assert all(line.keys() >= FIELDS for line in lines(running))


def test_neither_what_customers_write_nor_what_opens_anything_is_logged(running: ServiceProcess, folder: Path) -> None:
    with running.customer() as client:
        conversation = client.post("/v1/conversations").raise_for_status().json()["id"]
        path = f"/v1/conversations/{conversation}"
        assert [answer.status_code for answer in ask_in_every_way(client, path)] == [201, 201, 201]
        client.post(f"{path}/hand-over").raise_for_status()
        client.put(f"{path}/contact", json={"details": DETAILS}).raise_for_status()
        client.get("/metrics", headers={"Authorization": f"Bearer {METRICS}"}).raise_for_status()
        failed = [*fail_at_damaged_rows(client, path, folder), *fail_without_tables(client, path, folder)]
    assert [answer.status_code for answer in failed] == [503, 500, 503, 201, 503, 503, 503, 503]
    assert "event: problem" in failed[3].text
    for answer in failed:
        last_line(running, answer)
        assert "ERROR" in {line["level"] for line in lines(running) if line["request_id"] == answer.headers["x-request-id"]}
    assert all(line.keys() >= FIELDS for line in lines(running))
    log = running.log.read_text(encoding="utf-8")
    assert "no such table: turns" in log
    opens = (running.key, client.headers["X-Customer-Token"], API_KEY, METRICS, conversation, KEY)
    assert [secret for secret in (TEXT, "Wilhelmina", EMAIL, PHONE, ORDER, "mornings", "order-", *opens) if secret in log] == []


def fail_at_damaged_rows(client: httpx.Client, path: str, folder: Path) -> list[httpx.Response]:
    """Ask for a reply that cannot be read, and for a conversation in no known state."""
    change(folder, "UPDATE turns SET reply = json_object('text', message)")
    unreadable = client.get(f"{path}/messages")
    change(folder, "UPDATE conversations SET state = 'mislaid'")
    mislaid = client.get(path)
    change(folder, "UPDATE conversations SET state = 'queued'")
    return [unreadable, mislaid]


def fail_without_tables(client: httpx.Client, path: str, folder: Path) -> list[httpx.Response]:
    """Write and ask where tables are missing."""
    change(folder, "DROP TABLE turns")
    failed = [*ask_in_every_way(client, path), client.get(f"{path}/messages"), client.post(f"{path}/hand-over")]
    change(folder, "DROP TABLE sites")
    return [*failed, client.get(path)]


def ask_in_every_way(client: httpx.Client, path: str) -> list[httpx.Response]:
    """Send a message plainly, streamed, and with a key; gives the answers."""
    return [
        client.post(f"{path}/messages", json={"text": TEXT}),
        client.post(f"{path}/messages", json={"text": TEXT, "stream": True}),
        client.post(f"{path}/messages", json={"text": TEXT + "!"}, headers={"Idempotency-Key": f"{KEY}-{time.monotonic()}"}),
    ]


def change(folder: Path, statement: str) -> None:
    """Damage the database of the running service."""
    with closing(sqlite3.connect(folder / "frontdesk.db", timeout=30)) as connection, connection:
        connection.execute(statement)
