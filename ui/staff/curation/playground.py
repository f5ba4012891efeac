"""A customer's question, what would be found for it, and why."""

from html import escape

import gradio as gr

from agent.agent import CustomerServiceAgent
from agent.errors import BusyError
from agent.language import Language
from agent.understanding import Understood
from knowledge_base.retrieval import Candidate
from ui.pages import PRIVATE
from ui.staff.curation.texts import say
from ui.staff.rows import rows
from ui.staff.wording import Updates, Wording, language_of, problem

COLUMNS = ("play_entry", "play_probability", "play_near_question", "play_near_answer", "play_keywords", "play_fused")


class Playground:
    """The tab; it is laid out where it is made.

    Args:
        agent: is asked; it notes nothing down.
        wording: says what is written on it.

    Attributes:
        found: what was found; opening an entry is its event ``select``.
    """

    def __init__(self, agent: CustomerServiceAgent, wording: Wording) -> None:
        self.agent = agent
        self.hint = wording.put(gr.Markdown(elem_classes="hint"), value="play_hint")
        with gr.Row(elem_classes="bar"):
            self.box = wording.put(
                gr.Textbox(lines=1, max_lines=4, max_length=4000, scale=4, elem_id="play-question"), label="play_question"
            )
            self.ask = wording.put(gr.Button(variant="primary", scale=0, min_width=100, elem_id="play-ask"), value="play_ask")
        self.found = rows("play-found")
        gr.on([self.ask.click, self.box.submit], self._ask, [self.box], [self.found], trigger_mode="once", **PRIVATE)

    def _ask(self, text: str, request: gr.Request) -> Updates:
        language = language_of(request)
        try:
            parts = self.agent.understand(text)
        except BusyError:
            return {self.found: gr.HTML(rows=problem(say("busy", language)))}
        shown = "".join(_part(part, language) for part in parts) or problem(say("play_unreadable", language))
        return {self.found: gr.HTML(rows=shown)}


def _part(part: Understood, language: Language) -> str:
    """One question of the message: how it was read, the decision, and the entries."""
    route, prediction = part.route, part.look.prediction
    facts = [
        ("play_read", f"{part.look.text} ({part.manner})"),
        ("play_intent", f"{prediction.label} {prediction.confidence:.2f}" if prediction else "–"),
        ("play_rule", route.rule),
    ]
    listed = "".join(f"<dt>{escape(say(key, language))}</dt><dd>{escape(value)}</dd>" for key, value in facts)
    evidence = {candidate.entry.id: candidate for candidate in part.look.candidates}
    sent = route.sent.entry.id if route.sent else None
    lines = [
        _row(evidence[one.entry.id], one.probability, is_sent=one.entry.id == sent, language=language)
        for one in route.ranked
        if one.entry.id in evidence
    ]
    heads = "".join(f'<th scope="col">{escape(say(column, language))}</th>' for column in COLUMNS)
    table = f'<div class="wide"><table class="scores"><thead><tr>{heads}</tr></thead><tbody>{"".join(lines)}</tbody></table></div>'
    decision = f'<h3 class="decision">{escape(say(f"play_{route.kind}", language))}</h3>'
    none = f"<p>{escape(say('play_none', language))}</p>"
    return f"{decision}<dl>{listed}</dl>{table if lines else none}"


def _row(found: Candidate, probability: float, *, is_sent: bool, language: Language) -> str:
    entry = found.entry
    mark = f' <span class="badge published">{escape(say("play_sent", language))}</span>' if is_sent else ""
    title = escape(entry.variant(language.code).title)
    name = f'<button type="button" class="link" data-open="{escape(entry.id)}">{title}</button>{mark}<small>{escape(entry.id)}</small>'
    numbers = (probability, found.question, found.answer, found.keywords, found.fused)
    return f"<tr><td>{name}</td>{''.join(f'<td class=number>{number:.3f}</td>' for number in numbers)}</tr>"
