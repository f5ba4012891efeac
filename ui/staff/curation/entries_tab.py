"""The list of all entries: found, filtered, in pages, and changed together."""

from collections.abc import Sequence
from typing import Any

import gradio as gr

from agent.language import Language
from knowledge_base.curation.curation import Curation
from knowledge_base.curation.listing import EntryList, Filter, Listed
from knowledge_base.curation.version import State
from knowledge_base.errors import ConflictError, FrontdeskError
from ui.pages import PRIVATE
from ui.staff.curation.bulk import Bulk, change_all
from ui.staff.curation.entry_rows import entry_rows, versions_of
from ui.staff.curation.texts import say
from ui.staff.rows import rows
from ui.staff.wording import ENGLISH, Updates, Values, Wording, language_of, notice, person_of, problem
from ui.texts import language_name

PAGE = 50
FILTERS = ("state", "category", "tag", "owner", "language")
# Gradio may run an event before an earlier one has ended; the list has to show what was asked for last.
IN_TURN = PRIVATE | {"concurrency_id": "faq-list", "concurrency_limit": 1}


class EntriesTab:
    """The list; it is laid out where it is made.

    Args:
        curation: changes entries.
        wording: says what is written on it.

    Attributes:
        column: all of it.
        table: the rows; opening one is its event ``select``.
        new: the button for a new entry.
        shown: what `show` updates.
    """

    def __init__(self, curation: Curation, wording: Wording) -> None:
        self.curation, self.list = curation, EntryList(curation.database)
        put = wording.put
        with gr.Column(elem_id="entries-list") as self.column:
            self.offset = gr.State(0)
            with gr.Row(elem_classes="bar"):
                self.search = put(gr.Textbox(lines=1, max_length=200, scale=4, elem_id="search"), label="search", placeholder="search_hint")
                self.new = put(gr.Button(variant="primary", scale=0, min_width=140, elem_id="new-entry"), value="new_entry")
            with gr.Row(elem_classes="filters"):
                self.filters = {name: put(_dropdown(f"filter-{name}"), label=name) for name in FILTERS}
                self.stale = put(gr.Checkbox(container=False, min_width=120, elem_id="filter-stale"), label="stale_only")
            with gr.Row(elem_classes="bulk", elem_id="bulk"):
                self.chosen = gr.HTML(padding=False)
                self.bulk = put(
                    gr.Dropdown(_bulk_choices(ENGLISH), value=Bulk.PUBLISH.value, min_width=160, elem_id="bulk-action"), label="bulk"
                )
                self.value = put(
                    gr.Textbox(lines=1, max_length=200, visible=False, min_width=160, elem_id="bulk-value"), label="bulk_value"
                )
                self.everything = put(gr.Checkbox(container=False, min_width=160, elem_id="bulk-everything"), label="everything")
                self.apply = put(gr.Button(scale=0, min_width=100, elem_id="bulk-apply"), value="bulk_apply")
            self.message = gr.HTML(padding=False, elem_id="list-message")
            self.table = rows("entries-table")
            with gr.Row(elem_classes="pager"):
                self.previous = put(gr.Button(scale=0, min_width=100, elem_id="previous"), value="previous")
                self.range = gr.HTML(padding=False, elem_id="range")
                self.next = put(gr.Button(scale=0, min_width=100, elem_id="next"), value="next")
        self.shown = [*self.filters.values(), self.chosen, self.bulk, self.everything, self.table]
        self.shown += [self.previous, self.range, self.next, self.offset, self.message]
        self._wire()

    def _wire(self) -> None:
        asked = self.asked
        wanted = [self.search.change, *(box.input for box in self.filters.values()), self.stale.input]
        gr.on(wanted, self._first_page, asked, self.shown, trigger_mode="always_last", **IN_TURN)
        self.previous.click(self._previous, asked, self.shown, **IN_TURN)
        self.next.click(self._next, asked, self.shown, **IN_TURN)
        self.table.change(self._count, {self.table}, [self.chosen], trigger_mode="always_last", **PRIVATE)
        self.bulk.input(_value_box, [self.bulk], [self.value], trigger_mode="always_last", **PRIVATE)
        doing = asked | {self.table, self.bulk, self.value, self.everything}
        self.apply.click(self._apply, doing, self.shown, trigger_mode="once", **IN_TURN)

    def show(self, values: Values, request: gr.Request) -> Updates:
        """Show the page of the list that is open, and what there is to filter by; `values` are those of `asked`."""
        return self._page(values, int(values[self.offset]), request) | self._choices(language_of(request)) | {self.message: ""}

    @property
    def asked(self) -> set[Any]:
        """What `show` has to know."""
        return {self.search, *self.filters.values(), self.stale, self.offset}

    def _first_page(self, values: Values, request: gr.Request) -> Updates:
        return self._page(values, 0, request) | {self.message: ""}

    def _previous(self, values: Values, request: gr.Request) -> Updates:
        return self._page(values, int(values[self.offset]) - PAGE, request)

    def _next(self, values: Values, request: gr.Request) -> Updates:
        return self._page(values, int(values[self.offset]) + PAGE, request)

    def _apply(self, values: Values, request: gr.Request) -> Updates:
        """Do it with all that are chosen, or say why it is done with none."""
        language, bulk, value = language_of(request), Bulk(values[self.bulk]), str(values[self.value] or "").strip()
        based_on = self.list.numbers(self._filter(values)) if values[self.everything] else versions_of(values[self.table] or [])
        if not based_on:
            return {self.message: problem(say("bulk_nothing", language))}
        if bulk.needs_text and not value:
            return {self.message: problem(say("bulk_no_value", language))}
        try:
            count = change_all(self.curation, bulk, value, based_on, person_of(request))
        except ConflictError as error:  # what was looked at is not what is: it is shown anew
            return self.show(values, request) | {self.message: problem(str(error))}
        except FrontdeskError as error:
            return {self.message: problem(str(error))}
        return self.show(values, request) | {self.message: notice(say("bulk_done", language, count=str(count)))}

    def _page(self, values: Values, offset: int, request: gr.Request) -> Updates:
        language, wanted = language_of(request), self._filter(values)
        page = self.list.page(wanted, PAGE, max(0, offset))
        if not page.entries and offset > 0:  # there were more a moment ago
            offset = 0
            page = self.list.page(wanted, PAGE)
        last = offset + len(page.entries)
        text = say("range", language, first=str(offset + 1), last=str(last), total=f"{page.total:,}") if page.entries else ""
        return {
            self.table: gr.HTML(rows=entry_rows(page.entries, self._titles(page.entries, language), language), value=[]),
            self.chosen: _count(0, language),
            self.everything: gr.Checkbox(value=False, visible=page.total > len(page.entries)),
            self.range: text,
            self.previous: gr.Button(visible=offset > 0),
            self.next: gr.Button(visible=last < page.total),
            self.offset: offset,
        }

    def _titles(self, entries: Sequence[Listed], language: Language) -> dict[str, str]:
        """What entries are called in a language, by id."""
        heads = self.curation.heads([one.id for one in entries])
        return {entry_id: head.entry.variant(language.code).title for entry_id, head in heads.items()}

    def _choices(self, language: Language) -> Updates:
        found, everything = self.list.choices(), (say("any", language), "")
        known: dict[str, list[tuple[str, str]]] = {
            "state": [(say(state, language), state.value) for state in State],
            "category": [(one, one) for one in found.categories],
            "tag": [(one, one) for one in found.tags],
            "owner": [(one, one) for one in found.owners],
            "language": [(language_name(code, language), code) for code in found.languages],
        }
        boxes: Updates = {self.filters[name]: gr.Dropdown(choices=[everything, *choices]) for name, choices in known.items()}
        return boxes | {self.bulk: gr.Dropdown(choices=_bulk_choices(language))}

    def _filter(self, values: Values) -> Filter:
        named = {name: str(values[box] or "") or None for name, box in self.filters.items()}
        state = State(named["state"]) if named["state"] else None
        text, stale = str(values[self.search] or ""), bool(values[self.stale])
        return Filter(text, state, named["category"], named["tag"], named["owner"], named["language"], stale)

    def _count(self, values: Values, request: gr.Request) -> Updates:
        return {self.chosen: _count(len(values[self.table] or []), language_of(request))}


def _count(count: int, language: Language) -> str:
    return f'<p data-count="{count}">{say("chosen", language, count=str(count))}</p>'


def _bulk_choices(language: Language) -> list[tuple[str, str]]:
    return [(say(f"bulk_{one}", language), one.value) for one in Bulk]


def _value_box(bulk: str) -> gr.Textbox:
    return gr.Textbox(visible=Bulk(bulk).has_value)


def _dropdown(elem_id: str) -> gr.Dropdown:
    """A filter, which wants anything until something is chosen."""
    return gr.Dropdown([(say("any", ENGLISH), "")], value="", interactive=True, min_width=130, elem_id=elem_id)
