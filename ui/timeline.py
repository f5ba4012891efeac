"""A conversation as the chat shows it: its turns, and what happened beside them, in their order."""

from collections.abc import Sequence
from datetime import UTC, datetime

from gradio.components.chatbot import Message

from agent.conversation import RouteKind, Turn
from agent.handover.events import Event, EventKind
from agent.language import Language
from ui.rendering import customer_message, event_message, reply_message

TOLD_ELSEWHERE = {EventKind.QUEUED, EventKind.RESOLUTION}  # by the reply, by the line below it
THUMBS = {1: "Like", -1: "Dislike"}  # Gradio's names


class Timeline:
    """Messages in their order, each with the turn that it is the reply of.

    Args:
        turns: oldest first.
        events: oldest first.
        patience_s: seconds after which a message without a reply is taken for unanswered.
        language: of the page's own words.
    """

    def __init__(self, turns: Sequence[Turn], events: Sequence[Event], patience_s: float, language: Language) -> None:
        self._rows: list[tuple[Message, Turn | None]] = []
        waiting = [event for event in events if event.kind not in TOLD_ELSEWHERE]
        for place, turn in enumerate(turns):
            while waiting and waiting[0].at < turn.created_at:
                self._rows.append((event_message(waiting.pop(0), language), None))
            self._rows.append((customer_message(turn.message), None))
            if not turn.reply or turn.reply.route is not RouteKind.PERSON:
                self._rows.append((reply_message(turn, awaited=is_awaited(turns, place, patience_s)), turn))
        self._rows += [(event_message(event, language), None) for event in waiting]
        if turns and self._rows[-1][1] is turns[-1] and turns[-1].reply:
            self._rows[-1][0].options = [{"value": text, "label": text} for text in turns[-1].reply.suggestions]

    @property
    def messages(self) -> list[Message]:
        """What is shown."""
        return [message for message, _ in self._rows]

    @property
    def thumbs(self) -> list[str | None]:
        """The feedback on each message that is not the customer's, as Gradio names it."""
        return [THUMBS.get((turn.feedback if turn else None) or 0) for message, turn in self._rows if message.role == "assistant"]

    def turn_at(self, place: object) -> Turn | None:
        """The turn that a shown message is the reply of, None for any other."""
        return self._rows[place][1] if isinstance(place, int) and 0 <= place < len(self._rows) else None


def is_awaited(turns: Sequence[Turn], place: int, patience_s: float) -> bool:
    """Whether the reply to a message may still come: it is recent, and no later one has been answered."""
    turn = turns[place]
    age_s = (datetime.now(UTC) - turn.created_at).total_seconds()
    return age_s < patience_s and not any(later.reply for later in turns[place:])
