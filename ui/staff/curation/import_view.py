"""What an import would do, as HTML."""

from html import escape

from agent.language import Language
from knowledge_base.importing.preview import ImportItem, ImportPlan, Kind
from ui.staff.curation.texts import say
from ui.texts import language_name

MOST_SHOWN = 200
ORDER = (Kind.REFUSED, Kind.DUPLICATE, Kind.CHANGED, Kind.NEW, Kind.UNCHANGED)  # what asks for attention comes first
COLUMNS = ("import_kind", "import_place", "import_entry", "import_detail")


def plan_html(plan: ImportPlan, language: Language) -> str:
    """Render how many parts of a file are new, changed, ..., and the parts."""
    counts = "".join(f"<li>{_badge(kind, language)} {plan.count(kind):,}</li>" for kind in ORDER)
    shown = sorted(plan.items, key=lambda item: ORDER.index(item.kind))[:MOST_SHOWN]
    more = ""
    if len(plan.items) > len(shown):
        more = f"<p>{escape(say('import_too_many', language, shown=str(len(shown)), total=f'{len(plan.items):,}'))}</p>"
    heads = "".join(f'<th scope="col">{escape(say(column, language))}</th>' for column in COLUMNS)
    lines = "".join(_row(item, language) for item in shown)
    table = f'<div class="wide"><table class="plan"><thead><tr>{heads}</tr></thead><tbody>{lines}</tbody></table></div>'
    return f'<ul class="counts">{counts}</ul>{table}{more}'


def _row(item: ImportItem, language: Language) -> str:
    entry = item.entry
    name = f"{escape(entry.variant(language.code).title)}<small>{escape(entry.id)}</small>" if entry else ""
    detail = item.reason or "; ".join(_change(change, language) for change in item.changes)
    cells = (_badge(item.kind, language), escape(item.place), name, escape(detail))
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _badge(kind: Kind, language: Language) -> str:
    return f'<span class="badge {kind}">{escape(say(f"import_{kind}", language))}</span>'


def _change(change: str, language: Language) -> str:
    """A change in words: ``en answer``, ``adds zh``, ``removes zh`` or ``category``."""
    first, _, second = change.partition(" ")
    if first in {"adds", "removes"}:
        return say(f"import_{first}", language, name=language_name(second, language))
    if second:
        return say(f"part_{second}", language, name=language_name(first, language))
    return say(f"part_{first}", language)
