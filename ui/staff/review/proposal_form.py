"""A new intent as it is accepted: its name, its messages, and what it leads to."""

from typing import get_args

import gradio as gr

from agent.intents import Intent, IntentRoute
from agent.language import Language
from training.review.item import Message
from training.review.new_intents import Proposal
from ui.pages import PRIVATE
from ui.staff.review.labels import Labels
from ui.staff.review.texts import say
from ui.staff.wording import ENGLISH, Updates, Values, Wording

ACTS: dict[IntentRoute, str] = {"answer": "query", "hand_off": "request", "social": "social"}


class ProposalForm:
    """The form; it is laid out where it is made, and stands in place of the list while it is open.

    Args:
        labels: know the entries that may answer.
        wording: says what is written on it.

    Attributes:
        back: closes it.
        accept: takes the intent into the catalogue.
        dismiss: leaves the messages out of scope.
        message: why something was refused.
        fields: what `read` has to know.
        shown: what `show` updates.
    """

    def __init__(self, labels: Labels, wording: Wording) -> None:
        self.labels = labels
        put = wording.put
        with gr.Column(visible=False, elem_id="proposal") as self.column:
            self.back = put(gr.Button(scale=0, min_width=160, elem_id="proposal-back"), value="back")
            self.name = put(gr.Textbox(lines=1, max_length=61, elem_id="proposal-name"), label="name")
            self.messages = put(gr.CheckboxGroup([], elem_id="proposal-messages"), label="belongs")
            self.route = put(gr.Radio(_routes(ENGLISH), value="answer", elem_id="proposal-route"), label="route")
            with gr.Column() as self.answering:
                self.entry = put(gr.Dropdown([], value=None, interactive=True, elem_id="proposal-entry"), label="entry")
                put(gr.Markdown(elem_classes="hint"), value="entry_missing")
            put(gr.Markdown(elem_classes="hint"), value="what_next")
            self.message = gr.HTML(padding=False, elem_id="proposal-message")
            with gr.Row(elem_classes="actions"):
                self.accept = put(gr.Button(variant="primary", scale=0, min_width=110, elem_id="proposal-accept"), value="accept_intent")
                self.dismiss = put(gr.Button(scale=0, min_width=110, elem_id="proposal-dismiss"), value="dismiss")
        self.fields = [self.name, self.messages, self.route, self.entry]
        self.shown = [self.column, self.answering, self.message, *self.fields]
        self.route.input(_answering, [self.route], [self.answering], trigger_mode="always_last", **PRIVATE)

    def show(self, proposal: Proposal, language: Language) -> Updates:
        """Open a proposal, with all its messages."""
        messages = [(one.text, str(place)) for place, one in enumerate(proposal.messages)]
        return {
            self.column: gr.Column(visible=True),
            self.answering: gr.Column(visible=True),
            self.message: "",
            self.name: proposal.name,
            self.messages: gr.CheckboxGroup(messages, value=[place for _, place in messages]),
            self.route: gr.Radio(_routes(language), value="answer"),
            self.entry: gr.Dropdown(self.labels.entries(language), value=None),
        }

    def close(self) -> Updates:
        """Close it."""
        return {self.column: gr.Column(visible=False)}

    def read(self, values: Values, proposal: Proposal) -> tuple[Intent, str | None, list[Message]]:
        """What was typed: the intent, the id of the entry that answers it, and the messages that want it."""
        chosen = set(values[self.messages] or [])
        messages = [message for place, message in enumerate(proposal.messages) if str(place) in chosen]
        route: IntentRoute = values[self.route]
        entry = str(values[self.entry] or "") if route == "answer" else ""
        return Intent(str(values[self.name] or "").strip(), ACTS[route], route), entry or None, messages


def _routes(language: Language) -> list[tuple[str, str]]:
    return [(say(f"route_{route}", language), route) for route in get_args(IntentRoute)]


def _answering(route: str) -> gr.Column:
    return gr.Column(visible=route == "answer")
