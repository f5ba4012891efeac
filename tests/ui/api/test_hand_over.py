"""Reaching a person over the API, live."""

import json
import threading
from collections.abc import Iterator

import httpx
import pytest

from tests.ui.api.conftest import Server


@pytest.fixture
def waiting(server: Server, customer: httpx.Client, conversation: str) -> Iterator[str]:
    """A conversation that waits for a person."""
    answer = customer.post(f"/v1/conversations/{conversation}/hand-over")
    assert answer.status_code == 201
    assert answer.json()["reply"]["offers_person"]
    assert customer.get(f"/v1/conversations/{conversation}").json()["state"] == "queued"
    yield conversation
    desk = server.services.agent.desk
    found = desk.find(conversation)
    if found:
        desk.take(conversation, found.person or "tests")
        desk.close(conversation, found.person or "tests")


def test_what_a_person_says_is_listed_and_followed_live(server: Server, customer: httpx.Client, waiting: str) -> None:
    desk, path = server.services.agent.desk, f"/v1/conversations/{waiting}/events"
    lines: list[str] = []
    opened = threading.Event()

    def follow() -> None:
        with customer.stream("GET", f"{path}/stream") as stream:
            for line in stream.iter_lines():
                opened.set()
                lines.append(line)
                if "closed" in line and line.startswith("data"):
                    return

    thread = threading.Thread(target=follow)
    thread.start()
    assert opened.wait(10)
    desk.take(waiting, "lin")
    desk.say(waiting, "lin", "Good morning")
    assert customer.post(f"/v1/conversations/{waiting}/messages", json={"text": "hello"}).json()["reply"]["route"] == "person"
    desk.close(waiting, "lin")
    thread.join(20)
    assert not thread.is_alive()
    listed = customer.get(path).json()
    assert [one["kind"] for one in listed] == ["queued", "taken", "message", "closed"]
    assert (listed[2]["author"], listed[2]["text"]) == ("lin", "Good morning")
    assert [json.loads(line.removeprefix("data: ")) for line in lines if line.startswith("data: ")] == listed
    assert [line.removeprefix("event: ") for line in lines if line.startswith("event: ")] == [one["kind"] for one in listed]
    assert customer.get(path, params={"after": listed[2]["id"]}).json() == listed[3:]


def test_a_stream_goes_on_where_it_was_cut(server: Server, customer: httpx.Client, waiting: str) -> None:
    desk = server.services.agent.desk
    desk.take(waiting, "lin")
    desk.say(waiting, "lin", "one")
    desk.say(waiting, "lin", "two")
    said = [one for one in customer.get(f"/v1/conversations/{waiting}/events").json() if one["kind"] == "message"]
    with customer.stream("GET", f"/v1/conversations/{waiting}/events/stream", headers={"Last-Event-ID": str(said[0]["id"])}) as stream:
        data = next(line for line in stream.iter_lines() if line.startswith("data: "))
    assert json.loads(data.removeprefix("data: ")) == said[1]


def test_contact_details_are_taken_while_it_waits(server: Server, customer: httpx.Client, conversation: str) -> None:
    path = f"/v1/conversations/{conversation}/contact"
    assert customer.put(path, json={"details": "ann@mail.example"}).status_code == 409
    customer.post(f"/v1/conversations/{conversation}/hand-over").raise_for_status()
    assert customer.put(path, json={"details": "  "}).status_code == 422
    assert customer.put(path, json={"details": "ann@mail.example"}).status_code == 204
    assert "ann@mail" not in customer.get(f"/v1/conversations/{conversation}/events").text
    desk = server.services.agent.desk
    desk.take(conversation, "lin")
    assert server.services.contacts.read(conversation, "lin") == "ann@mail.example"
    desk.close(conversation, "lin")


def test_another_customer_neither_sees_nor_follows_it(server: Server, waiting: str) -> None:
    with server.customer() as other:
        for method, part in (("GET", "events"), ("GET", "events/stream"), ("POST", "hand-over")):
            assert other.request(method, f"/v1/conversations/{waiting}/{part}").status_code == 404
        assert other.put(f"/v1/conversations/{waiting}/contact", json={"details": "x"}).status_code == 404
