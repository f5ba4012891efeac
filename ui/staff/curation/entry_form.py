"""An entry as a form: its fields on the page, and what was typed into them as an entry."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from agent.language import Language
from knowledge_base.entry import LONGEST_ANSWER, EntryVariant, FAQEntry
from knowledge_base.entry_documents import day_of
from knowledge_base.errors import EntryError
from ui.markdown import markdown_html
from ui.pages import PRIVATE
from ui.staff.curation.texts import say
from ui.staff.wording import Updates, Values, Wording
from ui.texts import language_name

FIRST = ("en", "zh")  # are always there; other languages are added
MOST_LANGUAGES = 8
LONGEST_QUESTIONS = 200_000  # characters of all questions in one language


@dataclass(frozen=True)
class Slot:
    """Where one language is typed.

    Attributes:
        column: all of it.
        head: the language's name.
        code: the language's code; shown where it can be chosen.
        questions: one a line.
        answer: Markdown.
        preview: the answer as customers see it.
    """

    column: gr.Column
    head: gr.HTML
    code: gr.Textbox
    questions: gr.Textbox
    answer: gr.Textbox
    preview: gr.HTML


@dataclass(frozen=True)
class Proposal:
    """What a new entry begins with.

    Attributes:
        id: its id.
        questions: by language.
        answers: by language; where there is none, somebody has to write it.
    """

    id: str
    questions: Mapping[str, Sequence[str]]
    answers: Mapping[str, str]


class EntryForm:
    """The fields; they are laid out where it is made.

    Args:
        intents: what an entry may answer.
        wording: says what is written on them.

    Attributes:
        fields: all that can be typed into.
        shown: what `show` updates.
    """

    def __init__(self, intents: Iterable[str], wording: Wording) -> None:
        put = wording.put
        with gr.Row(elem_classes="fields"):
            self.id = put(gr.Textbox(max_length=100, min_width=200, elem_id="entry-id"), label="id")
            self.category = put(gr.Dropdown([], allow_custom_value=True, min_width=160, elem_id="entry-category"), label="category")
            self.intent = put(
                gr.Dropdown(["", *sorted(intents)], allow_custom_value=True, min_width=160, elem_id="entry-intent"), label="intent"
            )
        with gr.Row(elem_classes="fields"):
            self.tags = put(gr.Textbox(max_length=1000, min_width=200, elem_id="entry-tags"), label="tags")
            self.owner = put(gr.Textbox(max_length=100, min_width=130, elem_id="entry-owner"), label="owner")
            self.valid_from = put(gr.Textbox(max_length=10, min_width=130, elem_id="entry-from"), label="valid_from")
            self.valid_until = put(gr.Textbox(max_length=10, min_width=130, elem_id="entry-until"), label="valid_until")
        self.slots = [self._slot(place, put) for place in range(MOST_LANGUAGES)]
        self.kept = gr.HTML(padding=False)
        self.add = put(gr.Button(scale=0, min_width=140, elem_id="add-language"), value="add_language")
        common: list[Any] = [self.id, self.category, self.intent, self.tags, self.owner, self.valid_from, self.valid_until]
        self.fields = common + [field for slot in self.slots for field in (slot.code, slot.questions, slot.answer)]
        self.shown = [*self.fields, *(part for slot in self.slots for part in (slot.column, slot.head, slot.preview)), self.kept, self.add]
        self.used = gr.State(len(FIRST))
        self.shown.append(self.used)
        for slot in self.slots:
            slot.answer.change(markdown_html, [slot.answer], [slot.preview], trigger_mode="always_last", **PRIVATE)
        self.add.click(self._add, [self.used], [self.used, self.add, *(slot.column for slot in self.slots)], **PRIVATE)

    def _slot(self, place: int, put: Any) -> Slot:
        name = FIRST[place] if place < len(FIRST) else f"more-{place}"
        with gr.Column(visible=place < len(FIRST), elem_classes="language", elem_id=f"language-{name}") as column:
            head = gr.HTML(padding=False)
            code = put(gr.Textbox(max_length=2, visible=place >= len(FIRST), min_width=100, elem_classes="code"), label="code")
            with gr.Row():
                with gr.Column(min_width=260):
                    questions = put(
                        gr.Textbox(lines=4, max_lines=14, max_length=LONGEST_QUESTIONS, elem_classes="questions"), label="questions"
                    )
                    answer = put(gr.Textbox(lines=6, max_lines=24, max_length=LONGEST_ANSWER, elem_classes="answer"), label="answer")
                with gr.Column(min_width=260):
                    preview = put(
                        gr.HTML(show_label=True, container=True, padding=True, elem_classes="preview", min_height=120), label="preview"
                    )
        return Slot(column, head, code, questions, answer, preview)

    def _add(self, used: int) -> Updates:
        used = min(used + 1, MOST_LANGUAGES)
        columns: Updates = {slot.column: gr.Column(visible=place < used) for place, slot in enumerate(self.slots)}
        return columns | {self.used: used, self.add: gr.Button(visible=used < MOST_LANGUAGES)}

    def show(self, entry: FAQEntry | None, categories: Collection[str], language: Language) -> Updates:
        """Fill the form with an entry, or with nothing for a new one.

        Args:
            entry: what is shown.
            categories: that can be chosen; another can be typed.
            language: of who reads the page.
        """
        texts, used = _texts(entry), max(len(FIRST), len(_codes(entry)))
        left_out = sorted(set(entry.variants) - set(_codes(entry))) if entry else []
        updates: Updates = {
            self.id: gr.Textbox(value=entry.id if entry else "", interactive=entry is None),
            self.category: gr.Dropdown(value=texts["category"], choices=sorted({"", *categories})),
            self.intent: texts["intent"],
            self.tags: texts["tags"],
            self.owner: texts["owner"],
            self.valid_from: texts["valid_from"],
            self.valid_until: texts["valid_until"],
            self.kept: f"<p>{say('kept_languages', language, languages=', '.join(left_out))}</p>" if left_out else "",
            self.used: used,
            self.add: gr.Button(visible=used < MOST_LANGUAGES),
        }
        for place, slot in enumerate(self.slots):
            code, questions, answer = _slot_texts(entry, place)
            updates |= {
                slot.column: gr.Column(visible=place < used),
                slot.head: f"<h3>{language_name(code, language)}</h3>" if code else "",
                slot.code: gr.Textbox(value=code),
                slot.questions: questions,
                slot.answer: answer,
                slot.preview: markdown_html(answer),
            }
        return updates

    def propose(self, proposal: Proposal, language: Language) -> Updates:
        """Write a proposal into the form of a new entry, to be looked at and finished; languages that find no place are left out."""
        wanted = {*proposal.questions, *proposal.answers}
        codes = [*FIRST, *sorted(wanted - set(FIRST))][:MOST_LANGUAGES]
        updates: Updates = {self.id: gr.Textbox(value=proposal.id, interactive=True), self.used: len(codes)}
        updates[self.add] = gr.Button(visible=len(codes) < MOST_LANGUAGES)
        for slot, code in zip(self.slots, codes, strict=False):
            answer = proposal.answers.get(code, "")
            updates |= {
                slot.column: gr.Column(visible=True),
                slot.head: f"<h3>{language_name(code, language)}</h3>",
                slot.code: code,
                slot.questions: "\n".join(proposal.questions.get(code, ())),
                slot.answer: answer,
                slot.preview: markdown_html(answer),
            }
        return updates

    def is_changed(self, values: Values, entry: FAQEntry | None) -> bool:
        """Whether something else was typed than an entry says; for a new one, whether anything was."""
        if self._typed(values) == self._typed_of(entry):
            return entry is None and bool(_text(values[self.id]))
        try:
            return self.read(values, entry) != entry  # the same may be typed in other ways
        except EntryError:
            return True

    def read(self, values: Values, before: FAQEntry | None) -> FAQEntry:
        """What was typed.

        Args:
            values: of the fields.
            before: the entry that it was typed over; its languages that found no place on the form are kept.

        Raises:
            EntryError: it breaks a rule.
        """
        entry_id, variants = _text(values[self.id]), {}
        for slot in self.slots:
            code, answer = _text(values[slot.code]).lower(), _text(values[slot.answer])
            questions = tuple(line.strip() for line in _text(values[slot.questions]).splitlines() if line.strip())
            if questions or answer:
                if code in variants:
                    raise EntryError(f"The language {code} is there twice. Give one of the two another code.")
                variants[code] = EntryVariant(code, questions, answer)
        if before:
            variants |= {code: one for code, one in before.variants.items() if code not in _codes(before) and code not in variants}
        tags = [tag.strip() for tag in _text(values[self.tags]).replace("，", ",").split(",")]
        return FAQEntry(
            entry_id,
            variants,
            _text(values[self.category]),
            _text(values[self.intent]) or None,
            tuple(dict.fromkeys(tag for tag in tags if tag)),
            _text(values[self.owner]),
            day_of(_text(values[self.valid_from]), f"Entry {entry_id}: valid from"),
            day_of(_text(values[self.valid_until]), f"Entry {entry_id}: valid until"),
        )

    def _typed(self, values: Values) -> list[str]:
        return [_text(values[field]) for field in self.fields if field is not self.id]

    def _typed_of(self, entry: FAQEntry | None) -> list[str]:
        slots = [_text(text) for place in range(MOST_LANGUAGES) for text in _slot_texts(entry, place)]
        return [*map(_text, _texts(entry).values()), *slots]


def _texts(entry: FAQEntry | None) -> dict[str, str]:
    """What stands in the fields that are the same in every language, in their order."""
    return {
        "category": entry.category if entry else "",
        "intent": (entry.intent or "") if entry else "",
        "tags": ", ".join(entry.tags) if entry else "",
        "owner": entry.owner if entry else "",
        "valid_from": str(entry.valid_from or "") if entry else "",
        "valid_until": str(entry.valid_until or "") if entry else "",
    }


def _codes(entry: FAQEntry | None) -> list[str]:
    """The languages on the form, in their order."""
    return [*FIRST, *sorted(set(entry.variants if entry else ()) - set(FIRST))][:MOST_LANGUAGES]


def _slot_texts(entry: FAQEntry | None, place: int) -> tuple[str, str, str]:
    """A slot's code, questions and answer."""
    codes = _codes(entry)
    code = codes[place] if place < len(codes) else ""
    variant = entry.variants.get(code) if entry else None
    return (code, "\n".join(" ".join(one.splitlines()) for one in variant.questions), variant.answer) if variant else (code, "", "")


def _text(value: object) -> str:
    """What was typed, without the space around it."""
    return str(value or "").replace("\r\n", "\n").strip()
