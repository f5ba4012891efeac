"""The row in which customers leave contact details."""

import logging
from typing import Any

import gradio as gr

from agent.agent import CustomerServiceAgent
from agent.conversation import Conversation
from agent.errors import HandOverError
from agent.handover.contacts import LONGEST, Contacts
from agent.language import Language
from ui.texts import say

logger = logging.getLogger(__name__)


class ContactRow:
    """Takes contact details while a customer waits for a person and nobody is there.

    Made inside a `gr.Blocks`, where the row is to stand.

    Args:
        agent: whose conversations.
        contacts: keeps the details.

    Attributes:
        details: where they are typed.
        leave: the button that leaves them.
        parts: all that `view` changes.
    """

    def __init__(self, agent: CustomerServiceAgent, contacts: Contacts) -> None:
        self.agent, self.contacts = agent, contacts
        with gr.Row(elem_id="contact", visible=False) as self._row:
            self.details = gr.Textbox(show_label=False, container=False, lines=1, max_length=LONGEST, elem_id="details")
            self.leave = gr.Button("", scale=0, elem_id="leave")
        self.parts = [self._row, self.details, self.leave]

    def view(self, conversation: Conversation | None, language: Language, typed: str | None = None) -> dict[Any, Any]:
        """What becomes of each part.

        Args:
            conversation: the one that is open.
            language: the page's.
            typed: what stands in the box from now on, None for what stands there.
        """
        hint = say("contact", language)
        box = gr.Textbox(label=hint, placeholder=hint) if typed is None else gr.Textbox(value=typed, label=hint, placeholder=hint)
        return {
            self._row: gr.Row(visible=conversation is not None and self._are_wanted(conversation)),
            self.details: box,
            self.leave: gr.Button(say("contact_send", language)),
        }

    def keep(self, conversation: Conversation | None, details: str) -> str:
        """Keep contact details. Returns what is to stand in the box: nothing, or what cannot be kept."""
        try:
            if conversation:
                self.contacts.leave(conversation.id, details)
                return ""
        except HandOverError as error:
            logger.info("Contact details were refused: %s", error)
        return details

    def _are_wanted(self, conversation: Conversation) -> bool:
        return self.contacts.are_wanted(conversation, self.agent.shop, self.agent.clock())
