"""Reads the turns of the conversation log page by page, and only what is needed of them."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, func, select

from agent.conversation import RouteKind
from agent.conversation_log import ConversationRow, TurnRow
from agent.language import detect_language
from knowledge_base.database import Database

REPLY = TurnRow.reply  # its parts are columns, too: ``REPLY["route"].as_string()``
SOON = timedelta(days=1)  # what a customer does about a reply is done by then
REQUEST = "request"  # the act of an intent that a person fulfils


def log_pages(
    database: Database, columns: Sequence[ColumnElement[Any] | Any], since: datetime, size: int, after: int = 0
) -> Iterator[list[Row[Any]]]:
    """Read the turns that have a reply, oldest first; between two pages no transaction is open.

    Args:
        database: where the log is.
        columns: what is needed of a turn and its conversation, `TurnRow.id` among it.
        since: from when on.
        size: turns in a page.
        after: only those after the turn with this id.
    """
    turns = select(*columns).join_from(TurnRow, ConversationRow).where(REPLY.is_not(None)).order_by(TurnRow.id).limit(size)
    first = select(func.min(TurnRow.id)).where(TurnRow.created_at >= since, TurnRow.id > after)
    with database.reading() as connection:
        start = connection.execute(first).scalar()
    while start is not None:
        with database.reading() as connection:
            page = list(connection.execute(turns.where(TurnRow.id >= start)).all())
        if page:
            yield page
        start = page[-1].id + 1 if len(page) == size else None


def asks_for_person(turn: Row[Any]) -> bool:
    """Whether a message wants a person, and asks nothing else; reads the columns ``route`` and ``act``."""
    return bool(turn.route == RouteKind.HAND_OFF and turn.act == REQUEST)


def language_of(turn: Row[Any]) -> str:
    """A message's language, two letters, that of the reply where it shows none; reads the columns ``message`` and ``language``."""
    return detect_language(turn.message, fallback=turn.language).code
