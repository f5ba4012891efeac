"""The server over HTTP, and the command that starts it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.agent import CustomerServiceAgent
from tests.ports import free_port
from tests.ui.queueing import outputs
from tests.ui.serving import serve
from ui.access.customers import customer_id

ROOT = Path(__file__).parents[2]
EVIL = {"Origin": "https://evil.example"}


@pytest.fixture(scope="module")
def client(starter_agent: CustomerServiceAgent) -> Iterator[httpx.Client]:
    with serve(starter_agent) as url, httpx.Client(base_url=url, timeout=30) as client:
        yield client


def call(client: httpx.Client, event: str, data: list[Any]) -> list[Any]:
    """Trigger the page's event of this name as its script would; gives the values of its outputs."""
    config = client.get("/config").json()
    dependency = next(one for one in config["dependencies"] if any(target[1] == event for target in one["targets"]) and one["backend_fn"])
    body = {"data": data, "fn_index": dependency["id"], "session_hash": os.urandom(5).hex(), "trigger_id": dependency["targets"][0][0]}
    client.post("/gradio_api/queue/join", json=body).raise_for_status()
    return outputs(client, "/gradio_api/queue", str(body["session_hash"]))


def load(client: httpx.Client, customer: object, opened: object) -> tuple[Any, Any, str]:
    """What the page gets when it opens: the customer's secret, the open conversation, and all of it as JSON."""
    shown = call(client, "load", [customer, opened])
    return shown[0], shown[1], json.dumps(shown, ensure_ascii=False)


def test_health(client: httpx.Client) -> None:
    response = client.get("/health")
    assert response.json() == {"status": "ok"}
    assert "default-src 'self'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("host", [None, "shop.example"])
@pytest.mark.parametrize("path", ["/", "/config", "/health", "/gradio_api/info"])
def test_no_foreign_origin_is_let_in(client: httpx.Client, host: str | None, path: str) -> None:
    headers = EVIL | ({"Host": host} if host else {})
    assert "access-control-allow-origin" not in client.get(path, headers=headers).headers
    preflight = client.options(path, headers=headers | {"Access-Control-Request-Method": "POST"})
    assert "access-control-allow-origin" not in preflight.headers


def test_nothing_is_documented_or_taken_that_is_not_for_customers(client: httpx.Client) -> None:
    assert client.get("/gradio_api/info").json()["named_endpoints"] == {}
    for path in ("/docs", "/redoc"):
        assert client.get(path).status_code == 404
    paths = client.get("/openapi.json").json()["paths"]
    assert {path for path in paths if not path.startswith("/v1/")} == {"/health", "/ready", "/metrics"}
    assert client.post("/gradio_api/upload", files={"files": ("x.txt", b"x" * 1000)}).status_code == 413


def test_a_customer_opens_their_own_conversation_only(client: httpx.Client, starter_agent: CustomerServiceAgent) -> None:
    mine, _, _ = load(client, None, None)
    other, _, _ = load(client, None, None)
    assert mine["secret"] != other["secret"]
    conversation = starter_agent.log.start(customer_id("", mine["secret"]))
    starter_agent.reply(conversation, "a private matter about delivery")
    opened = {"conversation": conversation.id}
    secret, now_open, shown = load(client, mine, opened)
    assert (secret, now_open) == (mine, opened)
    assert "a private matter" in shown
    _, now_open, shown = load(client, other, opened)
    assert now_open == {"conversation": None}
    assert "a private matter" not in shown


@pytest.mark.parametrize("customer", ["text", 7, [], {"secret": None}, {"secret": "short"}, {"secret": {"a": 1}}, {"secret": "x" * 44}])
@pytest.mark.parametrize("opened", ["text", {"conversation": 7}, {"conversation": {"$ne": 1}}, {"conversation": "0" * 32}])
def test_what_no_browser_would_store_opens_nothing(client: httpx.Client, customer: object, opened: object) -> None:
    secret, now_open, _ = load(client, customer, opened)
    assert re.fullmatch(r"[\w-]{43}", secret["secret"])
    assert now_open == {"conversation": None}


def run(data_dir: Path, **settings: object) -> subprocess.Popen[str]:
    """Start the command with these settings and no others."""
    environment = {key: value for key, value in os.environ.items() if not key.startswith("FRONTDESK_")}
    environment |= {"FRONTDESK_DATA_DIR": str(data_dir)} | {f"FRONTDESK_{key.upper()}": str(value) for key, value in settings.items()}
    return subprocess.Popen(
        [sys.executable, "-m", "ui"], cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )


def test_a_busy_port_is_said_at_once(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        output, error = (process := run(tmp_path / "none", port=port)).communicate(timeout=120)
    assert process.returncode == 1
    assert str(port) in error
    assert "FRONTDESK_PORT" in error
    assert "Traceback" not in error
    assert output == ""


@pytest.mark.parametrize(
    ("settings", "code", "said"),
    [
        ({}, 1, "no Frontdesk data directory"),
        ({"port": "many"}, 2, "FRONTDESK_PORT"),
        ({"generator": "openai"}, 2, "FRONTDESK_GENERATOR_URL"),
        ({"workers": "2"}, 2, "FRONTDESK_DATABASE_URL with a PostgreSQL server"),
    ],
)
def test_what_is_wrong_is_said_without_a_traceback(tmp_path: Path, settings: dict[str, str], code: int, said: str) -> None:
    _, error = (process := run(tmp_path / "none", **({"port": free_port()} | settings))).communicate(timeout=120)
    assert process.returncode == code
    assert said in error
    assert "Traceback" not in error


@pytest.mark.slow
@pytest.mark.parametrize("ending", [signal.SIGTERM, signal.SIGINT])
def test_the_command_serves_and_ends_cleanly(starter_directory: Path, tmp_path: Path, ending: signal.Signals) -> None:
    # The service must be the only one on its directory. Copied by another process: closing a file here would drop SQLite's locks on it.
    subprocess.run(["cp", "-a", str(starter_directory), str(tmp_path / "data")], check=True)
    process = run(tmp_path / "data", port=free_port())
    try:
        assert process.stdout
        url = str(re.search(r"http://\S+", process.stdout.readline())).split("'")[1]
        assert httpx.get(url + "health").json() == {"status": "ok"}
        assert "gradio_config" in httpx.get(url).text
        process.send_signal(ending)
        _, error = process.communicate(timeout=30)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "Traceback" not in error
