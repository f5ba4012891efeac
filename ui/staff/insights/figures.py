"""What became of customers' messages and conversations, in figures: the most important ones, and tables."""

from collections.abc import Callable, Sequence
from datetime import date
from html import escape
from typing import NamedTuple

from agent.intents import OUT_OF_SCOPE
from agent.language import Language
from training.insights.counting import Counts
from training.insights.traffic import UNREAD
from ui.staff.insights.plots import plot_html
from ui.staff.insights.texts import say

NONE = "–"
MOST_SHOWN = 10  # rows of a table; the others are folded away
TOPS = (0.1, 0.2, 0.5, 1.0)  # of a plot of shares
Row = tuple[str, Counts]


class Rate(NamedTuple):
    """A rate that is shown."""

    key: str
    of: Callable[[Counts], float | None]
    better: int  # 1 where more is better, -1 where less is


RATES = (
    Rate("resolution", lambda counts: counts.resolution, 1),
    Rate("hand_over", lambda counts: counts.hand_over, -1),
    Rate("satisfaction", lambda counts: counts.satisfaction, 1),
)
SHARES = (Rate("answer_share", lambda counts: counts.answer_share, 1), Rate("decline_share", lambda counts: counts.decline_share, -1))


def headline_html(now: Counts, before: Counts, language: Language, *, is_before_whole: bool) -> str:
    """Render the most important figures, each with its change.

    Args:
        now: of the time that is shown.
        before: of the time before.
        language: the reader's.
        is_before_whole: whether the log has all of that; where not, its rates can be compared and its numbers cannot.
    """
    count = f"{now.conversations:,}"
    growth = _growth(now.conversations, before.conversations if is_before_whole else 0, language)
    tiles = [_tile("conversations", count, growth, "", _about(now, language)[0], language)]
    for rate, about in zip(RATES, _about(now, language)[1:], strict=True):
        value, was = rate.of(now), rate.of(before)
        change, sense = _change(value, was, rate.better, language)
        tiles.append(_tile(rate.key, percent(value), change, sense, about, language))
    return f'<div class="tiles">{"".join(tiles)}</div>'


def days_html(days: Sequence[date], by_day: dict[date, Counts], total: Counts, language: Language) -> str:
    """Render the course of the days: plots, and the same as a table."""
    found = [by_day.get(day, Counts()) for day in days]
    labels = [f"{day:%m-%d}" for day in days]
    begun = [float(counts.conversations) for counts in found]
    plots = [_plot("conversations", f"{total.conversations:,}", begun, labels, _count, max(begun) or 1.0, language)]
    for rate in RATES:
        values = [rate.of(counts) for counts in found]
        most = max((value for value in values if value is not None), default=0.0)
        top = next(end for end in TOPS if end >= most)
        plots.append(_plot(rate.key, percent(rate.of(total)), values, labels, percent, top, language))
    keys = ["day", "conversations", "messages", *(rate.key for rate in RATES)]
    head = "".join(f"<th>{escape(say(key, language))}</th>" for key in keys)
    rows = "".join(_day_row(day, counts) for day, counts in reversed([*zip(days, found, strict=True)]) if counts.messages)
    table = f'<div class="wide"><table class="days"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'
    return f'<div class="plots">{"".join(plots)}</div><details><summary>{escape(say("as_table", language))}</summary>{table}</details>'


def table_html(heading: str, rows: Sequence[Row], language: Language) -> str:
    """Render a table of what is alike in something, the most frequent first.

    Args:
        heading: of the first column.
        rows: names and counts.
        language: the reader's.
    """
    most = max((counts.messages for _, counts in rows), default=0) or 1
    lines = [_row(name, counts, counts.messages / most, language) for name, counts in sorted(rows, key=lambda row: -row[1].messages)]
    shown, others = lines[:MOST_SHOWN], lines[MOST_SHOWN:]
    table = _table(heading, shown, language)
    if others:
        more = escape(say("others", language, count=str(len(others))))
        table += f"<details><summary>{more}</summary>{_table(heading, others, language)}</details>"
    return table


def intent_name(intent: str, language: Language) -> str:
    """An intent as people read it."""
    return say({OUT_OF_SCOPE: "oos", UNREAD: "unread"}[intent], language) if intent in {OUT_OF_SCOPE, UNREAD} else intent


def percent(value: float | None) -> str:
    """A share as people read it."""
    return NONE if value is None else f"{100 * value:.0f}\N{NO-BREAK SPACE}%"


def _count(value: float | None) -> str:
    return NONE if value is None else f"{value:,.0f}"


def _tile(key: str, value: str, change: str, sense: str, about: str, language: Language) -> str:
    return (
        f'<section class="tile" id="figure-{key}"><h3>{escape(say(key, language))}</h3><p class="value">{escape(value)}</p>'
        f'<p class="change {sense}">{escape(change)}</p><p>{escape(about)}</p></section>'
    )


def _about(now: Counts, language: Language) -> list[str]:
    """What the figures are made of."""
    return [
        say("about_conversations", language, count=f"{now.messages:,}"),
        say("about_resolution", language, yes=f"{now.said_yes:,}", no=f"{now.said_no:,}"),
        say("about_hand_over", language, count=f"{now.handed_over:,}"),
        say("about_satisfaction", language, yes=f"{now.liked:,}", no=f"{now.disliked:,}"),
    ]


def _growth(now: int, before: int, language: Language) -> str:
    if not before:
        return say("no_earlier", language)
    change = round(100 * (now / before - 1))  # a number without a sign of its own: -0 is 0
    return f"{change:+d}\N{NO-BREAK SPACE}% · {say('earlier', language, value=f'{before:,}')}"


def _change(now: float | None, before: float | None, better: int, language: Language) -> tuple[str, str]:
    """How a rate changed in words, and whether that is good."""
    if before is None or now is None:
        return say("no_earlier", language), ""
    points = round(100 * (now - before), 1) + 0.0  # -0 is 0
    sense = "" if not points else "good" if points * better > 0 else "bad"
    change = say("points", language, change=f"{points:+.1f}")
    return f"{change} · {say('earlier', language, value=percent(before))}", sense


def _plot(
    key: str,
    whole: str,
    values: Sequence[float | None],
    labels: Sequence[str],
    written: Callable[[float | None], str],
    top: float,
    language: Language,
) -> str:
    """A plot of the days, with the figure of all of them above it."""
    what = say(key, language)
    return plot_html(what, values, labels, written, top, language, caption=f"{escape(what)} <strong>{escape(whole)}</strong>")


def _day_row(day: date, counts: Counts) -> str:
    cells = [f"{day:%m-%d}", f"{counts.conversations:,}", f"{counts.messages:,}", *(percent(rate.of(counts)) for rate in RATES)]
    row = "".join(f'<td class="number">{escape(cell)}</td>' for cell in cells)
    return f"<tr>{row}</tr>"


def _table(heading: str, lines: Sequence[str], language: Language) -> str:
    keys = ["conversations", "messages", *(rate.key for rate in (*SHARES, *RATES))]
    head = "".join(f"<th>{escape(say(key, language))}</th>" for key in keys)
    return f'<table class="rates"><thead><tr><th>{escape(heading)}</th>{head}</tr></thead><tbody>{"".join(lines)}</tbody></table>'


def _row(name: str, counts: Counts, part: float, language: Language) -> str:
    figures = [("conversations", f"{counts.conversations:,}"), ("messages", f"{counts.messages:,}")]
    figures += [(rate.key, percent(rate.of(counts))) for rate in (*SHARES, *RATES)]
    cells = "".join(f'<td class="number" data-label="{escape(say(key, language))}">{escape(value)}</td>' for key, value in figures)
    volume = f'<span class="volume" aria-hidden="true"><span style="width:{100 * part:.1f}%"></span></span>'
    return f"<tr><th scope=row>{escape(name)}{volume}</th>{cells}</tr>"
