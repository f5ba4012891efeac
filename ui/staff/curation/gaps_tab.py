"""What customers asked in vain, and the way from there to an entry."""

from collections.abc import Sequence
from html import escape

import gradio as gr

from agent.agent import CustomerServiceAgent
from agent.language import Language, detect_language
from knowledge_base.errors import FrontdeskError
from knowledge_base.importing.identifiers import ids_for
from training.gaps.unanswered import Gap, UnansweredQuestions
from ui.staff.curation.entry_form import Proposal
from ui.staff.curation.texts import say
from ui.staff.progress import shown_by
from ui.staff.rows import rows
from ui.staff.wording import Updates, Wording, bullets, language_of, problem
from ui.texts import language_name

PROGRESS = gr.Progress()
DAYS = (7, 30, 90)
KEPT_S = 3600
MOST_SHOWN = 100


class GapsTab:
    """The tab; it is laid out where it is made.

    Args:
        agent: whose log is looked at.
        wording: says what is written on it.

    Attributes:
        found: the gaps, the most wanted first; writing an entry for one is its event ``select``, with its place in `kept`.
        kept: what was found.
    """

    def __init__(self, agent: CustomerServiceAgent, wording: Wording) -> None:
        self.questions = UnansweredQuestions(agent)
        put = wording.put
        self.kept = gr.State((), time_to_live=KEPT_S)
        put(gr.Markdown(elem_classes="hint"), value="gaps_hint")
        with gr.Row(elem_classes="bar"):
            self.days = put(gr.Dropdown(list(DAYS), value=30, scale=0, min_width=160, elem_id="gaps-days"), label="gaps_days")
            self.find = put(gr.Button(scale=0, min_width=160, elem_id="find-gaps"), value="gaps_find")
        self.message = gr.HTML(padding=False, elem_id="gaps-message")
        self.found = rows("gaps-found")
        shown = [self.found, self.kept, self.message]
        self.find.click(self._find, [self.days], shown, trigger_mode="once", api_visibility="private")

    def _find(self, days: int, request: gr.Request, progress: gr.Progress = PROGRESS) -> Updates:
        language = language_of(request)
        try:
            gaps = tuple(self.questions.find(days, progress=shown_by(progress, say("replaying", language)))[:MOST_SHOWN])
        except FrontdeskError as error:
            return {self.message: problem(str(error))}
        return {self.found: gr.HTML(rows=gaps_html(gaps, language)), self.kept: gaps, self.message: ""}


def gaps_html(gaps: Sequence[Gap], language: Language) -> str:
    """Render gaps, each with a button that begins an entry, see `rows`."""
    if not gaps:
        return f'<p class="empty">{escape(say("gaps_none", language))}</p>'
    return "".join(_gap(place, gap, language) for place, gap in enumerate(gaps))


def proposal_of(gap: Gap) -> Proposal:
    """What an entry for a gap begins with: the customers' questions, and what staff answered."""
    questions: dict[str, list[str]] = {}
    for question in gap.questions:
        questions.setdefault(detect_language(question).code, []).append(question)
    answers = {code: variant.answer for code, variant in gap.draft.variants.items()} if gap.draft else {}
    if gap.answer and not answers:  # given in a language that nobody asked in
        answers = {detect_language(gap.answer).code: gap.answer}
    return Proposal(gap.draft.id if gap.draft else ids_for(gap.questions[:1], ())[0], questions, answers)


def _gap(place: int, gap: Gap, language: Language) -> str:
    title, *others = gap.questions
    kinds = [f"{say(f'gap_{kind}', language)} {count:,}" for kind, count in gap.kinds.items()]
    spoken = [f"{language_name(code, language)} {100 * share:.0f} %" for code, share in gap.languages.items()]
    days = f"{gap.first} – {gap.last}" if gap.first != gap.last else str(gap.first)
    facts = " · ".join([say("gaps_volume", language, count=f"{gap.conversations:,}"), *kinds, *spoken, days])
    answer = ""
    if gap.answer:
        answer = f'<h4>{escape(say("gaps_staff", language))}</h4><p class="told">{escape(gap.answer)}</p>'
    write = f'<button type="button" class="small" data-open="{place}">{escape(say("gaps_write", language))}</button>'
    asked = bullets(others) if others else ""
    return f'<section class="gap"><h3>{escape(title)}</h3><p>{escape(facts)}</p>{asked}{answer}{write}</section>'
