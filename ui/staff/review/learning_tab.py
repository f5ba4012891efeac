"""What training made of it: the runs of the learning loop, the datasets, and the button that starts one."""

import gradio as gr

from agent.language import Language
from knowledge_base.errors import FrontdeskError
from training.datasets.versions import DatasetVersions
from training.loop.launching import LoopLauncher
from ui.pages import PRIVATE
from ui.staff.review.learning_view import LearningView
from ui.staff.review.texts import say
from ui.staff.wording import Updates, Wording, language_of, notice, person_of, problem

REFRESH_S = 3.0  # while a training goes on


class LearningTab:
    """The tab; it is laid out where it is made.

    Args:
        launcher: starts the loop.
        datasets: what was trained on.
        view: renders both.
        wording: says what is written on it.

    Attributes:
        shown: what `show` updates.
    """

    def __init__(self, launcher: LoopLauncher, datasets: DatasetVersions, view: LearningView, wording: Wording) -> None:
        self.launcher, self.datasets, self.view = launcher, datasets, view
        put = wording.put
        self.clock = gr.Timer(REFRESH_S, active=False)
        put(gr.Markdown(elem_classes="hint"), value="learning_hint")
        self.train = put(gr.Button(variant="primary", scale=0, min_width=140, elem_id="train-now"), value="train_now")
        self.message = gr.HTML(padding=False, elem_id="learning-message")
        self.state = gr.HTML(padding=False, elem_id="learning-state")
        self.runs = gr.HTML(padding=False, elem_id="learning-runs", elem_classes="learned")
        self.versions = gr.HTML(padding=False, elem_id="learning-datasets", elem_classes="learned")
        self.shown = [self.clock, self.train, self.message, self.state, self.runs, self.versions]
        self.train.click(self._start, None, self.shown, trigger_mode="once", **PRIVATE)
        self.clock.tick(self._refresh, None, self.shown, trigger_mode="once", **PRIVATE)

    def show(self, request: gr.Request) -> Updates:
        """Show how far it is, and what was."""
        return self._refresh(request) | {self.message: ""}

    def _refresh(self, request: gr.Request) -> Updates:
        return self._now(language_of(request))

    def _start(self, request: gr.Request) -> Updates:
        language = language_of(request)
        try:
            started = self.launcher.start(person_of(request))
        except FrontdeskError as error:
            return self._now(language) | {self.message: problem(str(error))}
        return self._now(language) | {self.message: notice(say("training_started" if started else "training_runs", language))}

    def _now(self, language: Language) -> Updates:
        running, runs = self.launcher.is_running(), self.launcher.runs.all()
        return {
            self.clock: gr.Timer(active=running),
            self.train: gr.Button(interactive=not running),
            self.state: self.view.state(runs[0] if runs else None, self.launcher.log_tail(), language, is_running=running),
            self.runs: self.view.runs(runs, language),
            self.versions: self.view.datasets(self.datasets.all(), language),
        }
