"""Conversations over the API, as a portal leads them."""

import json
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest

from tests.ui.api.conftest import ORIGIN, Server
from tests.ui.portal import sign

QUESTION = "How long does standard delivery take?"


def events(response: httpx.Response) -> list[tuple[str, dict[str, object]]]:
    """The names and documents of server-sent events."""
    found = []
    for block in response.text.strip().split("\n\n"):
        name, _, data = block.partition("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_a_message_is_answered_from_the_faq_and_listed(customer: httpx.Client, conversation: str) -> None:
    answer = customer.post(f"/v1/conversations/{conversation}/messages", json={"text": QUESTION})
    assert answer.status_code == 201
    message = answer.json()
    assert message["reply"]["sources"][0]["id"] == "delivery-standard"
    assert "3-5 business days" in message["reply"]["text"]
    assert customer.get(f"/v1/conversations/{conversation}/messages").json() == {"items": [message], "next_cursor": None}
    listed = customer.get("/v1/conversations").json()["items"]
    assert [(one["id"], one["title"], one["state"]) for one in listed] == [(conversation, QUESTION, "bot")]
    assert customer.get(f"/v1/conversations/{conversation}").json() == listed[0]


def test_a_streamed_reply_comes_in_pieces_that_make_the_logged_one(customer: httpx.Client, conversation: str) -> None:
    answer = customer.post(f"/v1/conversations/{conversation}/messages", json={"text": "快递多久能到？", "stream": True})
    assert answer.headers["content-type"].startswith("text/event-stream")
    *pieces, (name, message) = events(answer)
    assert name == "message"
    assert {kind for kind, _ in pieces} == {"piece"}
    assert "".join(str(piece["text"]) for _, piece in pieces) == message["reply"]["text"]  # type: ignore[index]
    assert customer.get(f"/v1/conversations/{conversation}/messages").json()["items"] == [message]


def test_personal_data_is_masked_before_it_is_kept_or_returned(customer: httpx.Client, conversation: str) -> None:
    message = customer.post(f"/v1/conversations/{conversation}/messages", json={"text": "my mail is ann@mail.example, is it right?"}).json()
    assert message["text"] == "my mail is [email], is it right?"


def test_feedback_is_kept_and_taken_back(customer: httpx.Client, conversation: str) -> None:
    path = f"/v1/conversations/{conversation}/messages"
    message = customer.post(path, json={"text": QUESTION}).json()
    for value in ("up", "down", None):
        assert customer.put(f"{path}/{message['id']}/feedback", json={"value": value}).status_code == 204
        assert customer.get(path).json()["items"][0]["feedback"] == value
    assert customer.put(f"{path}/{message['id'] + 1000}/feedback", json={"value": "up"}).status_code == 404


def test_whether_it_is_settled_is_kept_and_taken_back(customer: httpx.Client, conversation: str) -> None:
    path = f"/v1/conversations/{conversation}"
    customer.post(f"{path}/messages", json={"text": QUESTION}).raise_for_status()
    assert customer.get(path).json()["resolved"] is None
    for resolved in (True, False, None, True):
        answer = customer.post(f"{path}/resolution", json={"resolved": resolved})
        assert (answer.status_code, answer.json()["resolved"]) == (200, resolved)
        assert customer.get(path).json() == answer.json()
    customer.post(f"{path}/messages", json={"text": "how do I return a lamp?"}).raise_for_status()
    assert customer.get("/v1/conversations").json()["items"][0]["resolved"] is True
    events = customer.get(f"{path}/events").json()
    assert [(event["kind"], event["text"]) for event in events] == [("resolution", text) for text in ("yes", "no", "", "yes")]
    for body in ({"resolved": "yes"}, {"resolved": 1}, {}, {"resolved": True, "more": 1}, None):
        assert customer.post(f"{path}/resolution", json=body).status_code == 422
    assert customer.post(f"/v1/conversations/{'0' * 32}/resolution", json={"resolved": True}).status_code == 404


def test_what_is_said_twice_of_an_answer_is_said_once(customer: httpx.Client, conversation: str) -> None:
    path, key = f"/v1/conversations/{conversation}", {"Idempotency-Key": "that was it"}
    first, again = (customer.post(f"{path}/resolution", json={"resolved": True}, headers=key) for _ in range(2))
    assert (again.json(), again.headers["Idempotency-Replayed"]) == (first.json(), "true")
    assert len(customer.get(f"{path}/events").json()) == 1
    assert customer.post(f"{path}/resolution", json={"resolved": False}, headers=key).status_code == 422


def test_asking_for_a_person_queues_the_conversation(customer: httpx.Client, conversation: str) -> None:
    answer = customer.post(f"/v1/conversations/{conversation}/hand-over")
    assert answer.status_code == 201
    assert answer.json()["reply"]["offers_person"]
    assert customer.get(f"/v1/conversations/{conversation}").json()["state"] == "queued"


def test_lists_are_paged_and_every_item_comes_once(customer: httpx.Client, conversation: str) -> None:
    path = f"/v1/conversations/{conversation}/messages"
    for text in ("hi", QUESTION, "thanks"):
        customer.post(path, json={"text": text}).raise_for_status()
    for _ in range(3):
        other = customer.post("/v1/conversations").json()["id"]
        customer.post(f"/v1/conversations/{other}/messages", json={"text": "hi"}).raise_for_status()
    for listing, size, total in ((path, 2, 3), ("/v1/conversations", 1, 4)):
        seen, cursor = [], None
        while True:
            part = customer.get(listing, params={"limit": size, **({"cursor": cursor} if cursor else {})}).raise_for_status().json()
            seen += [item["id"] for item in part["items"]]
            cursor = part["next_cursor"]
            if cursor is None:
                break
        assert len(seen) == len(set(seen)) == total
        assert customer.get(listing, params={"cursor": "!"}).status_code == 400
        assert customer.get(listing, params={"cursor": "bm9wZQ"}).status_code == 400


def test_what_is_sent_twice_is_done_once(customer: httpx.Client, conversation: str) -> None:
    path, key = f"/v1/conversations/{conversation}/messages", {"Idempotency-Key": "first"}
    answer = customer.post(path, json={"text": QUESTION}, headers=key)
    again = customer.post(path, json={"text": QUESTION}, headers=key)
    assert again.json() == answer.json()
    assert again.headers["Idempotency-Replayed"] == "true"
    streamed = customer.post(path, json={"text": QUESTION, "stream": True}, headers=key)
    assert events(streamed) == [("message", answer.json())]
    assert customer.post(path, json={"text": "another"}, headers=key).status_code == 422
    assert len(customer.get(path).json()["items"]) == 1
    first = customer.post("/v1/conversations", headers={"Idempotency-Key": "begin"}).json()
    assert customer.post("/v1/conversations", headers={"Idempotency-Key": "begin"}).json() == first


def test_of_the_same_request_at_the_same_time_one_is_done(customer: httpx.Client, conversation: str) -> None:
    path, key = f"/v1/conversations/{conversation}/messages", {"Idempotency-Key": "at once"}
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: customer.post(path, json={"text": QUESTION}, headers=key), range(8)))
    assert {answer.status_code for answer in answers} <= {201, 409}
    assert len({answer.text for answer in answers if answer.status_code == 201}) == 1
    assert len(customer.get(path).json()["items"]) == 1


def test_another_customer_finds_nothing(server: Server, customer: httpx.Client, conversation: str) -> None:
    customer.post(f"/v1/conversations/{conversation}/messages", json={"text": QUESTION}).raise_for_status()
    with server.customer() as other:
        path = f"/v1/conversations/{conversation}"
        answers = [
            other.get(path),
            other.get(f"{path}/messages"),
            other.post(f"{path}/messages", json={"text": "hi"}),
            other.post(f"{path}/messages", json={"text": "hi", "stream": True}),
            other.put(f"{path}/messages/1/feedback", json={"value": "up"}),
            other.post(f"{path}/resolution", json={"resolved": True}),
            other.post(f"{path}/hand-over"),
        ]
        assert [answer.status_code for answer in answers] == [404] * 7
        assert other.get("/v1/conversations").json()["items"] == []
    assert len(customer.get(f"/v1/conversations/{conversation}/messages").json()["items"]) == 1


def test_a_portal_vouches_for_its_customers(server: Server) -> None:
    now = int(time.time())
    with server.portal(**{"X-Customer-Token": sign(server.site, "customer-7", now)}) as client:
        conversation = client.post("/v1/conversations").raise_for_status().json()["id"]
        client.post(f"/v1/conversations/{conversation}/messages", json={"text": QUESTION}).raise_for_status()
    with server.portal(**{"X-Customer-Token": sign(server.site, "customer-7", now - 60)}) as later:
        assert later.get(f"/v1/conversations/{conversation}").status_code == 200
    with server.portal(**{"X-Customer-Token": sign(server.site, "customer-8", now)}) as other:
        assert other.get(f"/v1/conversations/{conversation}").status_code == 404


def test_a_portals_page_may_call_from_its_own_origin_only(server: Server) -> None:
    with httpx.Client(base_url=server.url, headers={"X-Site": "api-tests", "Origin": ORIGIN}) as page:
        answer = page.post("/v1/customers")
        assert answer.status_code == 201
        assert answer.headers["access-control-allow-origin"] == ORIGIN
        asked = page.options("/v1/customers", headers={"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "x-site"})
        assert asked.status_code == 200
    for headers in ({"X-Site": "api-tests", "Origin": "https://evil.example"}, {"X-Site": "api-tests"}, {"Origin": ORIGIN}):
        answer = httpx.post(f"{server.url}v1/customers", headers=headers)
        assert answer.status_code == 401
        assert answer.headers.get("access-control-allow-origin") in {None, ORIGIN}


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b'{"text": ""}', 422),
        (b'{"text": 7}', 422),
        (b'{"text": "hi", "admin": true}', 422),
        (json.dumps({"text": "x" * 4001}).encode(), 422),
        (json.dumps({"text": "x" * 2_000_000}).encode(), 413),
    ],
)
def test_what_does_not_fit_is_refused_as_a_problem(customer: httpx.Client, conversation: str, body: bytes, status: int) -> None:
    answer = customer.post(f"/v1/conversations/{conversation}/messages", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["status"] == status
    assert customer.get(f"/v1/conversations/{conversation}/messages").json()["items"] == []
