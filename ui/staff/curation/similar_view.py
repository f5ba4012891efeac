"""Pairs of entries side by side, as HTML."""

from collections.abc import Mapping, Sequence
from html import escape

from agent.contradictions import Contradiction
from agent.language import Language
from knowledge_base.curation.version import State, Version
from knowledge_base.duplicates import Duplicate
from knowledge_base.entry import EntryVariant, FAQEntry
from ui.staff.curation.entry_rows import badge
from ui.staff.curation.texts import say
from ui.texts import language_name

MOST_SHOWN = 100


def duplicates_html(pairs: Sequence[Duplicate], versions: Mapping[str, Version], language: Language) -> str:
    """Render pairs that are alike; each side has a button that opens it, and one that merges the other into it, see `rows`.

    Args:
        pairs: what was found.
        versions: of their entries, by id. What somebody is still at work on is opened, not merged.
        language: of who reads it.
    """
    if not pairs:
        return _none("duplicates_none", language)
    return "".join(_duplicate(place, pair, versions, language) for place, pair in enumerate(pairs))


def contradictions_html(found: Sequence[Contradiction], versions: Mapping[str, Version], language: Language) -> str:
    """Render answers that name different figures; arguments as above."""
    if not found:
        return _none("contradictions_none", language)
    left = len(found) - MOST_SHOWN
    more = f"<p>{escape(say('and_more', language, count=f'{left:,}'))}</p>" if left > 0 else ""
    return "".join(_contradiction(one, versions, language) for one in found[:MOST_SHOWN]) + more


def _duplicate(place: int, pair: Duplicate, versions: Mapping[str, Version], language: Language) -> str:
    may_merge = versions[pair.one].state is State.PUBLISHED is versions[pair.other].state
    sides = ""
    for name, entry_id, question in (("one", pair.one, pair.question), ("other", pair.other, pair.other_question)):
        keep = say("keep_this", language)
        button = f'<button type="button" class="small" data-apply="{place}:{name}">{escape(keep)}</button>' if may_merge else ""
        sides += _side(versions[entry_id], question, _asking(versions[entry_id].entry, question), button, language)
    head = escape(say("similarity", language, percent=f"{100 * pair.similarity:.0f}"))
    hint = "" if may_merge else f" · {escape(say('unpublished_pair', language))}"
    return _pair(f"{head}{hint}", sides)


def _contradiction(found: Contradiction, versions: Mapping[str, Version], language: Language) -> str:
    sides = ""
    for entry_id, code, question, figures in (
        (found.one, found.language, found.question, found.figures),
        (found.other, found.other_language, found.other_question, found.other_figures),
    ):
        marks = " ".join(f'<span class="badge figure">{escape(figure)}</span>' for figure in figures)
        sides += _side(versions[entry_id], question, versions[entry_id].entry.variants[code], "", language, marks)
    key = "contradicts_itself" if found.one == found.other else "contradicts"
    return _pair(escape(say(key, language)), sides)


def _pair(head: str, sides: str) -> str:
    return f'<section class="pair"><h4>{head}</h4><div class="sides">{sides}</div></section>'


def _side(version: Version, question: str, variant: EntryVariant, button: str, language: Language, marks: str = "") -> str:
    """An entry in one language."""
    entry_id = escape(version.entry.id)
    opens = f'<button type="button" class="small" data-open="{entry_id}">{escape(say("open", language))}</button>'
    state = "" if version.state is State.PUBLISHED else badge(version.state, language)
    name = f"{entry_id} · {escape(language_name(variant.language, language))} {state}"
    told = f'<p class="told">{escape(variant.answer)}</p>'
    return f"<div><strong>{escape(question)}</strong><small>{name}</small>{marks}{told}{opens}{button}</div>"


def _asking(entry: FAQEntry, question: str) -> EntryVariant:
    """The language that has a question."""
    return next(variant for variant in entry.variants.values() if question in variant.questions)


def _none(key: str, language: Language) -> str:
    return f'<p class="empty">{escape(say(key, language))}</p>'
