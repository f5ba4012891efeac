"""What was measured during a soak."""

import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

QUANTILES = {"p50_ms": 50, "p95_ms": 95, "p99_ms": 99}


@dataclass(frozen=True)
class Record:
    """One request, or one thing that was waited for.

    Attributes:
        at: when it was done, in seconds since 1970.
        name: its route, or what was waited for.
        ms: how long it took.
        error: why it failed, None where it did not.
    """

    at: float
    name: str
    ms: float
    error: str | None = None


def read_records(path: Path) -> list[Record]:
    """The records in a file with one line of JSON for each."""
    with path.open(encoding="utf-8") as lines:
        return [Record(**json.loads(line)) for line in lines]


def by_route(records: Iterable[Record]) -> dict[str, dict[str, float]]:
    """For each route ``count``, ``errors``, ``p50_ms``, ``p95_ms``, ``p99_ms``, ``max_ms``; the most frequent one first."""
    routes = defaultdict[str, list[Record]](list)
    for record in records:
        routes[record.name].append(record)
    ordered = sorted(routes.items(), key=lambda item: -len(item[1]))
    return {name: _summary(found) for name, found in ordered}


def _summary(records: Sequence[Record]) -> dict[str, float]:
    times = [record.ms for record in records]
    quantiles = {name: round(float(np.percentile(times, share)), 1) for name, share in QUANTILES.items()}
    errors = sum(record.error is not None for record in records)
    return {"count": len(records), "errors": errors, **quantiles, "max_ms": round(max(times), 1)}
