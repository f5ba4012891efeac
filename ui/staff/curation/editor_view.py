"""What stands on the editor, and how a version is shown there."""

from html import escape

import gradio as gr

from agent.language import Language
from knowledge_base.curation.curation import Curation
from knowledge_base.curation.difference import differences
from knowledge_base.curation.listing import EntryList
from knowledge_base.curation.version import State, Version
from knowledge_base.entry import FAQEntry
from knowledge_base.repository import FAQRepository
from ui.staff.curation.entry_form import EntryForm, Proposal
from ui.staff.curation.entry_rows import badge, stale_marks
from ui.staff.curation.history import changes_html, history_html
from ui.staff.curation.texts import say
from ui.staff.rows import rows
from ui.staff.wording import Updates, Wording, problem
from ui.texts import language_name


class EditorView:
    """The editor's parts; they are laid out where it is made, and stand in place of the list while it is open.

    Args:
        curation: has what is shown.
        intents: what an entry may answer.
        listing: the list's column.
        wording: says what is written on it.

    Attributes:
        form: what can be typed into.
        based_on: the version that was opened, 0 for a new entry, None while none is open.
        rival: the version that somebody else made meanwhile, 0 for none.
        shown: all that can be updated.
    """

    def __init__(self, curation: Curation, intents: list[str], listing: gr.Column, wording: Wording) -> None:
        self.curation, self.listing = curation, listing
        put = wording.put

        def button(name: str, *, visible: bool = True, variant: str = "secondary", width: int = 110) -> gr.Button:
            """A button that does something with the entry."""
            made = gr.Button(variant=variant, visible=visible, scale=0, min_width=width, elem_id=name.replace("_", "-"))  # type: ignore[arg-type]
            return put(made, value=name)

        self.based_on, self.rival = gr.State(None), gr.State(0)
        with gr.Column(visible=False, elem_id="editor") as self.column:
            with gr.Row(elem_classes="bar"):
                self.back = button("back", width=160)
                self.head = gr.HTML(padding=False, elem_id="entry-head")
            self.form = EntryForm(intents, wording)
            with gr.Column(visible=False, elem_id="conflict") as self.conflict:
                self.newer = gr.HTML(padding=False)
                with gr.Row(elem_classes="actions"):
                    self.keep_mine = button("keep_mine", width=200)
                    self.take_theirs = button("take_theirs", width=200)
            self.message = gr.HTML(padding=False, elem_id="entry-message")
            with gr.Row(elem_classes="actions"):
                self.save, self.review, self.impact = button("save"), button("review"), button("impact")
                self.publish = button("publish", variant="primary")
                self.confirm = gr.Button(visible=False, scale=0, min_width=110, elem_id="confirm")
                self.discard, self.archive, self.leave = (button(name, visible=False) for name in ("discard", "archive", "leave"))
            self.changes = gr.HTML(padding=False, elem_id="changes")
            with put(gr.Accordion(open=False, elem_id="history-box"), label="history"):
                self.history = rows("history")
        self.shown = [self.column, self.listing, *self.form.shown, self.based_on, self.rival, self.head, self.conflict, self.newer]
        self.shown += [self.message, self.changes, self.history, self.confirm, self.discard, self.archive, self.leave]

    def show(self, version: Version | None, language: Language, proposal: Proposal | None = None) -> Updates:
        """All of it, as it was kept.

        Args:
            version: what is shown, None for a new entry.
            language: of who reads the page.
            proposal: what a new entry begins with.
        """
        categories = EntryList(self.curation.database).choices().categories
        form = self.form.show(version.entry if version else None, categories, language)
        form |= self.form.propose(proposal, language) if proposal else {}
        return {self.column: gr.Column(visible=True), self.listing: gr.Column(visible=False)} | self.stand(version, language) | form

    def stand(self, version: Version | None, language: Language) -> Updates:
        """All but what was typed."""
        stale = sorted(version.stale) if version else []
        names = "、".join(language_name(code, language) for code in stale)
        return {
            self.form.id: gr.Textbox(interactive=version is None),
            self.based_on: version.number if version else 0,
            self.rival: 0,
            self.head: self._head(version, language),
            self.conflict: gr.Column(visible=False),
            self.message: "",
            self.changes: "",
            self.history: gr.HTML(rows=history_html(self.curation.history(version.entry.id), language) if version else ""),
            self.confirm: gr.Button(value=say("confirm", language, languages=names), visible=bool(stale)),
            self.discard: gr.Button(visible=version is not None),
            self.archive: gr.Button(visible=version is not None and version.state is not State.ARCHIVED),
            self.leave: gr.Button(visible=False),
        }

    def differ(self, why: str, head: Version, mine: FAQEntry | None, language: Language) -> Updates:
        """Say who was faster, and what is different; what was typed stays until somebody chooses.

        Args:
            why: what was refused.
            head: the version that somebody else made.
            mine: what was typed; None where it is no entry yet, and there is nothing to compare.
            language: of who reads the page.
        """
        by = say("newer", language, number=str(head.number), author=head.author, at=f"{head.at:%Y-%m-%d %H:%M}")
        legend = f"<del>- {escape(say('theirs', language, number=str(head.number)))}</del> <ins>+ {escape(say('mine', language))}</ins>"
        different = changes_html(differences(head.entry, mine), language) if mine else ""
        return {
            self.message: problem(why),
            self.rival: head.number,
            self.conflict: gr.Column(visible=True),
            self.newer: f"<p>{escape(by)}</p><p>{legend}</p>{different}",
        }

    def keep_open(self, language: Language) -> Updates:
        """Say that something would be lost."""
        return {
            self.column: gr.Column(visible=True),
            self.listing: gr.Column(visible=False),
            self.message: problem(say("unsaved", language)),
            self.leave: gr.Button(visible=True),
        }

    def close(self) -> Updates:
        """The list again."""
        return {self.column: gr.Column(visible=False), self.listing: gr.Column(visible=True), self.based_on: None}

    def _head(self, version: Version | None, language: Language) -> str:
        if version is None:
            return f"<h2>{escape(say('is_new', language))}</h2>"
        served = FAQRepository(self.curation.database).get([version.entry.id]).get(version.entry.id)
        told = say("is_public", language, number=str(served.version)) if served else say("is_not_public", language)
        made = say("version", language, number=str(version.number), author=version.author, at=f"{version.at:%Y-%m-%d %H:%M}")
        title = escape(version.entry.variant(language.code).title)
        marks = badge(version.state, language) + stale_marks(sorted(version.stale), language)
        return f"<h2>{title}</h2><p>{escape(version.entry.id)} {marks} {escape(made)}. {escape(told)}</p>"
