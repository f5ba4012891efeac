"""The service's log as programs read it: one JSON document a line, and nothing in it that customers write or that opens anything."""

import json
import re
import sqlite3
import threading
import time
from collections.abc import Iterator
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
    """The whole log; each line of it has to be a document."""
    return [json.loads(line) for line in running.log.read_text(encoding="utf-8").splitlines()]


def wait_for_line(running: ServiceProcess, message: str) -> dict[str, Any]:
    """The first line whose message has this in it."""
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        for line in lines(running):
            if message in line["message"]:
                return line
        time.sleep(0.2)
    raise AssertionError(f"no line says {message!r}")


def test_a_line_of_a_request_carries_the_id_that_the_response_has(running: ServiceProcess) -> None:
    with running.customer() as client:
        own = client.get("/v1/conversations")
        given = client.get("/v1/models", headers={"X-Request-ID": "from-the-portal.7"})
        refused = client.get("/v1/conversations", headers={"Authorization": "Bearer none"})
    assert given.headers["x-request-id"] == "from-the-portal.7"
    for answer, said in ((own, "GET /v1/conversations 200"), (given, "GET /v1/models 200"), (refused, "GET /v1/conversations 401")):
        (line,) = [one for one in lines(running) if one["request_id"] == answer.headers["x-request-id"]]
        assert re.fullmatch(rf"{said} in \d+ ms", line["message"])
        assert (line["level"], line["logger"]) == ("INFO", "ui.request_guard")


def test_what_is_done_beside_requests_is_logged_as_documents_too(running: ServiceProcess, folder: Path) -> None:
    entry = FAQEntry("balloons", {"en": EntryVariant("en", ("Do you sell balloons?",), "Yes.")})
    with closing(Database(f"sqlite:///{folder}/frontdesk.db")) as database:
        FAQRepository(database).put([entry])
    assert wait_for_line(running, "changed FAQ entries")["request_id"] == "-"
    assert all(line.keys() >= FIELDS for line in lines(running))


def test_neither_what_customers_write_nor_what_opens_anything_is_logged(running: ServiceProcess, folder: Path) -> None:
    with running.customer() as client:
        conversation = client.post("/v1/conversations").raise_for_status().json()["id"]
        path = f"/v1/conversations/{conversation}"
        said = ask_in_every_way(client, path)
        client.post(f"{path}/hand-over").raise_for_status()
        client.put(f"{path}/contact", json={"details": DETAILS}).raise_for_status()
        change(folder, "UPDATE turns SET reply = json_object('text', message)")
        defect = client.get(f"{path}/messages")
        change(folder, "DROP TABLE turns")
        failed = ask_in_every_way(client, path)
        statuses = [client.get(path + "/messages"), client.post(path + "/hand-over"), client.get("/v1/customers/me"), client.get("/ready")]
        change(folder, "DROP TABLE sites")
        statuses.append(client.get("/metrics", headers={"Authorization": f"Bearer {METRICS}"}))
        statuses.append(client.get(path))
    assert [answer.status_code for answer in said] == [201, 201, 201]
    assert [answer.status_code for answer in failed] == [503, 201, 503]
    assert "event: problem" in failed[1].text
    assert [answer.status_code for answer in statuses] == [503, 503, 503, 200, 200, 503]
    assert defect.status_code == 500
    for answer in (*failed, defect, statuses[0]):
        assert {line["level"] for line in lines(running) if line["request_id"] == answer.headers["x-request-id"]} >= {"ERROR"}
    assert all(line.keys() >= FIELDS for line in lines(running))
    log = running.log.read_text(encoding="utf-8")
    assert "no such table: turns" in log
    opens = (running.key, client.headers["X-Customer-Token"], API_KEY, METRICS, conversation, KEY)
    assert [secret for secret in (TEXT, "Wilhelmina", EMAIL, PHONE, ORDER, "mornings", "order-", *opens) if secret in log] == []


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
