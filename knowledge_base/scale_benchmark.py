"""How a large FAQ does: building its index, searching in it, and publishing an entry."""

import random
import time
from collections.abc import Sequence
from dataclasses import replace
from importlib.metadata import version
from typing import Any

import numpy as np
import psutil

from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.index import FAQIndex
from knowledge_base.machine import machine
from knowledge_base.retrieval import Retriever

SEARCHES, PUBLISHED = 500, 20


def many_entries(entries: Sequence[FAQEntry], texts: int, seed: int = 7) -> list[FAQEntry]:
    """A FAQ of many texts: the given entries, asked and told of one product after another.

    Args:
        entries: to be repeated.
        texts: how many questions and answers there are at least.
        seed: of the products' names.
    """
    chance = random.Random(seed)  # noqa: S311 - names
    made, count = list(entries), sum(len(variant.texts) for entry in entries for variant in entry.variants.values())
    while count < texts:
        entry, product = chance.choice(entries), f"{''.join(chance.choices('ABCDEFGHJKLMNPRSTUVWXYZ', k=2))}-{chance.randrange(100, 9999)}"
        variants = {code: _about(variant, product) for code, variant in entry.variants.items()}
        made.append(replace(entry, id=f"{entry.id}-{len(made)}", variants=variants))
        count += sum(len(variant.texts) for variant in variants.values())
    return made


def measure_scale(index: FAQIndex, retriever: Retriever, queries: Sequence[str], build_s: float) -> dict[str, Any]:
    """Measure an index.

    Args:
        index: which this process owns; entries are published in its repository.
        retriever: over it.
        queries: what is asked.
        build_s: how long its building took, in seconds.

    Returns:
        ``texts``; ``build_s``; ``search_ms`` without the encoder, ``encode_ms`` and ``publish_ms`` (from the change to a search that
        finds it), each ``p50`` and ``p95``; ``rss_mb``; machine and versions.
    """
    encode: list[float] = []
    search: list[float] = []
    for text in [queries[place % len(queries)] for place in range(SEARCHES)]:
        vector = _timed(encode, lambda text=text: index.encoder.encode_queries([text])[0])
        _timed(search, lambda text=text, vector=vector: retriever.search(text, vector=vector))
    publish = [_publish(index, retriever, number) for number in range(PUBLISHED)]
    return {
        "texts": index.vectors.count(),
        "build_s": round(build_s, 1),
        "search_ms": _percentiles(search),
        "encode_ms": _percentiles(encode),
        "publish_ms": _percentiles(publish),
        "rss_mb": round(psutil.Process().memory_info().rss / 1e6),
        "machine": machine(),
        "versions": {name: version(name) for name in ("onnxruntime", "chromadb")},
    }


def _publish(index: FAQIndex, retriever: Retriever, number: int) -> float:
    """Publish an entry and wait until it is found. Returns the milliseconds."""
    question = f"Where is the lantern room number {number}?"
    entry = FAQEntry(f"benchmark-{number}", {"en": EntryVariant("en", (question,), f"Lantern room {number} is upstairs.")})
    began = time.perf_counter()
    index.repository.put([entry])
    index.refresh()
    while entry.id not in [candidate.entry.id for candidate in retriever.search(question)]:
        time.sleep(0.01)
    return (time.perf_counter() - began) * 1000


def _timed(times: list[float], work: Any) -> Any:
    began = time.perf_counter()
    result = work()
    times.append((time.perf_counter() - began) * 1000)
    return result


def _percentiles(times: Sequence[float]) -> dict[str, float]:
    return {"p50": round(float(np.percentile(times, 50)), 2), "p95": round(float(np.percentile(times, 95)), 2)}


def _about(variant: EntryVariant, product: str) -> EntryVariant:
    """A variant that speaks of a product."""
    ending = f"（{product}）" if variant.language == "zh" else f" ({product})"
    return EntryVariant(variant.language, tuple(question + ending for question in variant.questions), f"{product}: {variant.answer}")
