"""What a change would do, as HTML."""

from collections.abc import Mapping, Sequence
from html import escape

from agent.impact import Impact
from agent.language import Language
from ui.staff.curation.texts import say
from ui.staff.wording import bullets

MOST_SHOWN = 20  # questions in one list


def impact_html(impact: Impact, language: Language) -> str:
    """Render which questions would get another answer, and what entries lose and win by it."""
    count, replayed, total = f"{len(impact.changed):,}", f"{impact.replayed:,}", f"{impact.total:,}"
    key = "impact_some" if impact.changed else "impact_none"
    lists = [
        *_by_entry("impact_lost", impact.lost, language),
        *_by_entry("impact_won", impact.won, language),
        _list(say("impact_answered", language), impact.newly_answered, language),
        _list(say("impact_unanswered", language), impact.no_longer_answered, language),
        _list(say("impact_astray", language), [one.question for one in impact.astray], language),
    ]
    return f"<p>{escape(say(key, language, count=count, replayed=replayed, total=total))}</p>{''.join(lists)}"


def _by_entry(key: str, questions: Mapping[str, Sequence[str]], language: Language) -> list[str]:
    return [_list(f"{say(key, language)}: {entry}", questions[entry], language) for entry in sorted(questions)]


def _list(title: str, questions: Sequence[str], language: Language) -> str:
    if not questions:
        return ""
    left = len(questions) - MOST_SHOWN
    more = [say("and_more", language, count=f"{left:,}")] if left > 0 else []
    return f"<h4>{escape(title)}</h4>{bullets([*questions[:MOST_SHOWN], *more])}"
