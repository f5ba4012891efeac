"""Who is not to get in, does not; and what is sent to do harm, does none: over HTTP, on the real server."""

import asyncio
import base64
import http.client
import json
import re
import secrets
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import jwt
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy import delete, update
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route

from agent.agent import CustomerServiceAgent
from agent.conversation import ConversationState
from agent.conversation_log import ConversationLog
from knowledge_base.database import Database
from tests.postgres import drop_database, new_database
from tests.ui.api.conftest import Server
from tests.ui.portal import sign
from tests.ui.serving import services_for
from ui.access.customers import new_anonymous
from ui.access.roles import Role
from ui.access.sites import Credentials, Site
from ui.access.staff import StaffAccounts
from ui.access.tables import SessionRow, SiteRow, StaffRow
from ui.api import event_feed
from ui.app import create_app
from ui.errors import AccessError
from ui.server import Server as WebServer
from ui.services import Services

ROOT = Path(__file__).parents[3]
MINE, OTHERS, EVIL = "https://security.example", "https://security-other.example", "https://evil.example"
COOKIE = "frontdesk_staff"
LEAKS = ("Traceback", "site-packages", str(ROOT), ".py", "SELECT", "sqlite", "postgres", "psycopg", "sqlalchemy", "root:x:")
CONVERSATION = "/v1/conversations/{conversation_id}"

PORTAL_ROUTES = {("POST", "/v1/customers"), ("GET", "/v1/models"), ("GET", "/v1/faq/search")}
SERVER_ROUTES = {("POST", "/v1/chat/completions")}
CONVERSATION_ROUTES = {
    ("GET", CONVERSATION),
    ("GET", f"{CONVERSATION}/messages"),
    ("POST", f"{CONVERSATION}/messages"),
    ("PUT", f"{CONVERSATION}/messages/{{message_id}}/feedback"),
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
}
BODIES: Mapping[tuple[str, str], dict[str, Any]] = {
    ("POST", f"{CONVERSATION}/messages"): {"text": "hi"},
    ("PUT", f"{CONVERSATION}/messages/{{message_id}}/feedback"): {"value": "down"},
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


@pytest.fixture(scope="module")
def house(starter_agent: CustomerServiceAgent) -> Iterator[House]:
    services = services_for(starter_agent)
    mine, other, closed = (
        services.sites.add(name, [origin], actor="tests")
        for name, origin in (("security", MINE), ("security-other", OTHERS), ("security-closed", "https://security-closed.example"))
    )
    services.sites.disable("security-closed", actor="tests")
    sessions = sign_all_in(services.staff)
    app = create_app(services)
    with served(app, services) as url:
        yield House(url, services, mine, app, other, closed, sessions)
    with services.sites.database.transaction() as connection:
        connection.execute(delete(SiteRow).where(SiteRow.id.startswith("security")))
        connection.execute(delete(StaffRow).where(StaffRow.name.startswith("security-")))


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


@pytest.fixture
def own(starter_agent: CustomerServiceAgent, tmp_path: Path) -> Iterator[Server]:
    """A server with a database of its own."""
    database = Database(f"sqlite:///{tmp_path}/frontdesk.db")
    services = services_for(on_database(starter_agent, database))
    credentials = services.sites.add("security", [MINE], actor="tests")
    with served(create_app(services), services) as url:
        yield Server(url, services, credentials)
    database.close()


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


# Routes and roles.


def test_every_route_is_known_here(house: House) -> None:
    contexts = list(iter_route_contexts(house.app.routes))
    served = {(method, str(context.path)) for context in contexts for method in context.methods or ()}
    assert served == DOCUMENTED | DOOR_ROUTES | {("GET", "/openapi.json"), ("HEAD", "/openapi.json")}
    others = {context.path for context in contexts if not context.methods}
    assert others == {path for _, path in DOCUMENTED} | {"/v1/{path:path}", "/staff/inbox", ""}


STRANGERS: dict[str, Callable[[House], dict[str, str]]] = {
    "nobody": lambda _: {},
    "an unknown key": lambda house: {"Authorization": f"Bearer {house.credentials.key[:-1]}"},
    "a disabled portal": lambda house: {"Authorization": f"Bearer {house.closed.key}"},
    "a signing secret": lambda house: {"Authorization": f"Bearer {house.credentials.signing_secret}"},
    "another scheme": lambda house: {"Authorization": f"Basic {house.credentials.key}"},
    "another origin": lambda _: {"X-Site": "security", "Origin": EVIL},
    "another portal's page": lambda _: {"X-Site": "security", "Origin": OTHERS},
    "an origin that begins alike": lambda _: {"X-Site": "security", "Origin": f"{MINE}.evil.example"},
    "no origin": lambda _: {"X-Site": "security", "Origin": "null"},
    "a disabled portal's page": lambda _: {"X-Site": "security-closed", "Origin": "https://security-closed.example"},
    "a member of staff": lambda house: {"Cookie": f"{COOKIE}={house.sessions['admin']}"},
}


@pytest.mark.parametrize("route", sorted(API_ROUTES))
def test_no_route_of_the_api_opens_to_who_is_no_portal(house: House, route: Known) -> None:
    token = new_anonymous()
    with httpx.Client(base_url=house.url, timeout=30) as client:
        answers = {who: send(client, route, headers=headers(house) | {"X-Customer-Token": token}) for who, headers in STRANGERS.items()}
    assert {who: answer.status_code for who, answer in answers.items()} == dict.fromkeys(STRANGERS, 401)
    assert {answer.headers["content-type"] for answer in answers.values()} == {"application/problem+json"}
    with house.portal(**{"X-Customer-Token": token}) as portal:
        assert send(portal, route).status_code != 401


def forged(house: House) -> dict[str, str]:
    """Tokens that are to open nothing."""
    site, now = house.site, int(time.time())
    claims = {"sub": "c-17", "aud": site.id, "iat": now, "exp": now + 60}

    def signed(**changes: object) -> str:
        """A token with the portal's own signature."""
        return jwt.encode(claims | changes, site.signing_secret, "HS256")

    head, body, signature = signed().split(".")
    return {
        "none": "",
        "nonsense": "nonsense",
        "short": "anon_short",
        "unsigned": jwt.encode(claims, "", "none"),
        "no signature": f"{head}.{body}.",
        "another's claims": f"{head}.{signed(sub='c-18').split('.')[1]}.{signature}",
        "another secret": jwt.encode(claims, "another secret that is long enough", "HS256"),
        "the key as secret": jwt.encode(claims, house.credentials.key, "HS256"),
        "another algorithm": jwt.encode(claims, site.signing_secret, "HS512"),
        "another portal's": sign(house.neighbour, "c-17", now),
        "another audience": signed(aud=house.neighbour.id),
        "expired": signed(iat=now - 120, exp=now - 60),
        "more than a day": signed(exp=now + 90_000),
        "more than a day, in digits": signed(exp=str(now + 90_000)),
        "not yet": signed(iat=now + 600, exp=now + 1200),
        "endless": signed(exp=10**400),
        "nobody's": signed(sub=""),
        "a tower": ".".join([base64.urlsafe_b64encode(b"[" * 30_000).decode(), body, signature]),
    }


@pytest.mark.parametrize("route", sorted(CUSTOMER_ROUTES))
def test_no_route_of_customers_opens_to_a_token_that_is_not_right(house: House, route: Known) -> None:
    tokens = forged(house)
    with house.portal() as portal:
        answers = {name: send(portal, route, headers={"X-Customer-Token": token} if token else None) for name, token in tokens.items()}
    assert {name: answer.status_code for name, answer in answers.items()} == dict.fromkeys(tokens, 401)
    for answer in answers.values():
        assert_tells_nothing(answer)


@pytest.mark.parametrize("claims", [{"exp": "IN A MINUTE"}, {"iat": "NOW"}, {"sub": "\ud800"}, {"sub": "\0"}, {"sub": "c" * 3000}])
def test_a_signed_token_of_an_unusual_kind_is_a_customers_all_the_same(house: House, claims: dict[str, str]) -> None:
    now = int(time.time())
    usual: dict[str, object] = {"sub": "c-17", "aud": house.site.id, "iat": now, "exp": now + 60}
    unusual = {name: {"IN A MINUTE": str(now + 60), "NOW": str(now)}.get(text, text) for name, text in claims.items()}
    with house.portal(**{"X-Customer-Token": jwt.encode(usual | unusual, house.site.signing_secret, "HS256")}) as portal:
        assert portal.get("/v1/conversations").json() == {"items": [], "next_cursor": None}


def test_a_portals_page_does_not_name_customers_itself(house: House) -> None:
    with httpx.Client(base_url=house.url, headers={"X-Site": "security", "Origin": MINE}) as page:
        assert send(page, ("POST", "/v1/chat/completions")).status_code == 401
        assert send(page, ("GET", "/v1/models")).status_code == 200


@pytest.mark.parametrize("authorization", ["", "Bearer", "bearer a monitor's token", "Bearer \xff", "KEY"])
def test_metrics_open_to_nobody_else(house: House, authorization: str) -> None:
    value = authorization.replace("KEY", f"Bearer {house.credentials.key}").encode("latin-1")
    assert httpx.get(f"{house.url}metrics", headers={b"Authorization": value}).status_code == 401


def inbox_routes(app: FastAPI) -> list[Known]:
    """All that is mounted with the inbox, Gradio's own routes among it, with something in the gaps."""
    inbox = next(route for route in app.routes if isinstance(route, Mount) and route.path == "/staff/inbox")
    contexts = list(iter_route_contexts(inbox.routes))
    found = {(method, str(context.path)) for context in contexts for method in context.methods or ()}
    assert {("POST", "/gradio_api/queue/join"), ("GET", "/config"), ("GET", "/"), ("POST", "/gradio_api/cancel")} <= found
    return sorted((method, "/staff/inbox" + re.sub(r"\{[^}]*\}", "1", path)) for method, path in found)


REFUSED: dict[str, tuple[int, str | None]] = dict.fromkeys(
    ["nobody", "forged", "expired", "signed out", "disabled"], (303, "/staff/sign-in")
)
REFUSED |= {"one-time password": (303, "/staff/password")} | dict.fromkeys(["viewer", "curator", "trainer"], (403, None))


@pytest.mark.parametrize("who", REFUSED)
def test_no_part_of_the_inbox_opens_to_who_may_not_answer(house: House, who: str) -> None:
    routes = inbox_routes(house.app)
    with house.staff(who) as browser:
        answers = {route: browser.request(*route) for route in routes}
    assert {route: (answer.status_code, answer.headers.get("location")) for route, answer in answers.items()} == dict.fromkeys(
        routes, REFUSED[who]
    )
    for answer in answers.values():
        assert_tells_nothing(answer)


@pytest.mark.parametrize("who", ["agent", "admin"])
def test_the_inbox_opens_to_who_may_answer(house: House, who: str) -> None:
    with house.staff(who) as browser:
        for path in ("", "config", "theme.css", "gradio_api/info", "gradio_api/startup-events"):
            assert browser.get(f"/staff/inbox/{path}").status_code == 200
        assert f"security-{who}" in json.dumps(press(browser, "a session", "load"))


@pytest.mark.parametrize(
    "path", ["//staff/inbox/", "/staff//inbox/config", "/STAFF/inbox/", "/x/../staff/inbox/config", "/staff%2finbox/config"]
)
def test_no_way_leads_around_the_door(house: House, path: str) -> None:
    status, body = fetch(house.url, path)
    assert status in {303, 404}
    assert "dependencies" not in body


def test_a_one_time_password_opens_the_form_for_another_and_no_more(house: House) -> None:
    with house.staff("one-time password") as browser:
        assert browser.get("/staff/password").status_code == 200
    for who in ("nobody", "forged", "disabled"):
        with house.staff(who) as browser:
            assert browser.get("/staff/password").headers["location"] == "/staff/sign-in"
            answer = browser.post("/staff/password", data={"old": "x" * 12, "new": "y" * 12})
            assert (answer.status_code, answer.headers["location"]) == (303, "/staff/sign-in")


def test_without_pages_there_is_no_door(starter_agent: CustomerServiceAgent) -> None:
    services = services_for(starter_agent)
    with served(create_app(services, pages=False), services) as url:
        for path in ("", "config", "staff/", "staff/sign-in", "staff/inbox/", "staff/inbox/config", "gradio_api/info"):
            assert httpx.get(url + path).status_code == 404


def test_a_closed_chat_page_is_closed_in_all_its_parts(starter_agent: CustomerServiceAgent) -> None:
    services = services_for(starter_agent, public_chat=False)
    with served(create_app(services), services) as url:
        for path in ("", "config", "gradio_api/info", "gradio_api/queue/data?session_hash=x", "theme.css"):
            assert httpx.get(url + path).status_code == 404
        assert httpx.get(f"{url}staff/inbox/").headers["location"] == "/staff/sign-in"


# Another's conversation.


def snapshot(client: httpx.Client) -> dict[str, Any]:
    """All that is kept about a customer."""
    document = client.get("/v1/customers/me").raise_for_status().json()
    del document["exported_at"]
    return dict(document)


@pytest.fixture
def owner(house: House) -> Iterator[httpx.Client]:
    """A customer whom the portal vouches for, with a conversation that waits for a person."""
    subject = secrets.token_hex(4)
    with house.portal(**{"X-Customer-Token": sign(house.site, subject, int(time.time()))}) as client:
        client.headers["X-Subject"] = subject
        yield client
        client.delete("/v1/customers/me").raise_for_status()


@pytest.fixture
def waiting(owner: httpx.Client) -> tuple[str, int]:
    """The ids of that conversation and of its first message."""
    conversation = str(owner.post("/v1/conversations").raise_for_status().json()["id"])
    path = f"/v1/conversations/{conversation}"
    message = owner.post(f"{path}/messages", json={"text": "How long does delivery take?"}).raise_for_status().json()["id"]
    owner.put(f"{path}/messages/{message}/feedback", json={"value": "up"}).raise_for_status()
    owner.post(f"{path}/hand-over").raise_for_status()
    owner.put(f"{path}/contact", json={"details": "ann@mail.example"}).raise_for_status()
    return conversation, int(message)


def neighbours(house: House, owner: httpx.Client) -> dict[str, dict[str, str]]:
    """Others who are close to being the owner."""
    now, subject = int(time.time()), owner.headers["X-Subject"]
    here, there = ({"Authorization": f"Bearer {credentials.key}"} for credentials in (house.credentials, house.other))
    return {
        "another customer": here | {"X-Customer-Token": sign(house.site, f"{subject}x", now)},
        "an anonymous one": here | {"X-Customer-Token": new_anonymous()},
        "their namesake elsewhere": there | {"X-Customer-Token": sign(house.neighbour, subject, now)},
        "their name with its mark": here | {"X-Customer-Token": sign(house.site, f"sub:{subject}", now)},
    }


@pytest.mark.parametrize("route", sorted(CONVERSATION_ROUTES))
def test_a_conversation_is_its_customers_only(house: House, owner: httpx.Client, waiting: tuple[str, int], route: Known) -> None:
    before = snapshot(owner)
    for headers in neighbours(house, owner).values():
        with httpx.Client(base_url=house.url, headers=headers, timeout=30) as other:
            answer = send(other, route, *waiting)
            assert answer.status_code == 404
            assert answer.json()["detail"] == send(other, route, "0" * 32, 1).json()["detail"]
    assert snapshot(owner) == before


def test_lists_exports_and_erasure_are_of_ones_own(house: House, owner: httpx.Client, waiting: tuple[str, int]) -> None:
    before = snapshot(owner)
    assert [one["id"] for one in before["conversations"]] == [waiting[0]]
    cursor = base64.urlsafe_b64encode(waiting[0].encode()).decode().rstrip("=")
    for headers in neighbours(house, owner).values():
        with httpx.Client(base_url=house.url, headers=headers, timeout=30) as other:
            assert other.get("/v1/conversations").json()["items"] == []
            assert other.get("/v1/conversations", params={"cursor": cursor}).status_code == 400
            assert snapshot(other)["conversations"] == []
            assert other.delete("/v1/customers/me").status_code == 204
    assert snapshot(owner) == before


def test_a_key_of_anothers_request_replays_nothing(house: House, owner: httpx.Client) -> None:
    key = {"Idempotency-Key": "the same"}
    mine = owner.post("/v1/conversations", headers=key).raise_for_status().json()["id"]
    for headers in neighbours(house, owner).values():
        answer = httpx.post(f"{house.url}v1/conversations", headers=headers | key)
        assert answer.status_code == 201
        assert answer.json()["id"] != mine
        assert "Idempotency-Replayed" not in answer.headers


def test_a_portal_goes_on_with_no_other_portals_conversation(house: House) -> None:
    asked = {"model": "frontdesk", "user": "c-17", "messages": [{"role": "user", "content": "How long does delivery take?"}]}
    first = house.portal().post("/v1/chat/completions", json=asked).raise_for_status().json()
    reply = {"role": "assistant", "content": first["choices"][0]["message"]["content"]}
    asked["messages"] = [*asked["messages"], reply, {"role": "user", "content": "thanks"}]
    elsewhere = httpx.post(
        f"{house.url}v1/chat/completions", json=asked, headers={"Authorization": f"Bearer {house.other.key}"}, timeout=30
    )
    assert elsewhere.raise_for_status().json()["id"] != first["id"]
    assert house.portal().post("/v1/chat/completions", json=asked).json()["id"] == first["id"]


# The staff's browser.


def join(browser: httpx.Client, session: str, event: str, element: str = "", data: Any = None, **headers: str) -> httpx.Response:
    """Trigger an event of the inbox as its script does."""
    config = browser.get("/staff/inbox/config").raise_for_status().json()
    ids = {one["props"].get("elem_id"): one["id"] for one in config["components"]}
    called = next(
        one
        for one in config["dependencies"]
        if one["backend_fn"] and any(target[1] == event and (not element or target[0] == ids[element]) for target in one["targets"])
    )
    values = [data if place == len(called["inputs"]) - 1 else None for place in range(len(called["inputs"]))]
    body = {"data": values, "fn_index": called["id"], "session_hash": session, "trigger_id": called["targets"][0][0]}
    return browser.post("/staff/inbox/gradio_api/queue/join", json=body, headers=headers)


def press(browser: httpx.Client, session: str, event: str, element: str = "", data: Any = None) -> list[Any]:
    """The same; gives what the page shows then."""
    join(browser, session, event, element, data).raise_for_status()
    with browser.stream("GET", "/staff/inbox/gradio_api/queue/data", params={"session_hash": session}) as stream:
        for line in stream.iter_lines():
            message = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
            if message.get("msg") == "process_completed":
                assert message["success"], message
                return list(message["output"]["data"])
    raise AssertionError("the stream ended early")


@pytest.mark.parametrize("origin", [EVIL, "null", "http://[", "http://127.0.0.1:1", "HOST.evil.example"])
def test_another_sites_page_does_nothing_with_the_inbox(house: House, waiting: tuple[str, int], origin: str) -> None:
    conversation, desk, session = waiting[0], house.services.agent.desk, secrets.token_hex(5)
    evil = {"Origin": origin.replace("HOST", house.url.rstrip("/"))}
    own = {"Origin": house.url.rstrip("/")}
    with house.staff("agent") as browser:
        press(browser, session, "load")
        press(browser, session, "input", "waiting", conversation)
        assert join(browser, session, "click", "take", **evil).status_code == 403
        assert browser.post("/staff/inbox/gradio_api/cancel", json={}, headers=evil).status_code == 403
        found = desk.find(conversation)
        assert found
        assert found.state is ConversationState.QUEUED
        browser.headers.update(own)
        press(browser, session, "click", "take")
        found = desk.find(conversation)
        assert found
        assert found.person == "security-agent"
        assert join(browser, session, "submit", "answer", "Send me your password", **evil).status_code == 403
    assert [event.kind for event in desk.events(conversation)][-1] == "taken"
    desk.close(conversation, "security-agent")


@pytest.mark.parametrize("origin", [EVIL, "null", "http://[", "https://"])
def test_another_sites_form_signs_nobody_in_or_out_and_sets_no_password(house: House, origin: str) -> None:
    form = {"name": "security-agent", "password": "x", "old": "x" * 12, "new": "y" * 12}
    with house.staff("agent", Origin=origin) as browser:
        for path in ("/staff/sign-in", "/staff/password", "/staff/sign-out"):
            answer = browser.post(path, data=form)
            assert answer.status_code == 403
            assert "set-cookie" not in answer.headers
            assert_tells_nothing(answer)
    with house.staff("agent") as browser:
        assert browser.get("/staff/inbox/config").status_code == 200


@pytest.mark.parametrize(("scheme", "secure"), [("http", False), ("https", True)])
def test_the_sessions_cookie_is_for_the_staffs_pages_of_this_site_and_no_script(house: House, scheme: str, secure: bool) -> None:
    accounts, name = house.services.staff, f"security-cookie-{scheme}"
    form = {"name": name, "password": accounts.add(name, Role.AGENT, "tests")}
    answer = httpx.post(f"{house.url}staff/sign-in", data=form, headers={"X-Forwarded-Proto": scheme})
    assert answer.status_code == 303
    pair, *flags = (part.strip().lower() for part in answer.headers["set-cookie"].split(";"))
    assert pair.startswith(f"{COOKIE}=")
    assert {"httponly", "samesite=lax", "path=/staff"} <= set(flags)
    assert ("secure" in flags) is secure


def test_passwords_are_not_tried_without_end(house: House) -> None:
    form = {"name": "security-viewer", "password": "a guess"}
    spread = [httpx.post(f"{house.url}staff/sign-in", data=form, headers={"X-Forwarded-For": f"10.0.0.{n}"}) for n in range(11)]
    assert [answer.status_code for answer in spread] == [401] * 10 + [429]
    one = {"X-Forwarded-For": "10.0.1.1"}
    names = [httpx.post(f"{house.url}staff/sign-in", data={"name": f"n{n}", "password": "a guess"}, headers=one) for n in range(11)]
    assert [answer.status_code for answer in names] == [401] * 10 + [429]


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "lin\" onload='x", "lin&", "a b", "lin\n", "lin\0", "../lin", "x" * 65])
def test_a_name_that_could_be_markup_is_refused(house: House, name: str) -> None:
    with pytest.raises(AccessError):
        house.services.staff.add(name, Role.AGENT, "tests")


# What is sent to do harm.

HOSTILE = ["' OR 1=1 --", "'; DROP TABLE sites; --", "../../etc/passwd", "%2e%2e%2f", "\0", "a\0b", "²", "{{7*7}}", "%s%n", "😀" * 60, "-1"]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def place(request: pytest.FixtureRequest, starter_agent: CustomerServiceAgent, house: House) -> Iterator[Server]:
    """A server on each kind of database."""
    if request.param == "sqlite":
        yield house
        return
    url, name = request.getfixturevalue("postgres"), f"test-{secrets.token_hex(6)}"
    database = Database(new_database(url, name))
    services = services_for(on_database(starter_agent, database))
    credentials = services.sites.add("security", [MINE], actor="tests")
    with served(create_app(services), services) as at:
        yield Server(at, services, credentials)
    database.close()
    drop_database(url, name)


@pytest.mark.parametrize("text", HOSTILE)
def test_what_is_no_id_finds_nothing_and_breaks_nothing(place: Server, text: str) -> None:
    cursor = base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")
    with place.customer() as client:
        own = client.post("/v1/conversations").json()["id"]
        path, hostile = f"/v1/conversations/{own}", f"/v1/conversations/{quote(text, safe='')}"
        answers = {
            "path": client.get(hostile),
            "path of messages": client.get(f"{hostile}/messages"),
            "path of a message": client.put(f"{path}/messages/{quote(text, safe='')}/feedback", json={"value": "up"}),
            "path of an id and more": client.get(f"{path}{quote(text, safe='')}"),
            "limit": client.get("/v1/conversations", params={"limit": text}),
            "cursor": client.get("/v1/conversations", params={"cursor": text}),
            "cursor inside": client.get("/v1/conversations", params={"cursor": cursor}),
            "messages' cursor": client.get(f"{path}/messages", params={"cursor": text}),
            "messages' cursor inside": client.get(f"{path}/messages", params={"cursor": cursor}),
            "after": client.get(f"{path}/events", params={"after": text}),
            "model": client.post("/v1/chat/completions", json={"model": text, "messages": [{"role": "user", "content": "hi"}]}),
        }
        assert {what: answer.status_code for what, answer in answers.items() if answer.status_code not in {400, 404, 422}} == {}
        for answer in answers.values():
            assert_tells_nothing(answer)
        assert client.get(path).status_code == 200


@pytest.mark.parametrize("text", [text for text in HOSTILE if "\0" not in text])
def test_hostile_headers_are_nobodys(place: Server, text: str) -> None:
    value = text.encode()
    with httpx.Client(base_url=place.url, timeout=30) as client:
        for headers in (
            {b"Authorization": b"Bearer " + value},
            {b"X-Site": value, b"Origin": MINE.encode()},
            {b"X-Site": b"security", b"Origin": value},
            {b"Authorization": f"Bearer {place.credentials.key}".encode(), b"X-Customer-Token": value},
            {b"Authorization": f"Bearer {place.credentials.key}".encode(), b"X-Customer-Token": b"anon_" + value},
        ):
            answer = client.get("/v1/conversations", headers=headers)
            assert answer.status_code in {401, 422}
            assert_tells_nothing(answer)
        answer = client.get("/staff/inbox/config", headers={b"Cookie": f"{COOKIE}=".encode() + value})
        assert (answer.status_code, answer.headers["location"]) == (303, "/staff/sign-in")
        assert client.get("/health", headers={b"X-Request-ID": value}).status_code == 200


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_texts_are_texts(place: Server, text: str) -> None:
    with place.customer() as client:
        conversation = client.post("/v1/conversations").json()["id"]
        path = f"/v1/conversations/{conversation}"
        kept = client.post(f"{path}/messages", json={"text": text})
        assert kept.status_code == 201
        assert kept.json()["text"] == text.replace("\0", "�")
        client.post(f"{path}/hand-over").raise_for_status()
        client.put(f"{path}/contact", json={"details": text}).raise_for_status()
        assert client.get("/v1/customers/me").json()["conversations"][0]["contact"] == text
        if "\0" not in text:
            key = {b"Idempotency-Key": text.encode()}
            first, again = (client.post("/v1/conversations", headers=key) for _ in range(2))
            assert (first.status_code, again.json()) == (201, first.json())
        assert client.get("/v1/faq/search", params={"q": text}).status_code == 200
        asked = {"model": "frontdesk", "user": text, "messages": [{"role": "user", "content": "hi"}]}
        assert client.post("/v1/chat/completions", json=asked).status_code == 200
        assert client.delete("/v1/customers/me").status_code == 204


@pytest.mark.parametrize("name", ["' OR 1=1 --", "\0", "admin\0", "\u0660", "{{7*7}}"])
def test_a_hostile_name_signs_nobody_in(place: Server, name: str) -> None:
    address = {"X-Forwarded-For": f"10.1.0.{len(name)}"}
    answer = httpx.post(f"{place.url}staff/sign-in", data={"name": name, "password": name}, headers=address, timeout=30)
    assert answer.status_code == 401
    assert "set-cookie" not in answer.headers
    assert_tells_nothing(answer)


@pytest.mark.parametrize("last", ["' OR 1=1 --", "-1", "1; 2", "²", "0x10", "9" * 20])
def test_a_last_event_id_that_is_none_ends_no_stream(owner: httpx.Client, waiting: tuple[str, int], last: str) -> None:
    headers = {b"Last-Event-ID": last.encode("latin-1")}
    with owner.stream("GET", f"/v1/conversations/{waiting[0]}/events/stream", headers=headers, timeout=4) as stream:
        assert stream.status_code == 200
        lines = stream.iter_lines()
        assert next(lines) == ": open"
        if last.isdigit() and last.isascii():
            with pytest.raises(httpx.ReadTimeout):
                list(lines)
        else:
            assert next(line for line in lines if line.startswith("event")) == "event: queued"


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"text": "\\ud800"}',
        b'{"text": "hi", "\\ud800": 1}',
        b'{"text": "\xff"}',
        b'{"text": ' + b"9" * 10_000 + b"}",
        b'{"text": "hi", "text": null}',
        b"NaN",
    ],
)
def test_a_hostile_body_is_a_problem(owner: httpx.Client, waiting: tuple[str, int], body: bytes) -> None:
    for path in (f"/v1/conversations/{waiting[0]}/messages", "/v1/chat/completions"):
        answer = owner.post(path, content=body, headers={"Content-Type": "application/json"})
        assert answer.status_code in {400, 422}
        assert answer.headers["content-type"] == "application/problem+json"
        assert_tells_nothing(answer)


def fetch(url: str, target: str, **headers: str) -> tuple[int, str]:
    """Ask for exactly this; gives the status and the body."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    connection.request("GET", target, headers=headers)
    answer = connection.getresponse()
    body = answer.read(1_000_000).decode(errors="replace")
    connection.close()
    return answer.status, body


UP = "/".join([".."] * 12)
FILES = [
    "/file=/etc/passwd",
    "/gradio_api/file=/etc/passwd",
    "/gradio_api/file=%2fetc%2fpasswd",
    f"/gradio_api/file={UP}/etc/passwd",
    "/gradio_api/file=file:///etc/passwd",
    "/gradio_api/file=http://127.0.0.1/",
    "/gradio_api/file=%00",
    "/gradio_api/file//etc/passwd",
    "/gradio_api/file=ui/app.py",
    f"/gradio_api/file={ROOT}/pyproject.toml",
    "/gradio_api/file=DATA/frontdesk.db",
    "/gradio_api/file=DATA/../data/frontdesk.db",
    f"/static/{UP}/etc/passwd",
    "/static/" + "%2e%2e/" * 12 + "etc/passwd",
    "/static/" + "..%2f" * 12 + "etc%2fpasswd",
    "/static//etc/passwd",
    "/static/%00",
    f"/assets/{UP}/etc/passwd",
    "/assets/%2fetc%2fpasswd",
    "/svelte/" + "..%2f" * 12 + "etc/passwd",
    "/gradio_api/proxy=http://127.0.0.1/metrics",
    "/gradio_api/custom_component/chatbot/client/" + "..%2f" * 12 + "etc/passwd",
    f"/{UP}/etc/passwd",
]


@pytest.mark.parametrize("target", FILES)
def test_no_file_of_the_machine_comes_out(house: House, starter_directory: Path, target: str) -> None:
    assert (starter_directory / "frontdesk.db").is_file()
    target = target.replace("DATA", str(starter_directory))
    for prefix, who in (("", "nobody"), ("/staff/inbox", "nobody"), ("/staff/inbox", "agent")):
        cookie = {"Cookie": f"{COOKIE}={house.sessions[who]}"} if who in house.sessions else {}
        status, body = fetch(house.url, prefix + target, **cookie)
        assert status in {303, 400, 403, 404}, (prefix, who)
        assert len(body) < 1000
        assert "root:" not in body
        assert "Traceback" not in body


@pytest.mark.parametrize("header", ["Host", "X-Forwarded-Host", "X-Forwarded-Proto", "Accept-Language", "Referer"])
def test_what_a_header_says_is_no_markup_on_the_page(house: House, header: str) -> None:
    attack = '"><script>attack</script>'
    for path in ("/", "/staff/sign-in"):
        status, body = fetch(house.url, path, **{header: attack})
        assert status in {200, 400}
        assert "<script>attack" not in body


# Too much.


def test_a_head_without_end_is_refused_soon(house: House) -> None:
    address = urlsplit(house.url)
    for line in (b"X-A: " + b"a" * 1_000_000, b"".join(b"X-%d: a\r\n" % n for n in range(100_000)), b"Cookie: " + b"a=b;" * 250_000):
        # It may hang up while more is sent.
        with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=10) as client, suppress(ConnectionError):
            client.sendall(b"GET /health HTTP/1.1\r\nHost: x\r\n" + line)
            assert client.recv(1000).startswith(b"HTTP/1.1 4")
    assert httpx.get(f"{house.url}health").status_code == 200


@pytest.mark.parametrize("length", ["99999999999", "1000001", "-1", "abc", "9" * 5000])
def test_a_length_that_is_too_large_or_none_is_refused_before_the_body(house: House, length: str) -> None:
    address = urlsplit(house.url)
    head = f"POST /v1/customers HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {house.credentials.key}\r\nContent-Length: {length}\r\n\r\n"
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=5) as client:
        client.sendall(head.encode())
        assert client.recv(1000).decode().partition("\r\n")[0].split()[1] in {"400", "413"}


CROWD = 500


async def crowd(url: str, request: bytes, while_open: Callable[[], None]) -> list[str]:
    """Follow a conversation from many browsers at once, each until its first event; gives the events.

    Args:
        url: the server's.
        request: opens a stream.
        while_open: done when all are open; it is to have something happen in the conversation.
    """
    address, done = urlsplit(url), asyncio.Event()

    async def follow(is_open: asyncio.Event) -> str:
        """Open a stream; gives the name of its first event."""
        reader, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(request)
        assert (await reader.readuntil(b": open")).startswith(b"HTTP/1.1 200")
        is_open.set()
        await reader.readuntil(b"event: ")
        name = (await reader.readline()).decode().strip()
        await done.wait()
        writer.close()
        return name

    opened = [asyncio.Event() for _ in range(CROWD)]
    async with asyncio.timeout(60):
        streams = [asyncio.create_task(follow(one)) for one in opened]
        await asyncio.gather(*(one.wait() for one in opened))
        await asyncio.to_thread(while_open)
        done.set()
        return await asyncio.gather(*streams)


def test_five_hundred_streams_keep_nobody_waiting_and_end_with_who_listens(own: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(event_feed, "MOST", CROWD)
    with own.customer() as follower, own.customer() as other:
        followed, asked = (str(client.post("/v1/conversations").json()["id"]) for client in (follower, other))

        def ask() -> None:
            """What others do meanwhile."""
            began = time.monotonic()
            assert httpx.get(f"{own.url}health", timeout=10).json() == {"status": "ok"}
            assert other.post(f"/v1/conversations/{asked}/messages", json={"text": "How long does delivery take?"}).status_code == 201
            assert time.monotonic() - began < 10
            one_more = other.get(f"/v1/conversations/{asked}/events/stream")
            assert (one_more.status_code, one_more.headers["Retry-After"]) == (503, "30")
            follower.post(f"/v1/conversations/{followed}/hand-over").raise_for_status()

        head = "".join(f"{name}: {follower.headers[name]}\r\n" for name in ("Authorization", "X-Customer-Token"))
        request = f"GET /v1/conversations/{followed}/events/stream HTTP/1.1\r\nHost: x\r\n{head}\r\n".encode()
        assert asyncio.run(crowd(own.url, request, ask)) == ["queued"] * CROWD
        monkeypatch.setattr(event_feed, "MOST", 1)
        deadline = time.monotonic() + 15
        while time.monotonic() < deadline:
            with follower.stream("GET", f"/v1/conversations/{followed}/events/stream") as stream:
                if stream.status_code == 200:
                    assert next(stream.iter_lines()) == ": open"
                    return
            time.sleep(0.2)
        pytest.fail("streams are left")


def test_another_customers_erasure_takes_no_event_from_who_listens(own: Server) -> None:
    with own.customer() as leaver, own.customer() as listener:
        left, path = (f"/v1/conversations/{client.post('/v1/conversations').json()['id']}" for client in (leaver, listener))
        leaver.post(f"{left}/hand-over").raise_for_status()
        with listener.stream("GET", f"{path}/events/stream", timeout=4) as stream:
            lines = stream.iter_lines()
            assert next(lines) == ": open"
            time.sleep(2 * event_feed.EVERY_S)
            leaver.delete("/v1/customers/me").raise_for_status()
            listener.post(f"{path}/hand-over").raise_for_status()
            assert next(line for line in lines if line.startswith("event")) == "event: queued"


# What goes wrong here.


async def boom(_request: Request) -> Response:
    """A defect."""
    raise RuntimeError(f"SELECT secret FROM sqlite in {__file__}")


def test_a_defect_shows_its_request_only(starter_agent: CustomerServiceAgent) -> None:
    services = services_for(starter_agent)
    app = create_app(services)
    app.router.routes.insert(0, Route("/v1/boom", boom))
    with served(app, services) as url:
        answer = httpx.get(f"{url}v1/boom", headers={"X-Request-ID": "abc-1"})
    assert (answer.status_code, answer.headers["content-type"]) == (500, "application/problem+json")
    assert [leak for leak in LEAKS if leak in answer.text] == []


def test_a_broken_database_shows_nothing_of_itself(own: Server, tmp_path: Path) -> None:
    with own.customer() as client:
        path = f"/v1/conversations/{client.post('/v1/conversations').json()['id']}/messages"
        client.post(path, json={"text": "hi"}).raise_for_status()
        with own.services.sites.database.transaction() as connection:
            connection.exec_driver_sql("DROP TABLE turns")
            connection.exec_driver_sql("DROP TABLE staff_sessions")
        answers = [
            client.get(path),
            client.post(path, json={"text": "hi"}),
            client.post(path, json={"text": "hi", "stream": True}),
            client.post(path, json={"text": "hi"}, headers={"Idempotency-Key": "k"}),
            client.get("/v1/customers/me"),
            client.post("/v1/chat/completions", json=BODIES["POST", "/v1/chat/completions"]),
            client.get("/staff/password", headers={"Cookie": f"{COOKIE}=x"}),
            client.get("/staff/inbox/", headers={"Cookie": f"{COOKIE}=x"}),
        ]
    assert [answer.status_code for answer in answers] == [503, 503, 201, 503, 503, 503, 503, 500]
    assert "event: problem" in answers[2].text
    assert [leak for answer in answers for leak in [*LEAKS, str(tmp_path), "turns", "staff_sessions"] if leak in answer.text] == []
