"""A challenger beside the release in service: what it would have done with live messages, which no customer sees."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Row, func, insert, select

from agent.agent import CustomerServiceAgent
from agent.context import TURNS
from agent.conversation import RouteKind, Turn
from agent.conversation_log import ConversationLog, TurnRow
from agent.decision import decide
from agent.stopwatch import Stopwatch
from knowledge_base.database import Database
from training.loop.tables import ShadowRow

POLL_S = 1.0
PAGE = 100  # turns

REPLY = TurnRow.reply


@dataclass(frozen=True)
class ShadowResult:
    """What a challenger would have done with live messages.

    Attributes:
        messages: how many there were.
        agreeing: on how many both do the same.
        newly_answered: how many only the challenger answers.
        no_longer_answered: how many only the release in service answers.
        otherwise: how many both answer, with other entries.
    """

    messages: int
    agreeing: int
    newly_answered: int
    no_longer_answered: int
    otherwise: int

    def facts(self) -> dict[str, int]:
        """As a JSON object."""
        return asdict(self)


class Shadow:
    """Reads new turns of the log, and keeps what the challenger would have done.

    Args:
        database: the data directory's.
        challenger: an agent of the challenger.
        run: the number of the loop's run.
        after: the turn after which turns count.
    """

    def __init__(self, database: Database, challenger: CustomerServiceAgent, run: int, after: int) -> None:
        self.database, self.challenger, self.run, self.after = database, challenger, run, after
        self.log = ConversationLog(database)

    def follow(self, most: int, seconds: float, progress: Callable[[int], object] = lambda _done: None) -> ShadowResult:
        """Wait for messages until there are enough of them or the time is over.

        Args:
            most: how many messages are enough.
            seconds: how long it waits for them; what came before it began counts in any case.
            progress: called with the number of messages after each look.
        """
        until = time.monotonic() + seconds
        while True:
            progress(self._catch_up(most))
            if self.result().messages >= most or time.monotonic() >= until:
                return self.result()
            time.sleep(POLL_S)

    def result(self) -> ShadowResult:
        """What was kept so far."""
        query = (
            select(ShadowRow.agrees, ShadowRow.route, REPLY["route"].as_string().label("live"))
            .join(TurnRow, TurnRow.id == ShadowRow.turn_id)
            .where(ShadowRow.run == self.run)
        )
        with self.database.reading() as connection:
            rows = connection.execute(query).all()
        answers = RouteKind.ANSWER
        return ShadowResult(
            len(rows),
            sum(row.agrees for row in rows),
            sum(row.route == answers != row.live for row in rows),
            sum(row.live == answers != row.route for row in rows),
            sum(row.live == row.route == answers and not row.agrees for row in rows),
        )

    def _catch_up(self, most: int) -> int:
        """Look at the turns that are new. Returns how many there were."""
        done = 0
        while page := self._new_turns(min(PAGE, most - self.result().messages)):
            for row in page:
                self._look(row)
                done += 1
        return done

    def _new_turns(self, limit: int) -> list[Row[Any]]:
        if limit <= 0:
            return []
        with self.database.reading() as connection:
            seen = connection.execute(select(func.max(ShadowRow.turn_id)).where(ShadowRow.run == self.run)).scalar()
            query: Any = (
                select(TurnRow.id, TurnRow.conversation_id, TurnRow.message)
                .where(
                    TurnRow.id > max(self.after, seen or 0),
                    REPLY.is_not(None),
                    REPLY["route"].as_string() != RouteKind.PERSON,
                    REPLY[("reasons", 0, "manner")].as_string().is_not(None),
                )
                .order_by(TurnRow.id)
                .limit(limit)
            )
            return list(connection.execute(query).all())

    def _look(self, row: Row[Any]) -> None:
        turns = self.log.turns(row.conversation_id)
        live = next((turn for turn in turns if turn.id == row.id), None)
        if live is None or live.reply is None:  # erased meanwhile
            return
        before = [turn for turn in turns if turn.id < row.id and turn.reply][-TURNS:]
        decision = decide(self.challenger.serving, row.message, before, Stopwatch())
        sent = [route.sent.entry.id for route in decision.routes if route.sent]
        values = {"run": self.run, "turn_id": row.id, "intent": decision.intent, "route": decision.kind, "sent": sent}
        with self.database.transaction() as connection:
            if connection.execute(select(TurnRow.id).where(TurnRow.id == row.id)).one_or_none():
                connection.execute(insert(ShadowRow).values(**values, agrees=_agrees(live, decision.kind, sent)))


def newest_turn(database: Database) -> int:
    """The newest turn of the log, 0 where there is none."""
    with database.reading() as connection:
        return connection.execute(select(func.max(TurnRow.id))).scalar() or 0


def _agrees(live: Turn, kind: RouteKind, sent: list[str]) -> bool:
    reply = live.reply
    return reply is not None and reply.route == kind and {source.id for source in reply.sources} == set(sent)
