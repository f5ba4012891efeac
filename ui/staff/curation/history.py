"""What an entry was, and what changed, as HTML."""

from collections.abc import Iterable, Sequence
from html import escape

from agent.language import Language
from knowledge_base.curation.difference import Change, differences
from knowledge_base.curation.version import Version
from ui.staff.curation.entry_rows import badge
from ui.staff.curation.texts import say
from ui.texts import language_name

MOST_SHOWN = 50
TAGS = {"+": "ins", "-": "del", " ": "span"}


def history_html(versions: Sequence[Version], language: Language) -> str:
    """Render versions, newest first, each with what it changed and a button that restores it, see `rows`."""
    shown = versions[:MOST_SHOWN]
    before = [*versions[1 : len(shown) + 1], None][: len(shown)]
    items = [
        _version(one, was, is_newest=place == 0, language=language) for place, (one, was) in enumerate(zip(shown, before, strict=True))
    ]
    left = len(versions) - len(shown)
    return "".join(items) + (f"<p>{escape(say('more_versions', language, count=str(left)))}</p>" if left else "")


def changes_html(changes: Iterable[Change], language: Language) -> str:
    """Render differences: a sign and a colour for what came and for what went."""
    return "".join(
        f'<h4>{escape(_part(change.part, language))}</h4><div class="diff">{"".join(map(_line, change.lines))}</div>' for change in changes
    )


def _version(version: Version, was: Version | None, *, is_newest: bool, language: Language) -> str:
    heading = (
        f"<strong>{escape(say('number', language, number=str(version.number)))}</strong> {badge(version.state, language)} "
        f"{escape(version.author)} · {version.at:%Y-%m-%d %H:%M} UTC {f'· {escape(version.note)}' if version.note else ''}"
    )
    changed = changes_html(differences(was.entry if was else None, version.entry), language)
    changed = changed or f"<p>{escape(say('no_difference', language))}</p>"
    restore = f'<button type="button" class="small" data-open="{version.number}">{escape(say("restore", language))}</button>'
    return f'<details class="version"><summary>{heading}</summary>{changed}{"" if is_newest else restore}</details>'


def _part(part: str, language: Language) -> str:
    """A part's name as people say it."""
    code, _, what = part.partition(" ")
    return say(f"part_{what}", language, name=language_name(code, language)) if what else say(f"part_{part}", language)


def _line(line: str) -> str:
    tag = TAGS[line[:1]]
    return f"<{tag}>{escape(line)}</{tag}>"
