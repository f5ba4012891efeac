"""Which of the logged messages got no answer that helped."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row

from agent.conversation import Manner, RouteKind
from agent.conversation_log import TurnRow
from knowledge_base.database import Database
from training.log_pages import REPLY, SOON, asks_for_person, language_of, log_pages

PAGE = 1000  # turns

COLUMNS = (
    *(TurnRow.id, TurnRow.conversation_id, TurnRow.created_at, TurnRow.message, TurnRow.feedback),
    REPLY["route"].as_string().label("route"),
    REPLY["language"].as_string().label("language"),
    REPLY["looked_up"].as_boolean().label("looked_up"),
    REPLY["sources"].label("sources"),
    REPLY[("intent", "act")].as_string().label("act"),
    REPLY[("reasons", 0, "manner")].as_string().label("manner"),
)


class Shortfall(StrEnum):
    """How a message was missed."""

    DECLINED = "declined"
    ASKED_BACK = "asked_back"  # and the customer chose nothing
    THUMBED_DOWN = "thumbed_down"  # a thumb down, or words to that effect
    HANDED_OVER = "handed_over"  # to a person, or said to one


@dataclass(frozen=True)
class Missed:
    """A message that got no answer that helped.

    Attributes:
        conversation_id: where.
        message: as logged, personal data masked.
        language: the message's, two letters.
        kind: how it was missed.
        at: when it came in.
        disliked: id and version of the entries that were sent.
    """

    conversation_id: str
    message: str
    language: str
    kind: Shortfall
    at: datetime
    disliked: frozenset[tuple[str, int]]


def missed_messages(database: Database, since: datetime, most: int) -> list[Missed]:
    """Read the log page by page, and only what is needed of it.

    Courtesy, requests for a person, and messages without words or too long to read are left out.

    Args:
        database: where the log is.
        since: from when on.
        most: only so many, the newest.

    Returns:
        The messages, oldest first.
    """
    missed: dict[int, Missed] = {}
    last: dict[str, Row[Any]] = {}  # question of each conversation
    for page in log_pages(database, COLUMNS, since, PAGE):
        for turn in page:
            before = last.get(turn.conversation_id)
            if before and before.id in missed and _is_made_good(before, turn):
                del missed[before.id]
            if turn.manner == Manner.REJECTION:
                if before and before.route == RouteKind.ANSWER:
                    missed[before.id] = _missed(before, Shortfall.THUMBED_DOWN)
                continue
            if turn.manner == Manner.NOTE or turn.route == RouteKind.SOCIAL:
                continue
            last[turn.conversation_id] = turn
            if kind := _shortfall(turn):
                missed[turn.id] = _missed(turn, kind)
        last = {one: turn for one, turn in last.items() if turn.created_at > page[-1].created_at - SOON}
        missed = {turn_id: missed[turn_id] for turn_id in sorted(missed)[-most - PAGE :]}  # some may still be made good
    return list(missed.values())[-most:]


def _shortfall(turn: Row[Any]) -> Shortfall | None:
    """How a message was missed, None if it was not, or is no question."""
    if turn.route == RouteKind.PERSON:
        return Shortfall.HANDED_OVER
    if turn.manner is None or asks_for_person(turn):  # nothing was understood, or a person is wanted
        return None
    if turn.feedback == -1:
        return Shortfall.THUMBED_DOWN
    if turn.looked_up:
        return None
    kinds = {RouteKind.DECLINE: Shortfall.DECLINED, RouteKind.CLARIFY: Shortfall.ASKED_BACK, RouteKind.HAND_OFF: Shortfall.HANDED_OVER}
    return kinds.get(RouteKind(turn.route))


def _is_made_good(before: Row[Any], turn: Row[Any]) -> bool:
    """Whether a question that was asked back was answered in the next turn."""
    answered = turn.manner == Manner.CHOICE or turn.route == RouteKind.ANSWER
    return bool(answered and before.route == RouteKind.CLARIFY and before.feedback != -1)


def _missed(turn: Row[Any], kind: Shortfall) -> Missed:
    sent = frozenset((source["id"], source["version"]) for source in turn.sources) if kind is Shortfall.THUMBED_DOWN else frozenset()
    return Missed(turn.conversation_id, turn.message, language_of(turn), kind, turn.created_at, sent)
