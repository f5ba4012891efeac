"""What customers wrote to the assistant, read from the log page by page."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from agent.conversation import Manner, RouteKind
from agent.conversation_log import ConversationRow, TurnRow
from agent.handover.events import EventKind
from agent.handover.tables import EventRow
from agent.intents import OUT_OF_SCOPE
from knowledge_base.database import Database
from training.log_pages import REPLY, language_of, log_pages

PAGE = 1000  # turns
UNREAD = ""  # the intent of what no classifier read

COLUMNS = (
    *(TurnRow.id, TurnRow.conversation_id, TurnRow.created_at, TurnRow.message, TurnRow.feedback),
    *(ConversationRow.created_at.label("began"), ConversationRow.resolved),
    REPLY["route"].as_string().label("route"),
    REPLY["language"].as_string().label("language"),
    REPLY["release"].as_string().label("release"),
    REPLY["looked_up"].as_boolean().label("looked_up"),
    REPLY[("intent", "label")].as_string().label("label"),
    REPLY[("intent", "confidence")].as_float().label("confidence"),
    REPLY[("intent", "is_rejected")].as_boolean().label("is_rejected"),
    REPLY[("reasons", 0, "manner")].as_string().label("manner"),
)


@dataclass(frozen=True, slots=True)
class Message:
    """A message to the assistant and what became of it; not its text.

    Attributes:
        conversation_id: where.
        began: when the conversation did.
        at: when it came in.
        language: the message's, two letters.
        intent: the predicted one, ``oos`` where it was rejected, empty where no classifier read the message.
        confidence: of the prediction, 0 to 1; None where there is none.
        release: that read it.
        route: what was done.
        is_answered: whether it was answered, by an entry or by the shop's own system.
        is_question: whether it asks something: it is neither courtesy nor a nod.
        feedback: 1 thumbs up, -1 thumbs down, None no feedback.
        resolved: what the customer said of the conversation when asked whether that was it, None where they said nothing.
    """

    conversation_id: str
    began: datetime
    at: datetime
    language: str
    intent: str
    confidence: float | None
    release: str
    route: RouteKind
    is_answered: bool
    is_question: bool
    feedback: int | None
    resolved: bool | None


def read_messages(database: Database, since: datetime) -> Iterator[Message]:
    """Read what was written to the assistant, a page at a time and only what is needed of it; oldest first.

    What was written to a person is left out: nobody predicted or answered it.

    Args:
        database: where the log is.
        since: from when on.
    """
    for page in log_pages(database, COLUMNS, since, PAGE):
        yield from (_message(turn) for turn in page if turn.route != RouteKind.PERSON)


def handed_over(database: Database, since: datetime) -> set[str]:
    """The ids of the conversations that were put in line for a person, or taken by one, since a moment."""
    query = select(EventRow.conversation_id).where(EventRow.kind.in_([EventKind.QUEUED, EventKind.TAKEN]), EventRow.at >= since)
    with database.reading() as connection:
        return set(connection.execute(query.distinct()).scalars())


def _message(turn: Row[Any]) -> Message:
    route = RouteKind(turn.route)
    return Message(
        conversation_id=turn.conversation_id,
        began=turn.began,
        at=turn.created_at,
        language=language_of(turn),
        intent=OUT_OF_SCOPE if turn.is_rejected else turn.label or UNREAD,
        confidence=turn.confidence,
        release=turn.release,
        route=route,
        is_answered=route is RouteKind.ANSWER or bool(turn.looked_up),
        is_question=route is not RouteKind.SOCIAL and turn.manner != Manner.NOTE,
        feedback=turn.feedback,
        resolved=turn.resolved,
    )
