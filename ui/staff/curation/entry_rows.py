"""The list of entries as HTML."""

from collections.abc import Mapping, Sequence
from html import escape

from agent.language import Language
from knowledge_base.curation.listing import Listed
from knowledge_base.curation.version import State
from ui.staff.curation.texts import say
from ui.texts import language_name

COLUMNS = ("title", "state", "language", "category", "tags_short", "owner", "changed")


def entry_rows(entries: Sequence[Listed], titles: Mapping[str, str], language: Language) -> str:
    """Render entries as rows of `rows`.

    Args:
        entries: what is listed; a row's key names the version that is seen, see `row_key`.
        titles: what they are called, by id.
        language: of who reads it.
    """
    if not entries:
        return f'<p class="empty">{escape(say("none_found", language))}</p>'
    heads = "".join(f'<th scope="col">{escape(say(column, language))}</th>' for column in COLUMNS)
    choose = f'<th><input type="checkbox" data-all aria-label="{escape(say("choose_all", language))}"></th>'
    lines = "".join(_row(one, titles.get(one.id, one.title), language) for one in entries)
    return f'<table class="entries"><thead><tr>{choose}{heads}</tr></thead><tbody>{lines}</tbody></table>'


def row_key(entry_id: str, number: int) -> str:
    """What is chosen where an entry is: its id, and the version that was looked at."""
    return f"{entry_id}@{number}"


def versions_of(keys: Sequence[object]) -> dict[str, int]:
    """The versions that were looked at, by id; what is no key is passed over."""
    pairs = [str(key).rpartition("@") for key in keys]
    return {entry_id: int(number) for entry_id, _, number in pairs if number.isdecimal()}


def badge(state: State, language: Language) -> str:
    """A state."""
    return f'<span class="badge {state}">{escape(say(state, language))}</span>'


def stale_marks(stale: Sequence[str], language: Language) -> str:
    """The languages that are to be confirmed."""
    marks = [say("to_confirm", language, name=language_name(code, language)) for code in stale]
    return "".join(f'<span class="badge stale">{escape(mark)}</span>' for mark in marks)


def _row(one: Listed, title: str, language: Language) -> str:
    key = escape(row_key(one.id, one.number))
    served = say("served_too", language, number=str(one.served)) if one.served not in {None, one.number} else ""
    cells = [
        f'<button type="button" class="link" data-open="{escape(one.id)}">{escape(title)}</button><small>{escape(one.id)}</small>',
        f"{badge(one.state, language)}<small>{escape(served)}</small>",
        f"{escape(' '.join(one.languages))} {stale_marks(one.stale, language)}",
        escape(one.category),
        " ".join(f'<span class="tag">{escape(tag)}</span>' for tag in one.tags),
        escape(one.owner),
        f"{escape(one.author)}<small>{one.at:%Y-%m-%d %H:%M}</small>",
    ]
    choose = f'<input type="checkbox" data-row="{key}" aria-label="{escape(say("choose", language, title=title))}">'
    shown = "".join(f'<td class="{name}">{cell}</td>' for name, cell in zip(COLUMNS, cells, strict=True))
    return f'<tr><td class="choose">{choose}</td>{shown}</tr>'
