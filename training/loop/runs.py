"""Every way through the learning loop, and how far it has come."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Row, insert, select, update

from knowledge_base.database import Database
from training.loop.tables import LoopRunRow


class Step(StrEnum):
    """What is done next; in this order."""

    DATASET = "dataset"
    TRAINING = "training"
    COMPARISON = "comparison"
    SHADOW = "shadow"
    GATE = "gate"


class Outcome(StrEnum):
    """How a run ended."""

    PROMOTED = "promoted"
    KEPT = "kept"  # the release in service is not worse
    NOTHING_NEW = "nothing_new"
    BATCH_REFUSED = "batch_refused"  # too many of the new labels seem wrong
    FAILED = "failed"


@dataclass(frozen=True)
class LoopRun:
    """One way through the loop.

    Attributes:
        id: its number.
        started_at: when.
        ended_at: None as long as it goes on.
        author: who wanted it.
        step: what is done next, or was done last.
        outcome: None as long as it goes on.
        reason: why it came to that, for people.
        champion: the id of the release in service at the start.
        challenger: the id of the one that was trained, None as long as there is none.
        dataset: the number of the frozen dataset, None as long as there is none.
        facts: what the steps found, by step.
    """

    id: int
    started_at: datetime
    ended_at: datetime | None
    author: str
    step: Step
    outcome: Outcome | None
    reason: str
    champion: str
    challenger: str | None
    dataset: int | None
    facts: Mapping[str, Any]


class LoopRuns:
    """Keeps them; each change is committed, so that an interrupted run goes on where it was.

    Args:
        database: the data directory's.
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def all(self, most: int = 50) -> list[LoopRun]:
        """The newest runs, newest first."""
        with self.database.reading() as connection:
            rows = connection.execute(select(LoopRunRow.__table__).order_by(LoopRunRow.id.desc()).limit(most)).all()
        return [_run(row) for row in rows]

    def find(self, run_id: int) -> LoopRun | None:
        """The run with a number."""
        with self.database.reading() as connection:
            row = connection.execute(select(LoopRunRow.__table__).where(LoopRunRow.id == run_id)).one_or_none()
        return _run(row) if row else None

    def unfinished(self) -> LoopRun | None:
        """The run that goes on, or was interrupted."""
        return next((run for run in self.all(1) if run.outcome is None), None)

    def begin(self, author: str, champion: str) -> LoopRun:
        """Start one."""
        values = {"started_at": datetime.now(UTC), "author": author, "step": Step.DATASET, "reason": "", "champion": champion, "facts": {}}
        with self.database.transaction() as connection:
            row = connection.execute(insert(LoopRunRow).values(values).returning(LoopRunRow.__table__)).one()
        return _run(row)

    def advance(self, run: LoopRun, step: Step, facts: Mapping[str, Any], **values: Any) -> LoopRun:
        """Keep what a step found, and go on to the next one.

        Args:
            run: as it was.
            step: the next step.
            facts: what was found, kept under the name of the step that is done.
            values: ``dataset`` or ``challenger``, once there is one.
        """
        return self._change(run, step=step, facts={**run.facts, run.step.value: dict(facts)}, **values)

    def end(self, run: LoopRun, outcome: Outcome, reason: str, facts: Mapping[str, Any] | None = None) -> LoopRun:
        """End one, see `advance`."""
        kept = dict(run.facts) if facts is None else {**run.facts, run.step.value: dict(facts)}
        return self._change(run, outcome=outcome, reason=reason, facts=kept, ended_at=datetime.now(UTC))

    def _change(self, run: LoopRun, **values: Any) -> LoopRun:
        query = update(LoopRunRow).where(LoopRunRow.id == run.id).values(**values).returning(LoopRunRow.__table__)
        with self.database.transaction() as connection:
            return _run(connection.execute(query).one())


def _run(row: Row[Any]) -> LoopRun:
    return LoopRun(
        row.id,
        row.started_at,
        row.ended_at,
        row.author,
        Step(row.step),
        Outcome(row.outcome) if row.outcome else None,
        row.reason,
        row.champion,
        row.challenger,
        row.dataset,
        row.facts,
    )
