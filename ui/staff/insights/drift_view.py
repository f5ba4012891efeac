"""Whether customers' messages moved: the alert in words, and how each dimension stands."""

from collections.abc import Sequence
from datetime import date, timedelta
from html import escape

from agent.intents import OUT_OF_SCOPE
from agent.language import Language
from training.insights.drift import FROM_TRAINING, LIMITS, Distance, Mover, Shift
from training.insights.profile import BINS, Dimension
from training.insights.report import Drift, Insights
from ui.staff.insights.figures import NONE, intent_name, percent
from ui.staff.insights.plots import plot_html
from ui.staff.insights.texts import say
from ui.texts import language_name

TOLD = {Dimension.INTENTS: 3, Dimension.CONFIDENCE: 2, Dimension.OUT_OF_SCOPE: 1, Dimension.LANGUAGES: 1}  # movers in an alert
SEEN, TELLING = 0.005, 0.02  # a share that changed by less is not named: beside a plot, in an alert


def alert_html(drift: Drift, language: Language) -> str:
    """Render what moved, in words; nothing if nothing did."""
    moved = [shift for shift in drift.shifts if shift.is_alert]
    if not moved:
        return ""
    lines = "".join(f"<li>{escape(_line(shift, language))}</li>" for shift in moved)
    head = say("alert_training" if moved[0].against_training else "alert", language)
    release = f"<p>{escape(say('alert_release', language))}</p>" if drift.other_releases else ""
    return f'<section class="alert" role="status"><h2>{escape(head)}</h2><ul>{lines}</ul>{release}</section>'


def drift_html(insights: Insights, language: Language) -> str:
    """Render how each dimension stands, and how it did in the weeks before."""
    hint = "drift_training_hint" if insights.drift.shifts[0].against_training else "drift_hint"
    parts = "".join(_dimension(shift, insights.course[shift.dimension], insights.days[-1], language) for shift in insights.drift.shifts)
    return (
        f'<h2>{escape(say("drift", language))}</h2><p class="hint">{escape(say(hint, language))}</p><div class="dimensions">{parts}</div>'
    )


def _line(shift: Shift, language: Language) -> str:
    movers = _movers(shift, TELLING)[: TOLD[shift.dimension]] or _movers(shift, 0.0)[:1]
    told = [_move(shift.dimension, mover, language) for mover in movers]
    return say(
        "alert_line", language, dimension=say(shift.dimension, language), movers=("; " if language.code == "en" else "，").join(told)
    )


def _dimension(shift: Shift, course: Sequence[Distance | None], last: date, language: Language) -> str:
    limit = LIMITS[shift.dimension] * (FROM_TRAINING if shift.against_training else 1.0)
    state = "moved" if shift.is_alert else "steady" if shift.distance else "unknown"
    facts = []
    if shift.distance:
        numbers = {"value": shift.distance.psi, "limit": limit, "noise": shift.distance.noise}
        told = say("from_limit", language, **{key: _number(number) for key, number in numbers.items()})
        facts.append(("to_training" if shift.against_training else "to_earlier", told))
    if not shift.against_training:
        facts.append(("to_training", _number(shift.to_training.psi if shift.to_training else None)))
    listed = "".join(f"<div><dt>{escape(say(key, language))}</dt><dd>{escape(value)}</dd></div>" for key, value in facts)
    moves = "".join(f"<li>{escape(_move(shift.dimension, mover, language))}</li>" for mover in _movers(shift, SEEN)[:3])
    badge = {"moved": "changed", "steady": "published", "unknown": ""}[state]
    return (
        f'<section class="dimension" id="drift-{shift.dimension}"><h3>{escape(say(shift.dimension, language))} '
        f'<span class="badge {badge}">{escape(say(state, language))}</span></h3><dl>{listed}</dl>'
        f"{_course(shift.dimension, course, last, language)}{f'<ul>{moves}</ul>' if moves else ''}</section>"
    )


def _course(dimension: Dimension, course: Sequence[Distance | None], last: date, language: Language) -> str:
    """A plot of how far each week was from the four before it."""
    limit = LIMITS[dimension]
    psi = [week.psi if week else None for week in course]
    labels = [f"{last - timedelta(weeks=ago):%m-%d}" for ago in reversed(range(len(course)))]
    far = {place for place, week in enumerate(course) if week and week.reaches(limit)}
    top = max([2 * limit, *(value for value in psi if value is not None)])
    what, caption = f"{say(dimension, language)}, {say('course', language)}", escape(say("course", language))
    return plot_html(what, psi, labels, _number, top, language, caption=caption, limit=limit, marked=far)


def _movers(shift: Shift, least: float) -> list[Mover]:
    """The categories that changed by so much; of out of scope and its opposite, the first."""
    movers = shift.distance.movers if shift.distance else ()
    told = [mover for mover in movers if shift.dimension is not Dimension.OUT_OF_SCOPE or mover.category == OUT_OF_SCOPE]
    return [mover for mover in told if abs(mover.now - mover.before) >= least]


def _move(dimension: Dimension, mover: Mover, language: Language) -> str:
    """That a category grew or shrank."""
    key = "rose" if mover.now > mover.before else "fell"
    return say(key, language, what=_what(dimension, mover.category, language), before=percent(mover.before), now=percent(mover.now))


def _what(dimension: Dimension, category: str, language: Language) -> str:
    if dimension is Dimension.LANGUAGES:
        return say("what_language", language, name=language_name(category, language))
    if dimension is Dimension.OUT_OF_SCOPE:
        return say("what_oos", language)
    if dimension is Dimension.CONFIDENCE:
        low = float(category)
        return say("what_confidence", language, low=f"{100 * low:.0f}", high=f"{100 * low + 100 / BINS:.0f}")
    return f"{intent_name(category, language)} "


def _number(value: float | None) -> str:
    return NONE if value is None else f"{value:.2f}"
