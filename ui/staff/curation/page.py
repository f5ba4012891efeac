"""The page on which the FAQ is kept right: its tabs, and the ways between them."""

import gradio as gr

from knowledge_base.curation.curation import Curation
from ui.pages import PRIVATE
from ui.services import Services
from ui.staff.curation.editor import Editor
from ui.staff.curation.entries_tab import IN_TURN, EntriesTab
from ui.staff.curation.gaps_tab import GapsTab, proposal_of
from ui.staff.curation.playground import Playground
from ui.staff.curation.similar_tab import SimilarTab
from ui.staff.curation.texts import say
from ui.staff.curation.transfer_tab import TransferTab
from ui.staff.navigation import Navigation
from ui.staff.wording import Updates, Values, Wording, language_of, problem

UPLOADS_S = (600, 3600)  # every so often, uploaded files that are older are deleted


class CurationPage:
    """The page.

    Args:
        services: what it is built from.
        navigation: the line above.

    Attributes:
        blocks: the page. Who is signed in comes from the mount.
    """

    def __init__(self, services: Services, navigation: Navigation) -> None:
        self.wording = Wording(say)
        curation = Curation(services.agent.log.database)
        put = self.wording.put
        with gr.Blocks(title="Frontdesk · FAQ", analytics_enabled=False, delete_cache=UPLOADS_S) as self.blocks:
            pages = gr.HTML(padding=False)
            with gr.Tabs(elem_id="desk") as self.tabs:
                with put(gr.Tab(id="entries"), label="entries"):
                    self.entries = EntriesTab(curation, self.wording)
                    self.editor = Editor(curation, services.agent, self.entries.column, self.wording)
                with put(gr.Tab(id="playground"), label="playground"):
                    self.playground = Playground(services.agent, self.wording)
                with put(gr.Tab(id="gaps"), label="gaps"):
                    self.gaps = GapsTab(services.agent, self.wording)
                with put(gr.Tab(id="similar"), label="similar"):
                    self.similar = SimilarTab(curation, services.agent, self.wording)
                with put(gr.Tab(id="transfer"), label="transfer"):
                    self.transfer = TransferTab(curation, self.wording)
            self.blocks.load(navigation.html, None, pages, **PRIVATE)
            self.blocks.load(self._say, None, self.wording.components, **PRIVATE)
            self._wire()

    def _wire(self) -> None:
        entries, editor = self.entries, self.editor
        self.blocks.load(entries.show, entries.asked, entries.shown, **IN_TURN)
        entries.new.click(editor.begin, editor.inputs, editor.shown, trigger_mode="once", **PRIVATE)
        opened = [*editor.shown, self.tabs]
        for opening in (entries.table, self.playground.found, self.similar.found):
            opening.select(self._open, editor.inputs, opened, trigger_mode="once", **PRIVATE)
        self.gaps.found.select(self._write, editor.inputs | {self.gaps.kept}, [*opened, self.gaps.message], trigger_mode="once", **PRIVATE)
        for done in [*editor.closed, self.transfer.applied, self.similar.merged]:
            done.then(entries.show, entries.asked, entries.shown, **IN_TURN)

    def _say(self, request: gr.Request) -> Updates:
        return self.wording.updates(language_of(request))

    def _open(self, values: Values, request: gr.Request, event: gr.SelectData) -> Updates:
        return self.editor.open(str(event.value), values, request) | {self.tabs: gr.Tabs(selected="entries")}

    def _write(self, values: Values, request: gr.Request, event: gr.SelectData) -> Updates:
        """Begin an entry for what was asked in vain."""
        gaps, place = values[self.gaps.kept], int(event.value)
        if place >= len(gaps):  # the server was started anew
            return {self.gaps.message: problem(say("gaps_again", language_of(request)))}
        return self.editor.begin(values, request, proposal_of(gaps[place])) | {self.tabs: gr.Tabs(selected="entries")}
