"""What several customers want and no intent covers, and the way from there to an intent."""

from collections.abc import Callable, Sequence
from html import escape

import gradio as gr

from agent.language import Language
from knowledge_base.errors import FrontdeskError
from training.errors import ReviewError
from training.review.new_intents import NewIntents, Proposal
from ui.pages import PRIVATE
from ui.staff.progress import shown_by
from ui.staff.review.labels import Labels
from ui.staff.review.proposal_form import ProposalForm
from ui.staff.review.texts import say
from ui.staff.rows import rows
from ui.staff.wording import Updates, Values, Wording, bullets, language_of, notice, person_of, problem
from ui.texts import language_name

PROGRESS = gr.Progress()
DAYS = (7, 30, 90)
KEPT_S = 3600
MESSAGES = 4  # of each proposal in the list


class ProposalsTab:
    """The tab; it is laid out where it is made.

    Args:
        new_intents: finds and accepts proposals.
        labels: know the entries that may answer.
        wording: says what is written on it.

    Attributes:
        accepted: an intent was accepted, perhaps.
    """

    def __init__(self, new_intents: NewIntents, labels: Labels, wording: Wording) -> None:
        self.new_intents = new_intents
        put = wording.put
        self.kept = gr.State((), time_to_live=KEPT_S)
        self.opened = gr.State(0)
        self.message = gr.HTML(padding=False, elem_id="proposals-message")
        with gr.Column() as self.listing:
            put(gr.Markdown(elem_classes="hint"), value="proposals_hint")
            with gr.Row(elem_classes="bar"):
                self.days = put(gr.Dropdown(list(DAYS), value=30, scale=0, min_width=160, elem_id="proposals-days"), label="days")
                self.find = put(gr.Button(scale=0, min_width=160, elem_id="find-proposals"), value="find")
            self.found = rows("proposals-found")
        self.form = ProposalForm(labels, wording)
        self.shown = [self.message, self.listing, self.found, self.kept, self.opened, *self.form.shown]
        self._wire()

    def _wire(self) -> None:
        form, once = self.form, {"trigger_mode": "once"} | PRIVATE
        self.find.click(self._find, [self.days], self.shown, trigger_mode="once", api_visibility="private", show_progress_on=self.found)
        self.found.select(self._open, {self.kept}, self.shown, **once)
        form.back.click(self._back, {self.kept}, self.shown, **once)
        self.accepted = form.accept.click(self._accept, {self.kept, self.opened, *form.fields}, self.shown, **once)
        form.dismiss.click(self._dismiss, {self.kept, self.opened, *form.fields}, self.shown, **once)

    def _find(self, days: int, request: gr.Request, progress: gr.Progress = PROGRESS) -> Updates:
        language = language_of(request)
        try:
            found = tuple(self.new_intents.find(days, shown_by(progress, say("finding", language))))
        except FrontdeskError as error:
            return {self.message: problem(str(error))}
        return self._list(found, language) | {self.message: ""}

    def _open(self, values: Values, request: gr.Request, event: gr.SelectData) -> Updates:
        proposals, place, language = values[self.kept], int(event.value), language_of(request)
        if place >= len(proposals):  # the server was started anew
            return {self.message: problem(say("find_again", language))}
        return {self.listing: gr.Column(visible=False), self.opened: place, self.message: ""} | self.form.show(proposals[place], language)

    def _back(self, values: Values, request: gr.Request) -> Updates:
        return self._close(values[self.kept], language_of(request)) | {self.message: ""}

    def _accept(self, values: Values, request: gr.Request) -> Updates:
        """Take the intent into the catalogue."""
        return self._do(values, request, self._accepted)

    def _dismiss(self, values: Values, request: gr.Request) -> Updates:
        """Leave the messages out of scope."""
        return self._do(values, request, self._dismissed)

    def _do(self, values: Values, request: gr.Request, work: Callable[[Values, Proposal, gr.Request], str]) -> Updates:
        """Decide on the proposal that is open, or say why not; what was typed stays then."""
        language, proposal = language_of(request), self._opened(values)
        if proposal is None:  # the server was started anew
            return {self.form.message: problem(say("find_again", language))}
        try:
            said = work(values, proposal, request)
        except FrontdeskError as error:
            return {self.form.message: problem(str(error))}
        return self._without(values, language) | {self.message: notice(said)}

    def _accepted(self, values: Values, proposal: Proposal, request: gr.Request) -> str:
        intent, entry, messages = self.form.read(values, proposal)
        self.new_intents.accept(messages, intent, entry, person_of(request))
        return say("intent_accepted", language_of(request), name=intent.id, count=str(len(messages)))

    def _dismissed(self, values: Values, proposal: Proposal, request: gr.Request) -> str:
        _, _, messages = self.form.read(values, proposal)
        if not messages:
            raise ReviewError("Choose the messages that stay out of scope.")
        self.new_intents.dismiss(messages, person_of(request))
        return say("intent_dismissed", language_of(request))

    def _opened(self, values: Values) -> Proposal | None:
        """The proposal that is open, None where it is forgotten."""
        proposals, place = values[self.kept], values[self.opened]
        return proposals[place] if place < len(proposals) else None

    def _without(self, values: Values, language: Language) -> Updates:
        """The list without the one that is open."""
        place = values[self.opened]
        left = tuple(one for other, one in enumerate(values[self.kept]) if other != place)
        return self._close(left, language)

    def _close(self, proposals: tuple[Proposal, ...], language: Language) -> Updates:
        """The list again; while it was hidden it forgot what was on it."""
        return {self.listing: gr.Column(visible=True)} | self.form.close() | self._list(proposals, language)

    def _list(self, proposals: tuple[Proposal, ...], language: Language) -> Updates:
        return {self.found: gr.HTML(rows=proposals_html(proposals, language)), self.kept: proposals}


def proposals_html(proposals: Sequence[Proposal], language: Language) -> str:
    """Render proposals, each with a button that opens it, see `rows`."""
    if not proposals:
        return f'<p class="empty">{escape(say("proposals_none", language))}</p>'
    return "".join(_proposal(place, proposal, language) for place, proposal in enumerate(proposals))


def _proposal(place: int, proposal: Proposal, language: Language) -> str:
    spoken = [f"{language_name(code, language)} {100 * share:.0f} %" for code, share in proposal.languages.items()]
    facts = " · ".join([say("volume", language, count=f"{proposal.conversations:,}"), *spoken])
    asked = bullets(message.text for message in proposal.messages[:MESSAGES])
    look = f'<button type="button" class="small" data-open="{place}">{escape(say("look", language))}</button>'
    return f'<section class="item"><h3>{escape(proposal.name)}</h3><p class="about">{escape(facts)}</p>{asked}{look}</section>'
