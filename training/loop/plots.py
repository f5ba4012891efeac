"""Plots of a run of the learning loop, as SVG that stands in a page."""

from collections.abc import Mapping
from typing import Any

import matplotlib as mpl
import numpy as np

from training.loop.report_texts import say
from training.plots import ABOVE, ACCENT, SECOND, STYLE, TEXT, as_svg, new_figure

ROW = 0.28  # inches


def shares_right(intents: Mapping[str, Mapping[str, Any]], name: str, language: str) -> str:
    """How much of each intent two releases do right: a line from the one in service to the challenger.

    Args:
        intents: tallies by intent, see `training.gate.Tally`.
        name: sets the plot's ids apart from others on its page.
        language: of what is written on it, ``en`` or ``zh``.
    """
    order = sorted(intents, key=lambda intent: (intents[intent]["after"] - intents[intent]["before"], intent))
    before, after = (np.array([intents[intent][side] for intent in order]) for side in ("before", "after"))
    rows = np.arange(len(order))
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(6.4, ROW * len(order) + 1.2)
        axes.hlines(rows, before, after, color=[(TEXT, 0.35)], linewidth=2)
        axes.plot(before, rows, "o", color=SECOND, label=say("in_service", language))
        axes.plot(after, rows, "o", color=ACCENT, label=say("challenger", language))
        axes.set(xlim=(-0.02, 1.02), ylim=(-0.7, len(order) - 0.3), xlabel=say("share_right", language))
        axes.set_yticks(rows, order)
        axes.legend(**ABOVE, ncols=2)
        return as_svg(figure, name, say("shares_plot", language))


def growth(intents: Mapping[str, int], language: str) -> str | None:
    """By how many messages each intent grew since the dataset before; None where none did."""
    if not intents:
        return None
    order = sorted(intents, key=lambda intent: (intents[intent], intent))
    values = np.array([intents[intent] for intent in order])
    with mpl.rc_context(STYLE):
        figure, axes = new_figure(6.4, ROW * len(order) + 1.0)
        axes.barh(np.arange(len(order)), values, color=[ACCENT if value > 0 else SECOND for value in values])
        axes.axvline(0, color=TEXT, linewidth=1)
        axes.set(ylim=(-0.7, len(order) - 0.3), xlabel=say("more", language))
        axes.set_yticks(np.arange(len(order)), order)
        return as_svg(figure, "growth", say("growth_plot", language))
