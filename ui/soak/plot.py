"""How a soak went, at a glance."""

from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from ui.soak.records import QUANTILES, Record
from ui.soak.soak import Soak

COLOURS = {"p50_ms": "#0d9488", "p95_ms": "#f59e0b", "p99_ms": "#dc2626"}
STYLE: dict[Any, Any] = {"font.size": 10, "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False}
WATCHED = ("POST message, streamed", "first piece of a streamed reply", "GET /v1/faq/search", "a person's words on their way")
ABOVE: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0)}  # legends that cover nothing
MINUTE = 60.0


def plot_soak(soak: Soak, records: Sequence[Record], file: Path) -> None:
    """Draw percentiles by route, percentiles by minute, and memory with the rate of messages.

    Args:
        soak: how the service did.
        records: every single one.
        file: a PNG to be.
    """
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(11, 11), layout="constrained")
        upper, middle, lower = figure.subplots(3, 1, height_ratios=[1.5, 1, 1])
        _routes(upper, soak)
        _by_minute(middle, records)
        _memory(lower, soak, records)
        figure.suptitle(f"{soak.customers} customers at once for {soak.minutes:g} minutes, {soak.failed} errors; {soak.machine}")
        figure.savefig(file, dpi=110)


def _routes(axes: Axes, soak: Soak) -> None:
    names = list(soak.routes)[::-1]
    places = np.arange(len(names))
    for name in QUANTILES:
        axes.scatter([soak.routes[route][name] for route in names], places, color=COLOURS[name], label=name.removesuffix("_ms"), zorder=3)
    axes.hlines(places, [soak.routes[one]["p50_ms"] for one in names], [soak.routes[one]["p99_ms"] for one in names], color="#cbd5e1")
    axes.set_yticks(places, [f"{route} ({soak.routes[route]['count']:,})" for route in names])
    axes.set(xscale="log", xlabel="milliseconds")
    axes.set_title("By route", loc="left")
    axes.grid(axis="x", alpha=0.3)
    axes.legend(ncols=3, **ABOVE)


def _by_minute(axes: Axes, records: Sequence[Record]) -> None:
    first = records[0].at
    for name in WATCHED:
        minutes = defaultdict[int, list[float]](list)
        for record in records:
            if record.name == name:
                minutes[int((record.at - first) / MINUTE)].append(record.ms)
        axes.plot(list(minutes), [np.percentile(times, QUANTILES["p95_ms"]) for times in minutes.values()], label=name)
    axes.set(yscale="log", xlabel="minute", ylabel="p95 by minute, milliseconds")
    axes.grid(alpha=0.3)
    axes.legend(ncols=4, fontsize=8, **ABOVE)


def _memory(axes: Axes, soak: Soak, records: Sequence[Record]) -> None:
    seconds, figures = zip(*soak.memory, strict=True)
    axes.plot(np.array(seconds) / MINUTE, figures, color=COLOURS["p50_ms"])
    axes.set(ylim=(0, None), xlabel="minute", ylabel="memory, MB", title="Memory of the service, and messages a second")
    sent = [record.at for record in records if record.name.startswith("POST message")]
    counts, edges = np.histogram((np.array(sent) - records[0].at) / MINUTE, bins=np.arange(0, soak.minutes + 1))
    right = axes.twinx()
    right.spines["right"].set_visible(True)
    right.step(edges[:-1], counts / MINUTE, where="post", color="#94a3b8")
    right.set(ylim=(0, 2 * max(counts, default=1) / MINUTE), ylabel="messages a second")  # below the other line
