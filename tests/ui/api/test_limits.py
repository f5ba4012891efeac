"""Limits, sizes, slow clients, and what monitors see."""

import socket
import time
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx
import pytest

from agent.agent import CustomerServiceAgent
from tests.ui.api.conftest import Server
from tests.ui.serving import METRICS, serve_services, services_for
from ui.api.limiting import RateLimits


@pytest.fixture
def strict(starter_agent: CustomerServiceAgent) -> Iterator[Server]:
    """A server with small limits."""
    services = services_for(starter_agent, limits=RateLimits(site=8, address=3, conversation=2))
    credentials = services.sites.add("strict-tests", ["https://shop.example"], actor="tests")
    with serve_services(services) as url:
        yield Server(url, services, credentials)
    with services.sites.database.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM sites WHERE id = 'strict-tests'")


def test_a_conversation_an_address_and_a_portal_have_their_limits(strict: Server) -> None:
    with strict.customer() as client:  # 1
        path = f"/v1/conversations/{client.post('/v1/conversations').json()['id']}/messages"  # 2
        answers = [client.post(path, json={"text": "hi"}) for _ in range(3)]  # 5
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        assert 0 < int(answers[-1].headers["Retry-After"]) <= 60
        assert answers[-1].headers["content-type"] == "application/problem+json"
        answers = [client.get("/v1/conversations") for _ in range(4)]
        assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    page = {"X-Site": "strict-tests", "Origin": "https://other.example"}
    assert [httpx.post(f"{strict.url}v1/customers", headers=page).status_code for _ in range(4)] == [401, 401, 401, 429]


def test_a_body_that_never_ends_is_given_up_and_the_service_answers_on(server: Server) -> None:
    address = urlsplit(server.url)
    head = (
        f"POST /v1/conversations/{'0' * 32}/messages HTTP/1.1\r\nHost: {address.netloc}\r\n"
        f"Authorization: Bearer {server.credentials.key}\r\n"
        "X-Customer-Token: anon_x\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    began = time.monotonic()
    with socket.create_connection((str(address.hostname), int(address.port or 0)), timeout=30) as slow:
        slow.sendall(head.encode())
        assert httpx.get(f"{server.url}health").json() == {"status": "ok"}
        answer = slow.recv(10_000).decode()
    assert time.monotonic() - began < 25
    assert answer.startswith("HTTP/1.1 4")


def test_a_body_without_a_length_is_measured(server: Server) -> None:
    with server.customer() as client:
        answer = client.post(f"/v1/conversations/{'0' * 32}/messages", content=(b"x" * 100_000 for _ in range(30)))
    assert answer.status_code == 413


def test_a_request_is_named_in_its_response(server: Server) -> None:
    assert httpx.get(f"{server.url}health", headers={"X-Request-ID": "abc-1"}).headers["X-Request-ID"] == "abc-1"
    named = httpx.get(f"{server.url}health", headers={"X-Request-ID": "no name\x01"[:7]}).headers["X-Request-ID"]
    assert len(named) == 16


def test_metrics_are_for_who_has_the_token(server: Server) -> None:
    assert httpx.get(f"{server.url}metrics").status_code == 401
    assert httpx.get(f"{server.url}metrics", headers={"Authorization": "Bearer wrong"}).status_code == 401
    answer = httpx.get(f"{server.url}metrics", headers={"Authorization": f"Bearer {METRICS}"})
    assert answer.status_code == 200
    assert 'frontdesk_http_requests_total{method="GET",route="/metrics",status="401"}' in answer.text


def test_the_service_is_ready_and_unknown_routes_are_problems(server: Server) -> None:
    assert httpx.get(f"{server.url}ready").json() == {"status": "ok"}
    answer = httpx.get(f"{server.url}v1/nothing")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")
