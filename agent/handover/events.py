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
    RESOLUTION = "resolution"  # the customer said whether the last answer settled it


SETTLED: dict[bool | None, str] = {True: "yes", False: "no", None: ""}  # empty: what was said is taken back


@dataclass(frozen=True)
class Event:
    """Something that happened.

    Attributes:
        id: grows.
        conversation_id: where.
        at: when.
        kind: what.
        author: the person's name, empty for the customer and the assistant.
        text: what a person said, why the conversation was queued, or what the customer said of the answer (see `SETTLED`).
    """

    id: int
    conversation_id: str
    at: datetime
    kind: EventKind
    author: str
    text: str
