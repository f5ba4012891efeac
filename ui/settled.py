"""The line below the newest answer that asks whether that was it."""

from collections.abc import Sequence
from enum import Enum, auto
from html import escape
from typing import Any

import gradio as gr

from agent.conversation import Conversation, ConversationState, Reply, RouteKind, Turn
from agent.handover.events import SETTLED, Event, EventKind
from agent.language import Language
from agent.shop import Shop
from agent.texts import person
from ui.rendering import language_of
from ui.texts import in_script, say


class Standing(Enum):
    """How it stands with the newest answer."""

    NONE = auto()  # there is nothing to be asked about
    ASKED = auto()
    YES = auto()
    NO = auto()


class SettledLine:
    """Asks whether the newest answer settled it, thanks for a yes, and offers a person after a no.

    Made inside a `gr.Blocks`, where the line is to stand.

    Args:
        shop: how to reach a person.

    Attributes:
        yes: the button that says so.
        no: the button that denies it.
        person: the button that asks for a person.
        undo: the button that takes back what was said.
        parts: all that `view` changes.
    """

    def __init__(self, shop: Shop) -> None:
        self.shop = shop
        with gr.Row(elem_id="settled"):
            self._text = gr.HTML(padding=False, elem_id="settled-text")
            self.yes, self.no, self.person, self.undo = (gr.Button("", visible=False, scale=0, size="sm") for _ in range(4))
        self.parts = [self._text, self.yes, self.no, self.person, self.undo]

    def view(self, conversation: Conversation | None, turns: Sequence[Turn], events: Sequence[Event]) -> dict[Any, Any]:
        """What becomes of each part, in the newest reply's language.

        Args:
            conversation: the one that is open.
            turns: its turns, oldest first.
            events: what happened beside them, oldest first.
        """
        stands = standing(conversation, turns, events)
        reply = turns[-1].reply if turns else None
        language = language_of(reply) if reply else Language("en")
        texts = {
            Standing.NONE: "",
            Standing.ASKED: say("settled", language),
            Standing.YES: say("settled_thanks", language),
            Standing.NO: in_script(person(self.shop, language.code), language),
        }
        is_said = stands in {Standing.YES, Standing.NO}
        return {
            self._text: f"<p>{escape(texts[stands])}</p>" if texts[stands] else "",
            self.yes: gr.Button(say("settled_yes", language), visible=stands is Standing.ASKED),
            self.no: gr.Button(say("settled_no", language), visible=stands is Standing.ASKED),
            self.person: gr.Button(say("person", language), visible=stands is Standing.NO),
            self.undo: gr.Button(say("settled_undo", language), visible=is_said),
        }

    def hidden(self) -> dict[Any, Any]:
        """The line while the next message is being answered."""
        return self.view(None, (), ())


def standing(conversation: Conversation | None, turns: Sequence[Turn], events: Sequence[Event]) -> Standing:
    """How it stands with the newest answer; arguments as of `SettledLine.view`."""
    if conversation is None or conversation.state is not ConversationState.BOT or not turns or not _answers(turns[-1].reply):
        return Standing.NONE
    later = [event for event in events if event.at >= turns[-1].created_at]
    if any(event.kind is not EventKind.RESOLUTION for event in later):
        return Standing.NONE  # a person has been here since
    return {SETTLED[True]: Standing.YES, SETTLED[False]: Standing.NO}.get(later[-1].text if later else "", Standing.ASKED)


def _answers(reply: Reply | None) -> bool:
    """Whether a reply told the customer what they asked, to its end."""
    return reply is not None and (reply.route is RouteKind.ANSWER or reply.looked_up) and not reply.stopped
