"""Files of entries: what one would change, its import, and downloads."""

from pathlib import Path

import gradio as gr

from agent.language import Language
from knowledge_base.curation.curation import Curation
from knowledge_base.errors import EntryError, FrontdeskError
from knowledge_base.importing.preview import ImportPlan, Kind, preview
from knowledge_base.importing.reading import Reading
from knowledge_base.importing.sources import FORMATS, read_source, read_url
from ui.pages import PRIVATE
from ui.staff.curation.downloads import links
from ui.staff.curation.import_view import plan_html
from ui.staff.curation.texts import say
from ui.staff.wording import ENGLISH, Updates, Wording, language_of, notice, person_of, problem

KEPT_S = 3600  # a preview


class TransferTab:
    """The tab; it is laid out where it is made.

    Args:
        curation: takes in what is imported.
        wording: says what is written on it.

    Attributes:
        applied: something was imported, perhaps; the list is to be shown anew.
    """

    def __init__(self, curation: Curation, wording: Wording) -> None:
        self.curation = curation
        put = wording.put
        self.plan = gr.State(None, time_to_live=KEPT_S)
        self.source = gr.State("")
        with gr.Row(elem_classes="bar"):
            self.file = put(gr.File(file_types=list(FORMATS), height=140, min_width=260, elem_id="import-file"), label="import_file")
            with gr.Column(min_width=260):
                self.url = put(gr.Textbox(lines=1, max_length=2000, elem_id="import-url", placeholder="https://"), label="import_url")
                self.look = put(gr.Button(scale=0, min_width=100, elem_id="import-preview"), value="import_preview")
        self.message = gr.HTML(padding=False, elem_id="import-message")
        self.shown = gr.HTML(padding=False, elem_id="import-plan")
        self.apply = gr.Button(say("import_apply", ENGLISH, count="0"), variant="primary", visible=False, scale=0, elem_id="import-apply")
        self.export = put(gr.Markdown(elem_classes="hint"), value="export")
        gr.HTML(links(), padding=False, elem_id="downloads")
        updated = [self.plan, self.source, self.shown, self.apply, self.message, self.file, self.url]
        self.look.click(self._look, [self.file, self.url], updated, trigger_mode="once", api_visibility="private")
        self.applied = self.apply.click(self._apply, [self.plan, self.source], updated, trigger_mode="once", **PRIVATE)

    def _look(self, file: str | None, url: str, request: gr.Request) -> Updates:
        """Show what an import would do; nothing is changed yet."""
        language = language_of(request)
        if not file and not url.strip():
            return self._nothing() | {self.message: problem(say("import_nothing", language))}
        try:
            reading = _read_file(Path(file)) if file else read_url(url.strip())
            plan = preview(reading, self.curation.database)
        except FrontdeskError as error:
            return self._nothing() | {self.message: problem(str(error))}
        return {
            self.plan: plan,
            self.source: Path(file).name if file else url.strip(),
            self.shown: plan_html(plan, language),
            self.apply: self._button(plan, language),
            self.message: "",
        }

    def _apply(self, plan: ImportPlan | None, source: str, request: gr.Request) -> Updates:
        """Import what was shown, all of it or nothing."""
        language = language_of(request)
        if plan is None:  # the server was started anew
            return self._nothing() | {self.message: problem(say("import_nothing", language))}
        try:
            count = plan.apply(person_of(request), f"imported from {source}")
        except FrontdeskError as error:
            return self._nothing() | {self.message: problem(str(error))}
        done = notice(say("import_done", language, count=f"{count:,}"))
        return self._nothing() | {self.message: done, self.file: None, self.url: ""}

    def _nothing(self) -> Updates:
        return {self.plan: None, self.shown: "", self.apply: gr.Button(visible=False)}

    def _button(self, plan: ImportPlan, language: Language) -> gr.Button:
        count = plan.count(Kind.NEW) + plan.count(Kind.CHANGED)
        return gr.Button(say("import_apply", language, count=f"{count:,}"), visible=count > 0)


def _read_file(path: Path) -> Reading:
    """Read what was uploaded; where it lies here is nobody's concern."""
    try:
        return read_source(path)
    except EntryError as error:
        raise EntryError(str(error).replace(str(path), path.name)) from None
