"""What the security tests share: a server with portals and people of every kind, and what its routes are."""

import http.client
import secrets
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
from fastapi import FastAPI
from sqlalchemy import update

from agent.agent import CustomerServiceAgent
from agent.conversation_log import ConversationLog
from knowledge_base.database import Database
from tests.ui.api.conftest import Server
from tests.ui.queueing import outputs
from ui.access.roles import Role
from ui.access.sites import Credentials, Site
from ui.access.staff import StaffAccounts
from ui.access.tables import SessionRow, StaffRow
from ui.server import Server as WebServer
from ui.services import Services

ROOT = Path(__file__).parents[4]
MINE, OTHERS, EVIL = "https://security.example", "https://security-other.example", "https://evil.example"
COOKIE = "frontdesk_staff"
LEAKS = ("Traceback", "site-packages", str(ROOT), ".py", "SELECT", "sqlite", "postgres", "psycopg", "sqlalchemy", "root:x:")
CONVERSATION = "/v1/conversations/{conversation_id}"

PORTAL_ROUTES = {("POST", "/v1/customers"), ("GET", "/v1/models"), ("GET", "/v1/faq/search"), ("GET", "/v1/widget")}
SERVER_ROUTES = {("POST", "/v1/chat/completions")}
CONVERSATION_ROUTES = {
    ("GET", CONVERSATION),
    ("GET", f"{CONVERSATION}/messages"),
    ("POST", f"{CONVERSATION}/messages"),
    ("PUT", f"{CONVERSATION}/messages/{{message_id}}/feedback"),
    ("POST", f"{CONVERSATION}/resolution"),
    ("POST", f"{CONVERSATION}/hand-over"),
    ("PUT", f"{CONVERSATION}/contact"),
    ("GET", f"{CONVERSATION}/events"),
    ("GET", f"{CONVERSATION}/events/stream"),
}
CUSTOMER_ROUTES = CONVERSATION_ROUTES | {
    ("GET", "/v1/customers/me"),
    ("DELETE", "/v1/customers/me"),
    ("GET", "/v1/conversations"),
    ("POST", "/v1/conversations"),
}
API_ROUTES = PORTAL_ROUTES | SERVER_ROUTES | CUSTOMER_ROUTES
OPEN_ROUTES = {("GET", "/health"), ("GET", "/ready")}
DOCUMENTED = API_ROUTES | OPEN_ROUTES | {("GET", "/metrics")}
DOOR_ROUTES = {
    ("GET", "/staff/"),
    ("GET", "/staff/sign-in"),
    ("POST", "/staff/sign-in"),
    ("GET", "/staff/password"),
    ("POST", "/staff/password"),
    ("POST", "/staff/sign-out"),
    ("GET", "/staff/export/faq.{file_format}"),
    ("GET", "/staff/reports/loop-{run_id}"),
}
BODIES: Mapping[tuple[str, str], dict[str, Any]] = {
    ("POST", f"{CONVERSATION}/messages"): {"text": "hi"},
    ("PUT", f"{CONVERSATION}/messages/{{message_id}}/feedback"): {"value": "down"},
    ("POST", f"{CONVERSATION}/resolution"): {"resolved": True},
    ("PUT", f"{CONVERSATION}/contact"): {"details": "eve@evil.example"},
    ("POST", "/v1/chat/completions"): {"model": "frontdesk", "messages": [{"role": "user", "content": "hi"}]},
}

Known = tuple[str, str]


@dataclass(frozen=True)
class House(Server):
    """The server with two portals more, and people of every kind, signed in.

    Attributes:
        app: what is served.
        other: another portal's.
        closed: a disabled portal's.
        sessions: cookies, by who they are of.
    """

    app: FastAPI
    other: Credentials
    closed: Credentials
    sessions: dict[str, str]

    @property
    def neighbour(self) -> Site:
        """The other portal."""
        site = self.services.sites.by_key(self.other.key)
        assert site
        return site

    def staff(self, who: str, **headers: str) -> httpx.Client:
        """A browser with somebody's cookie."""
        cookies = {COOKIE: self.sessions[who]} if who in self.sessions else {}
        return httpx.Client(base_url=self.url, cookies=cookies, headers=headers, timeout=30)


@contextmanager
def served(app: FastAPI, services: Services) -> Iterator[str]:
    """Serve as the command does; gives the URL."""
    listener, started = socket.create_server(("127.0.0.1", 0)), threading.Event()
    server = WebServer(app, services, started.set)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        assert started.wait(30)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def on_database(agent: CustomerServiceAgent, database: Database) -> CustomerServiceAgent:
    """The same agent with another database for all that is not the FAQ."""
    a = agent
    return CustomerServiceAgent(a.release, a.looker.classifier, a.retriever, a.writer.composer, a.masker, ConversationLog(database), a.shop)


def sign_all_in(accounts: StaffAccounts) -> dict[str, str]:
    """Add people of every kind; gives their cookies."""
    kinds = {"one-time password": Role.AGENT, "disabled": Role.AGENT} | {str(role): role for role in Role}
    names = {who: f"security-{who.replace(' ', '-')}" for who in kinds}
    passwords = {who: accounts.add(names[who], role, "tests") for who, role in kinds.items()}
    with accounts.database.transaction() as connection:
        has_own = StaffRow.name.in_([names[who] for who in kinds if who != "one-time password"])
        connection.execute(update(StaffRow).where(has_own).values(must_change=False))

    def session(who: str) -> str:
        """Sign somebody in."""
        return accounts.sign_in(names[who], passwords[who]) or ""

    sessions = {"expired": session("agent"), "forged": secrets.token_urlsafe(32)}
    with accounts.database.transaction() as connection:
        of_agent = SessionRow.staff == names["agent"]
        connection.execute(update(SessionRow).where(of_agent).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    sessions |= {"signed out": session("agent")} | {who: session(who) for who in kinds}
    accounts.sign_out(sessions["signed out"])
    accounts.disable(names["disabled"], "tests")
    return sessions


def send(
    client: httpx.Client, route: Known, conversation: str = "0" * 32, message: int = 1, headers: Mapping[str, str] | None = None
) -> httpx.Response:
    """Send what a route wants."""
    method, path = route
    target = path.format(conversation_id=conversation, message_id=message)
    return client.request(method, target, json=BODIES.get(route), headers=headers, params={"q": "hi"} if "search" in path else None)


def assert_tells_nothing(answer: httpx.Response) -> None:
    """Neither a failure, nor how the service is made."""
    assert answer.status_code < 500, answer.text
    assert [leak for leak in LEAKS if leak in answer.text] == [], answer.text


def snapshot(client: httpx.Client) -> dict[str, Any]:
    """All that is kept about a customer."""
    document = client.get("/v1/customers/me").raise_for_status().json()
    del document["exported_at"]
    return dict(document)


def join(
    browser: httpx.Client, session: str, event: str, element: str = "", data: Any = None, *, page: str = "inbox", **headers: str
) -> httpx.Response:
    """Trigger an event of one of staff's pages as its script does."""
    config = browser.get(f"/staff/{page}/config").raise_for_status().json()
    ids = {one["props"].get("elem_id"): one["id"] for one in config["components"]}
    called = next(
        one
        for one in config["dependencies"]
        if one["backend_fn"] and any(target[1] == event and (not element or target[0] == ids[element]) for target in one["targets"])
    )
    values = [data if place == len(called["inputs"]) - 1 else None for place in range(len(called["inputs"]))]
    body = {"data": values, "fn_index": called["id"], "session_hash": session, "trigger_id": called["targets"][0][0]}
    return browser.post(f"/staff/{page}/gradio_api/queue/join", json=body, headers=headers)


def press(browser: httpx.Client, session: str, event: str, element: str = "", data: Any = None, *, page: str = "inbox") -> list[Any]:
    """The same; gives what the page shows then."""
    join(browser, session, event, element, data, page=page).raise_for_status()
    return outputs(browser, f"/staff/{page}/gradio_api/queue", session)


def fetch(url: str, target: str, **headers: str) -> tuple[int, str]:
    """Ask for exactly this; gives the status and the body."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    connection.request("GET", target, headers=headers)
    answer = connection.getresponse()
    body = answer.read(1_000_000).decode(errors="replace")
    connection.close()
    return answer.status, body
