"""What is done with one entry: whatever becomes of it, what was typed is kept."""

from collections.abc import Callable, Mapping

import gradio as gr

from agent.agent import CustomerServiceAgent
from agent.impact import ImpactCheck, recent_messages
from agent.language import Language
from knowledge_base.curation.curation import Curation
from knowledge_base.curation.version import State, Version
from knowledge_base.entry import FAQEntry
from knowledge_base.errors import ConflictError, EntryError, FrontdeskError
from ui.pages import PRIVATE
from ui.staff.curation.editor_view import EditorView
from ui.staff.curation.entry_form import Proposal
from ui.staff.curation.impact_view import impact_html
from ui.staff.curation.texts import say
from ui.staff.progress import shown_by
from ui.staff.wording import Updates, Values, Wording, language_of, notice, person_of, problem

PROGRESS = gr.Progress()
REPLAYED_DAYS, REPLAYED_MESSAGES = 30, 2000
# What is done with what was typed, by whom: the version then, and what is said about it.
Work = Callable[[Values, str], tuple[Version, str]]


class Editor:
    """The editor.

    Args:
        curation: keeps what is typed.
        agent: tells what a change would do.
        listing: the list's column, in whose place it stands.
        wording: says what is written on it.

    Attributes:
        inputs: what was typed, and which version it was typed over.
        shown: what `open` and `begin` update.
        closed: it may have been closed; the list is to be shown anew.
    """

    def __init__(self, curation: Curation, agent: CustomerServiceAgent, listing: gr.Column, wording: Wording) -> None:
        self.curation, self.agent = curation, agent
        self.view = EditorView(curation, sorted(agent.release.intents), listing, wording)
        self.form, self.based_on, self.rival = self.view.form, self.view.based_on, self.view.rival
        self.inputs, self.shown = {*self.form.fields, self.based_on, self.rival}, self.view.shown
        self._wire()

    def _wire(self) -> None:
        view = self.view
        once = {"inputs": self.inputs, "outputs": self.shown, "trigger_mode": "once"} | PRIVATE
        view.save.click(self._keeping(self._save), **once)
        view.review.click(self._keeping(self._review), **once)
        view.publish.click(self._keeping(self._publish), **once)
        view.confirm.click(self._keeping(self._confirm), **once)
        view.discard.click(self._replacing(self._discard), **once)
        view.archive.click(self._replacing(self._archive, needs_saved=True), **once)
        view.history.select(self._restore, **once)
        view.keep_mine.click(self._keep_mine, **once)
        view.take_theirs.click(self._take_theirs, **once)
        self.closed = [view.back.click(self._back, **once), view.leave.click(self.view.close, None, self.shown, **PRIVATE)]
        view.impact.click(self._impact, self.inputs, [view.changes, view.message], trigger_mode="once", api_visibility="private")

    # From elsewhere on the page.

    def open(self, entry_id: str, values: Values, request: gr.Request) -> Updates:
        """Open an entry as it is now, unless something else is open that would be lost."""
        language = language_of(request)
        if self._is_changed(values):
            return self.view.keep_open(language)
        return self.view.show(self.curation.heads([entry_id])[entry_id], language)

    def begin(self, values: Values, request: gr.Request, proposal: Proposal | None = None) -> Updates:
        """Begin a new entry, unless something else is open that would be lost."""
        language = language_of(request)
        return self.view.keep_open(language) if self._is_changed(values) else self.view.show(None, language, proposal)

    # What is done with what was typed, which stays as it is.

    def _save(self, values: Values, person: str) -> tuple[Version, str]:
        version = self._kept(values, person)
        return version, "nothing_new" if version.number == values[self.based_on] else "saved"

    def _review(self, values: Values, person: str) -> tuple[Version, str]:
        return self._kept_and_moved(values, State.IN_REVIEW, person, "sent_for_review")

    def _publish(self, values: Values, person: str) -> tuple[Version, str]:
        return self._kept_and_moved(values, State.PUBLISHED, person, "now_published")

    def _confirm(self, values: Values, person: str) -> tuple[Version, str]:
        """Say that the other languages are still right; what was typed goes on from there."""
        base = self._opened(values)
        return self.curation.confirm(base.entry.id, base.stale, person, base.number), "confirmed"

    def _kept(self, values: Values, person: str) -> Version:
        return self.curation.save(self._read(values), person, int(values[self.based_on] or 0))

    def _kept_and_moved(self, values: Values, state: State, person: str, said: str) -> tuple[Version, str]:
        version = self._kept(values, person)
        if version.state in {state, State.PUBLISHED}:
            return version, "known_public" if version.state is State.PUBLISHED else said
        return self._moved(version, state, person), said

    # What is done with the entry as it was kept.

    def _archive(self, values: Values, person: str) -> tuple[Version, str]:
        return self._moved(self._opened(values), State.ARCHIVED, person), "now_archived"

    def _discard(self, values: Values, person: str) -> tuple[Version, str]:
        """Give up what was typed and what waits to be published."""
        base = self._opened(values)
        return (self.curation.discard(base.entry.id, person, base.number) if base.is_unpublished_work else base), "discarded"

    def _restore(self, values: Values, request: gr.Request, event: gr.SelectData) -> Updates:
        def work(values: Values, person: str) -> tuple[Version, str]:
            """Make a draft of it."""
            base = self._opened(values)
            return self.curation.restore(base.entry.id, int(event.value), person, base.number), "restored"

        return self._replacing(work, needs_saved=True)(values, request)

    def _moved(self, version: Version, state: State, person: str) -> Version:
        (moved,) = self.curation.move({version.entry.id: version.number}, state, person)
        return moved

    # How it is done.

    def _keeping(self, work: Work) -> Callable[[Values, gr.Request], Updates]:
        """A handler that leaves alone what was typed, and what is typed while it works."""

        def handler(values: Values, request: gr.Request) -> Updates:
            """Do it, and say where the entry stands."""
            return self._do(work, values, request, self.view.stand)

        return handler

    def _replacing(self, work: Work, *, needs_saved: bool = False) -> Callable[[Values, gr.Request], Updates]:
        """A handler that shows the entry as it is then."""

        def handler(values: Values, request: gr.Request) -> Updates:
            """Do it, if nothing that was typed would be lost."""
            if needs_saved and self._is_changed(values):
                return {self.view.message: problem(say("unsaved_first", language_of(request)))}
            return self._do(work, values, request, self.view.show)

        return handler

    def _do(self, work: Work, values: Values, request: gr.Request, show: Callable[[Version, Language], Updates]) -> Updates:
        """Do it and show what is then, or why it cannot be done."""
        language = language_of(request)
        try:
            version, said = work(values, person_of(request))
        except ConflictError as error:
            return self._conflict(values, str(error), language)
        except FrontdeskError as error:
            return {self.view.message: problem(str(error))}
        return show(version, language) | {self.view.message: notice(say(said, language, number=str(version.number)))}

    def _impact(self, values: Values, request: gr.Request, progress: gr.Progress = PROGRESS) -> Updates:
        """Ask the questions again, as if it were published."""
        language = language_of(request)
        try:
            entry = self._read(values)
            messages = recent_messages(self.agent.log, REPLAYED_DAYS, REPLAYED_MESSAGES)
            report = shown_by(progress, say("replaying", language))
            found = ImpactCheck(self.agent).of({entry.id: entry}, messages, report)
        except FrontdeskError as error:
            return {self.view.message: problem(str(error)), self.view.changes: ""}
        return {self.view.changes: impact_html(found, language), self.view.message: ""}

    # Where somebody was faster.

    def _conflict(self, values: Values, why: str, language: Language) -> Updates:
        head = self._head(values)
        if head is None or values[self.based_on] == 0:  # the id of a new entry is taken
            return {self.view.message: problem(why)}
        try:
            mine = self._read(values)
        except EntryError:
            mine = None
        return self.view.differ(why, head, mine, language)

    def _keep_mine(self, values: Values, request: gr.Request) -> Updates:
        language, version = language_of(request), self._version(values, values[self.rival])
        said = say("rebased", language, number=str(version.number)) if version else ""
        return self.view.stand(version, language) | {self.view.message: notice(said)}

    def _take_theirs(self, values: Values, request: gr.Request) -> Updates:
        return self.view.show(self._head(values), language_of(request))

    def _back(self, values: Values, request: gr.Request) -> Updates:
        return self.view.keep_open(language_of(request)) if self._is_changed(values) else self.view.close()

    # What it stands on.

    def _head(self, values: Mapping[object, object]) -> Version | None:
        entry_id = str(values[self.form.id] or "").strip()
        return self.curation.heads([entry_id]).get(entry_id)

    def _version(self, values: Values, number: object) -> Version | None:
        history = self.curation.history(str(values[self.form.id] or "").strip()) if number else []
        return next((version for version in history if version.number == number), None)

    def _opened(self, values: Values) -> Version:
        """The version that was opened.

        Raises:
            EntryError: it is a new entry.
        """
        version = self._version(values, values[self.based_on])
        if version is None:
            raise EntryError("This entry is not saved yet. Save it as a draft first.")
        return version

    def _before(self, values: Values) -> FAQEntry | None:
        """The entry as it was opened, None for a new one."""
        version = self._version(values, values[self.based_on])
        return version.entry if version else None

    def _is_changed(self, values: Values) -> bool:
        """Whether something is open that would be lost."""
        return values[self.based_on] is not None and self.form.is_changed(values, self._before(values))

    def _read(self, values: Values) -> FAQEntry:
        return self.form.read(values, self._before(values))
