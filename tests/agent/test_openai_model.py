"""A client of OpenAI-compatible servers, with a real HTTP server on loopback."""

import socket
import threading
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.generation import OpenAIModel
from tests.agent.generating import QUESTION, collect, soon
from tests.fake_openai_server import Answer, FakeOpenAIServer, serve


@pytest.fixture(scope="module")
def running_server() -> Iterator[FakeOpenAIServer]:
    with serve() as fake:
        yield fake


@pytest.fixture
def server(running_server: FakeOpenAIServer) -> FakeOpenAIServer:
    running_server.script.clear()
    running_server.requests.clear()
    running_server.abandoned.clear()
    return running_server


def client(url: str, key: str = "secret", read_timeout_s: float = 5) -> OpenAIModel:
    return OpenAIModel(url, "shop-model", key, connect_timeout_s=2, read_timeout_s=read_timeout_s)


@pytest.fixture(scope="module")
def model(running_server: FakeOpenAIServer) -> OpenAIModel:
    return client(running_server.base_url)


@settings(max_examples=15, deadline=None)
@given(st.lists(st.text(min_size=1), max_size=6))
def test_every_text_arrives_piece_by_piece(running_server: FakeOpenAIServer, model: OpenAIModel, texts: list[str]) -> None:
    running_server.script.append(Answer(texts))
    assert collect(model) == (texts, "")


def test_the_request_says_what_was_asked(server: FakeOpenAIServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_ORG_ID", "someone-else")
    assert collect(client(server.base_url)) == (["Hello", ", ", "world."], "")
    [request] = server.requests
    assert request["body"] == {
        "model": "shop-model",
        "messages": [{"role": "system", "content": "You answer briefly."}, {"role": "user", "content": "Why is the sky blue?"}],
        "max_tokens": 7,
        "temperature": 0,
        "stream": True,
    }
    assert request["headers"]["authorization"] == "Bearer secret"
    assert "openai-organization" not in request["headers"]


def test_a_server_without_a_key(server: FakeOpenAIServer) -> None:
    assert collect(client(server.base_url, key=""))[1] == ""


def test_pieces_arrive_while_the_server_still_writes(server: FakeOpenAIServer) -> None:
    server.script.append(Answer(["a", "b", "c"], pause_s=0.3))
    arrivals = [time.monotonic() for _ in client(server.base_url).stream(QUESTION, max_tokens=7, deadline=soon(10))]
    assert len(arrivals) == 3
    assert arrivals[-1] - arrivals[0] > 0.4


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_passing_failure_is_retried_once(server: FakeOpenAIServer, status: int) -> None:
    server.script.append(Answer(status=status))
    assert collect(client(server.base_url)) == (["Hello", ", ", "world."], "")
    assert len(server.requests) == 2


def test_a_second_failure_is_final(server: FakeOpenAIServer) -> None:
    server.script.extend([Answer(status=500), Answer(status=500)])
    pieces, error = collect(client(server.base_url))
    assert pieces == []
    assert "answered 500" in error
    assert len(server.requests) == 2


@pytest.mark.parametrize("status", [400, 401, 404])
def test_a_refusal_is_not_retried(server: FakeOpenAIServer, status: int) -> None:
    server.script.append(Answer(status=status))
    assert f"answered {status}" in collect(client(server.base_url))[1]
    assert len(server.requests) == 1


def test_the_pause_that_the_server_asks_for_is_kept_or_given_up(server: FakeOpenAIServer) -> None:
    server.script.append(Answer(status=429, headers={"retry-after": "1"}))
    begun = time.monotonic()
    assert collect(client(server.base_url))[1] == ""
    assert time.monotonic() - begun >= 1
    server.script.append(Answer(status=429, headers={"retry-after": "60"}))
    begun = time.monotonic()
    assert "answered 429" in collect(client(server.base_url))[1]
    assert time.monotonic() - begun < 5
    assert len(server.requests) == 3


def test_a_break_before_the_first_piece_is_retried(server: FakeOpenAIServer) -> None:
    server.script.append(Answer([], cut="connection"))
    assert collect(client(server.base_url)) == (["Hello", ", ", "world."], "")


@pytest.mark.parametrize("cut", ["connection", "early"])
def test_a_break_in_the_middle_keeps_the_pieces_and_is_an_error(server: FakeOpenAIServer, cut: str) -> None:
    server.script.append(Answer(["Half", " a"], cut=cut))
    pieces, error = collect(client(server.base_url))
    assert pieces == ["Half", " a"]
    assert server.base_url in error
    assert len(server.requests) == 1


def test_the_deadline_holds_although_the_server_keeps_the_connection_alive(server: FakeOpenAIServer) -> None:
    server.script.append(Answer(["quick", "slow"], pause_s=20))
    begun = time.monotonic()
    pieces, error = collect(client(server.base_url), deadline_s=1.5)
    assert pieces == ["quick"]
    assert "deadline" in error
    assert time.monotonic() - begun < 5
    assert server.abandoned.wait(5)


def test_closing_leaves_the_server(server: FakeOpenAIServer) -> None:
    server.script.append(Answer(["x"] * 300, pause_s=0.1))
    pieces = client(server.base_url).stream(QUESTION, max_tokens=7, deadline=soon(60))
    assert next(pieces) == "x"
    assert not server.abandoned.is_set()
    pieces.close()
    assert server.abandoned.wait(5)


def test_a_refused_connection() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    assert "cannot be reached" in collect(client(url))[1]


def test_a_server_that_accepts_and_says_nothing() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
        assert "silent" in collect(client(url, read_timeout_s=0.3))[1]


def test_a_server_that_speaks_something_else() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def babble() -> None:
            for _ in range(2):
                connection, _ = listener.accept()
                with connection:
                    connection.recv(65536)
                    connection.sendall(
                        b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 16\r\n\r\ndata: {not json\n\n"
                    )

        thread = threading.Thread(target=babble, daemon=True)
        thread.start()
        pieces, error = collect(client(f"http://127.0.0.1:{listener.getsockname()[1]}/v1"))
    assert pieces == []
    assert error


def test_a_slow_reply_does_not_hold_up_another(server: FakeOpenAIServer, model: OpenAIModel) -> None:
    server.script.append(Answer(["a", "b"], pause_s=1))
    slow = model.stream(QUESTION, max_tokens=7, deadline=soon(30))
    assert next(slow) == "a"
    assert collect(model) == (["Hello", ", ", "world."], "")
    assert list(slow) == ["b"]
