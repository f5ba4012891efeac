"""What happens in a conversation beside its turns."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class EventKind(StrEnum):
    """What happened."""

    QUEUED = "queued"  # it waits for a person
    TAKEN = "taken"  # a person answers from now on
    MESSAGE = "message"  # a person said something
    RETURNED = "returned"  # the assistant answers again
    CLOSED = "closed"
    CONTACT = "contact"  # the customer left contact details, which are kept elsewhere


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Attributes:
        id: grows.
        conversation_id: where.
        at: when.
        kind: what.
        author: the person's name, empty for the customer and the assistant.
        text: what a person said, or why the conversation was queued.
    """

    id: int
    conversation_id: str
    at: datetime
    kind: EventKind
    author: str
    text: str
