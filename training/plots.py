"""Plots of an evaluation as SVG that stands in a page, in its colours and fonts."""

import re
import warnings
from collections.abc import Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PolyCollection
from matplotlib.figure import Figure

from training.evaluation import Judged, confusion_counts, labels_of

# Colours that stand for variables of the page's style sheet, which knows light from dark.
TEXT, ACCENT, SECOND = "#010203", "#010204", "#010205"
VARIABLES = {TEXT: "var(--text)", ACCENT: "var(--accent)", SECOND: "var(--second)"}
STYLE: dict[Any, Any] = {  # matplotlib types its keys one by one
    "font.size": 11,
    "text.parse_math": False,
    "svg.fonttype": "none",
    **dict.fromkeys(["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"], TEXT),
    "axes.spines.top": False,
    "axes.spines.right": False,
    "legend.frameon": False,
}
ABOVE: dict[str, Any] = {"loc": "lower left", "bbox_to_anchor": (0.0, 1.0)}  # a legend that covers nothing
BINS = 15  # of confidence, as the expected calibration error has them
CELL = 0.3  # inches


def confusion_matrix(judged: Sequence[Judged]) -> str:
    """How often each intent was taken for each: the shade is the share of its row, the number the count."""
    labels = labels_of(judged)
    counts = confusion_counts(judged, labels)
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    side = CELL * len(labels) + 2.6
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(side, side)
        rows, columns = np.nonzero(counts)
        squares = [[(x, y), (x + 1, y), (x + 1, y + 1), (x, y + 1)] for y, x in zip(rows, columns, strict=True)]
        shades = 0.12 + 0.88 * shares[rows, columns]  # a single mistake among hundreds is still seen
        colours = [(ACCENT if y == x else SECOND, shade) for y, x, shade in zip(rows, columns, shades, strict=True)]
        axes.add_collection(PolyCollection(squares, facecolors=colours, edgecolors="none"))
        for y, x in zip(rows, columns, strict=True):
            axes.text(x + 0.5, y + 0.5, f"{counts[y, x]:.0f}", ha="center", va="center", fontsize=8)
        places = np.arange(len(labels))
        axes.set(xlim=(0, len(labels)), ylim=(len(labels), 0), aspect="equal", xlabel="taken for", ylabel="labelled")
        axes.set_xticks(places + 0.5, labels, rotation=90)
        axes.set_yticks(places + 0.5, labels)
        axes.hlines(places[1:], 0, len(labels), colors=[(TEXT, 0.1)], linewidth=0.5)
        axes.vlines(places[1:], 0, len(labels), colors=[(TEXT, 0.1)], linewidth=0.5)
        return as_svg(figure, "confusion", "Confusion matrix: labelled intents by row, predicted intents by column")


def reliability(judged: Sequence[Judged]) -> str:
    """How often the classifier is right at each confidence, and how many messages have it (Guo et al. 2017)."""
    confidence = np.array([one.prediction.confidence for one in judged])
    right = np.array([one.is_right for one in judged])
    place = np.minimum((confidence * BINS).astype(int), BINS - 1)
    counts = np.bincount(place, minlength=BINS)
    filled = np.flatnonzero(counts)
    accuracy = np.bincount(place, right, BINS)[filled] / counts[filled]
    mean = np.bincount(place, confidence, BINS)[filled] / counts[filled]
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(5.2, 5.6), layout="constrained")
        top, bottom = figure.subplots(2, 1, sharex=True, height_ratios=[3, 1])
        top.plot([0, 1], [0, 1], color=TEXT, linewidth=1, linestyle="--", label="as sure as it is right")
        top.bar((filled + 0.5) / BINS, accuracy, width=0.9 / BINS, color=[(ACCENT, 0.55)])
        top.plot(mean, accuracy, "o", color=ACCENT, label="messages of similar confidence")
        top.set(xlim=(0, 1), ylim=(0, 1.03), ylabel="share that is right")
        top.legend(**ABOVE)
        bottom.bar((np.arange(BINS) + 0.5) / BINS, counts, width=0.9 / BINS, color=ACCENT)
        bottom.set(xlabel="confidence", ylabel="messages")
        return as_svg(figure, "reliability", "Reliability diagram: share of right predictions by confidence, and how many messages have it")


def scope_scores(judged: Sequence[Judged]) -> str:
    """The out-of-scope scores of messages in scope and out of scope."""
    parts = [[one.prediction.out_of_scope for one in judged if one.in_scope is scope] for scope in (True, False)]
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(5.2, 3.6)
        for scores, colour, name in zip(parts, (ACCENT, SECOND), ("in scope", "out of scope"), strict=True):
            shares, edges = np.histogram(scores, bins=20, range=(0, 1))
            axes.stairs(
                shares / max(len(scores), 1), edges, fill=True, facecolor=(colour, 0.5), edgecolor=colour, label=f"{name} ({len(scores)})"
            )
        axes.set(xlim=(0, 1), xlabel="out-of-scope score", ylabel="share of messages")
        axes.legend(**ABOVE)
        return as_svg(figure, "scope", "Histogram of the out-of-scope score for messages in scope and out of scope")


def new_figure(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty plot, inches wide and high; make it within matplotlib's `rc_context` of `STYLE`."""
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def as_svg(figure: Figure, name: str, description: str) -> str:
    """The figure as an element of a page; its ids are its own and its size is the page's business."""
    stream = StringIO()
    with mpl.rc_context({"svg.hashsalt": name}), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the browser has the glyphs that matplotlib's font lacks
        figure.savefig(stream, format="svg", transparent=True, metadata=dict.fromkeys(["Creator", "Date", "Format", "Type"]))
    svg = stream.getvalue()
    svg = svg[svg.index("<svg") :]
    for colour, variable in VARIABLES.items():
        svg = svg.replace(colour, variable)
    svg = re.sub(r'( id="|url\(#|href="#)', rf"\1{name}-", svg)
    return svg.replace("<svg ", f'<svg role="img" aria-label="{description}" ', 1)


def write_courses(file: Path, courses: Mapping[str, Sequence[Sequence[float]]], what: str, over: str) -> None:
    """Write a picture of how figures grow with the rounds: each seed a thin line, their mean a thick one.

    Args:
        file: where; the ending says which kind of picture.
        courses: of each name the figures of each seed after each round, the start first.
        what: the figures are.
        over: the rounds are.
    """
    with mpl.rc_context(STYLE | dict.fromkeys(["text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"], "#444")):
        figure, axes = new_figure(6.4, 4.0)
        for (name, rows), colour in zip(courses.items(), ("#2f6ea8", "#b0762a"), strict=False):
            for row in rows:
                axes.plot(row, color=colour, linewidth=0.7, alpha=0.5)
            axes.plot(np.mean(rows, axis=0), "o-", color=colour, linewidth=2, label=name)
        axes.set(xlabel=over, ylabel=what)
        axes.legend()
        figure.savefig(file, dpi=150, facecolor="white")
