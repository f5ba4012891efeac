"""What is sent to do harm, does none: hostile ids, headers, texts and paths."""

import base64
import secrets
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from agent.agent import CustomerServiceAgent
from knowledge_base.database import Database
from tests.postgres import drop_database, new_database
from tests.ui.api.conftest import Server
from tests.ui.api.security.house import COOKIE, MINE, ROOT, House, assert_tells_nothing, fetch, on_database, served
from tests.ui.serving import services_for
from ui.app import create_app

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
