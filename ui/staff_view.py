"""What staff see beside the chat: why the last reply is what it is."""

from collections.abc import Sequence
from html import escape

from agent.conversation import IntentPrediction, Reason, Reply
from agent.explaining import Word

TOP_INTENTS = 5
TOP_WORDS = 6


def staff_html(reply: Reply | None, words: Sequence[Sequence[Word]] = ()) -> str:
    """Render a reply's intent, route, reasons, sources and timings as HTML.

    Args:
        reply: None while there is none.
        words: that carried each answer, see `agent.explaining.Explainer`.
    """
    if reply is None:
        return '<div class="staff"><p class="staff-empty">–</p></div>'
    intent = reply.intent
    facts = [
        ("route", reply.route),
        ("text", "composed" if reply.composed else "verbatim"),
        ("intent", intent.label if intent else "no prediction"),
        *(_certainty(intent) if intent else []),
        ("language", reply.language),
        ("release", reply.release),
    ]
    rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in facts)
    sources = [(f"{source.id} v{source.version}", f"{source.score:.2f}", source.score) for source in reply.sources]
    reasons = "".join(_reason(reason, found) for reason, found in zip(reply.reasons, words or [()] * len(reply.reasons), strict=True))
    total = max(reply.timings_ms.get("total", 0.0), 0.001)
    timings = [(step, f"{ms:.1f} ms", ms / total) for step, ms in reply.timings_ms.items()]
    written = [(one.text, one.reason if one.supported else f"not sent: {one.reason}", one.score) for one in reply.checked]
    bars = reasons + _bars("Top intents", _top(intent)) + _bars("Sources", sources) + _bars("Written", written) + _bars("Timings", timings)
    return f'<div class="staff"><dl>{rows}</dl>{bars}</div>'


def _reason(reason: Reason, words: Sequence[Word]) -> str:
    """How a question was read, the rule that decided, the words that carried it, and the entries that may answer."""
    strongest = [word for word in words if word.weight > 0][:TOP_WORDS]
    most = max([word.weight for word in strongest], default=1.0)
    read = f"<dl><dt>read as</dt><dd>{escape(reason.text)} ({escape(reason.manner)})</dd><dt>rule</dt><dd>{escape(reason.rule)}</dd></dl>"
    carried = _bars("Words that carried it", [(word.text, f"{word.weight:+.1f}", word.weight / most) for word in strongest])
    return read + carried + _bars("Entries", [(entry, f"{probability:.2f}", probability) for entry, probability in reason.candidates])


def _certainty(intent: IntentPrediction) -> list[tuple[str, str]]:
    return [("act", intent.act or "–"), ("confidence", f"{intent.confidence:.2f}"), ("out of scope", f"{intent.out_of_scope:.2f}")]


def _top(intent: IntentPrediction | None) -> list[tuple[str, str, float]]:
    ranked = sorted(intent.probabilities.items(), key=lambda item: -item[1])[:TOP_INTENTS] if intent else []
    return [(label, f"{probability:.2f}", probability) for label, probability in ranked]


def _bars(title: str, rows: list[tuple[str, str, float]]) -> str:
    """A list of (name, value, share from 0 to 1) with a bar under each."""
    if not rows:
        return ""
    items = "".join(
        f"<li><span>{escape(name)}</span><span>{escape(value)}</span>"
        f'<meter min="0" max="1" value="{share:.3f}">{escape(value)}</meter></li>'
        for name, value, share in rows
    )
    return f"<h3>{escape(title)}</h3><ul>{items}</ul>"
