"""How many messages a second the whole service answers: a real server in a process of its own, loaded over HTTP."""

import asyncio
import itertools
import time
from collections.abc import Callable, Iterator, Sequence
from statistics import median

import httpx
import psutil

from knowledge_base.machine import machine
from ui.own_service import OwnService, megabytes

TURNS = 8  # messages of a conversation; then the customer goes, and another one comes
WARM_UP = 50  # messages that are not measured


def load(service: OwnService, messages: Sequence[str], chats: int, progress: Callable[[int], object]) -> dict[str, object]:
    """Have so many customers chat at once, each sending its next message when it has its reply.

    Args:
        service: which.
        messages: what customers write, in this order.
        chats: how many customers at once.
        progress: called with 1 after each message.

    Returns:
        ``messages_per_s``, ``p50_ms``, ``p95_ms``, ``errors``, ``cpu_ms`` of the service a message, ``rss_mb`` at the end and
        ``rss_mb_by_tenth`` of the run; chats, messages, machine.
    """
    url, key, process = service.url, service.key, service.process
    queue = iter(messages)
    asyncio.run(_run(url, key, itertools.islice(queue, WARM_UP), chats, lambda _seconds: progress(1)))
    times: list[float] = []
    memory = [megabytes(process)]
    measured = len(messages) - WARM_UP

    def note(seconds: float) -> None:
        """Remember a message's seconds, and ten times in a run the memory."""
        times.append(seconds)
        progress(1)
        if len(times) % max(1, measured // 10) == 0:
            memory.append(megabytes(process))

    began, used = time.perf_counter(), _processor_seconds(process)
    errors = asyncio.run(_run(url, key, queue, chats, note))
    seconds, used = time.perf_counter() - began, _processor_seconds(process) - used
    times.sort()
    return {
        "messages_per_s": round(len(times) / seconds, 1),
        "p50_ms": round(1000 * median(times), 1),
        "p95_ms": round(1000 * times[int(len(times) * 0.95)], 1),
        "errors": errors,
        "cpu_ms": round(1000 * used / len(times), 1),
        "rss_mb": memory[-1],
        "rss_mb_by_tenth": memory,
        "chats": chats,
        "messages": len(times),
        "machine": machine(),
    }


async def _run(url: str, key: str, messages: Iterator[str], chats: int, note: Callable[[float], object]) -> int:
    """Send the messages. Returns how many were not answered."""
    limits = httpx.Limits(max_connections=chats, max_keepalive_connections=chats)
    async with httpx.AsyncClient(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=60, limits=limits) as client:
        return sum(await asyncio.gather(*(_customers(client, messages, note) for _ in range(chats))))


async def _customers(client: httpx.AsyncClient, messages: Iterator[str], note: Callable[[float], object]) -> int:
    """One customer after another, until there are no messages left."""
    errors = 0
    while batch := list(itertools.islice(messages, TURNS)):
        token = (await client.post("/v1/customers")).json()["token"]
        headers = {"X-Customer-Token": token}
        conversation = (await client.post("/v1/conversations", headers=headers)).json()["id"]
        for text in batch:
            began = time.perf_counter()
            answer = await client.post(f"/v1/conversations/{conversation}/messages", json={"text": text}, headers=headers)
            errors += answer.status_code != 201 or not answer.json()["reply"]["text"]
            note(time.perf_counter() - began)
    return errors


def _processor_seconds(process: psutil.Process) -> float:
    """The processor time that a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)
