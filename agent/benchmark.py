"""How fast an agent answers, on distinct messages, without caches and without a language model."""

import resource
import sys
import time
from collections.abc import Callable, Sequence
from importlib.metadata import version

from agent.agent import CustomerServiceAgent
from knowledge_base.machine import machine

WARM_UP = 5


def benchmark(
    agent: CustomerServiceAgent, messages: Sequence[str], started: float, progress: Callable[[int], object] = lambda _done: None
) -> dict[str, object]:
    """Answer and log each message in conversations of ten turns.

    Args:
        agent: on a data directory of its own, because it logs.
        messages: distinct.
        started: the `time.perf_counter()` moment at which loading began.
        progress: called with 1 after each message.

    Returns:
        ``p50_ms``, ``p95_ms`` a message; ``start_s`` from loading to the first answer; ``rss_mb`` peak memory; n and machine.
    """
    agent.ask(messages[0])
    start_s = time.perf_counter() - started
    for message in messages[:WARM_UP]:
        agent.ask(message)
    times = []
    for place, message in enumerate(messages):
        if place % 10 == 0:
            conversation = agent.log.start("benchmark")
        began = time.perf_counter()
        agent.reply(conversation, message)
        times.append((time.perf_counter() - began) * 1000)
        progress(1)
    times.sort()
    return {
        "n": len(times),
        "p50_ms": round(times[len(times) // 2], 2),
        "p95_ms": round(times[int(len(times) * 0.95)], 2),
        "start_s": round(start_s, 2),
        "rss_mb": round(_peak_bytes() / 1e6),
        "machine": machine(),
        "versions": {name: version(name) for name in ("onnxruntime", "chromadb", "torch")},
    }


def _peak_bytes() -> int:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
