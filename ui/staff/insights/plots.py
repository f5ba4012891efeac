"""Plots as SVG that takes the page's colours and any width; what is written beside them is HTML, which needs no font of its own."""

from collections.abc import Callable, Collection, Sequence
from html import escape

from agent.language import Language
from ui.staff.insights.texts import say

LEAST = 1.5  # percent of the height: a zero is seen, and nothing is not


def plot_html(
    what: str,
    values: Sequence[float | None],
    labels: Sequence[str],
    written: Callable[[float | None], str],
    top: float,
    language: Language,
    *,
    caption: str = "",
    limit: float | None = None,
    marked: Collection[int] = (),
) -> str:
    """Render a plot: a column for each value.

    Args:
        what: is plotted, in words.
        values: None for none.
        labels: of the columns, such as days.
        written: writes a value.
        top: the value that is as high as the plot.
        language: the reader's.
        caption: HTML above the plot, in place of what is plotted.
        limit: a value at which a dashed line is drawn.
        marked: places of the columns that stand out.
    """
    known = [value for value in values if value is not None]
    parts = {"what": what, "first": labels[0], "last": labels[-1]}
    told = (
        say("plot", language, **parts, low=written(min(known)), high=written(max(known))) if known else say("plot_empty", language, **parts)
    )
    bars = "".join(_bar(place, value / top, is_marked=place in marked) for place, value in enumerate(values) if value is not None)
    line = _line(limit / top, len(values)) if limit is not None else ""
    titles = [f"{label}: {written(value)}" for label, value in zip(labels, values, strict=True)]
    pointed = "".join(_pointed(place, title) for place, title in enumerate(titles))
    return (
        f'<figure class="plot"><figcaption>{caption or escape(what)}</figcaption>'
        f'<div class="canvas"><span class="top" aria-hidden="true">{escape(written(top))}</span>'
        f'<svg viewBox="0 0 {len(values)} 100" preserveAspectRatio="none" role="img" aria-label="{escape(told)}">'
        f"{bars}{line}{pointed}</svg>"
        f'</div><div class="axis" aria-hidden="true"><span>{escape(labels[0])}</span><span>{escape(labels[-1])}</span></div></figure>'
    )


def _bar(place: int, part: float, *, is_marked: bool) -> str:
    top = min(_depth(part), 100 - LEAST)
    marked = ' class="marked"' if is_marked else ""
    return f'<rect{marked} x="{place + 0.12:.2f}" y="{top:.2f}" width="0.76" height="{100 - top:.2f}"/>'


def _line(part: float, width: int) -> str:
    return f'<line x1="0" x2="{width}" y1="{_depth(part):.2f}" y2="{_depth(part):.2f}"/>'


def _pointed(place: int, title: str) -> str:
    """Says what is under the pointer."""
    return f'<rect class="pointed" x="{place}" y="0" width="1" height="100"><title>{escape(title)}</title></rect>'


def _depth(part: float) -> float:
    """How far below the upper end a part of the height is."""
    return 100 * (1 - min(part, 1.0))
