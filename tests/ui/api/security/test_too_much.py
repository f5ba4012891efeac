"""Too much at once: heads, lengths, and five hundred streams."""

import asyncio
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from urllib.parse import urlsplit

import httpx
import pytest

from tests.ui.api.conftest import Server
from tests.ui.api.security.house import House
from ui.api import event_feed


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
