"""What changes of the FAQ would do to the questions that customers ask, found out before they are published."""

from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import numpy as np
from sqlalchemy import func, select

from agent.agent import CustomerServiceAgent
from agent.conversation_log import ConversationLog, TurnRow
from agent.replaying import Outcome, replay
from knowledge_base.changed_index import ChangedIndex
from knowledge_base.entry import FAQEntry
from knowledge_base.index import FAQIndex
from knowledge_base.progress import Progress, silent
from knowledge_base.question_vectors import known_vectors, question_vectors
from knowledge_base.text_owners import texts_of

MOST_REPLAYED = 5000
TOGETHER, WORKERS = 16, 2  # questions that are read at once, and how many such batches at a time: customers may have to wait behind them
BLOCK = 2048  # rows of a matrix product
NOBODY: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Replay:
    """A question, decided with the FAQ as it is and as it will be.

    Attributes:
        question: as it is asked.
        has_now: the ids of the entries that have it among their questions; none for what only customers wrote.
        will_have: the ids of those that will have it.
        before: what comes of it now.
        after: what will come of it.
    """

    question: str
    has_now: frozenset[str]
    will_have: frozenset[str]
    before: Outcome
    after: Outcome

    @property
    def lost_by(self) -> frozenset[str]:
        """The entries that will no longer be sent for it."""
        return frozenset(self.before.sent) - frozenset(self.after.sent)

    @property
    def won_by(self) -> frozenset[str]:
        """The entries that will newly be sent for it."""
        return frozenset(self.after.sent) - frozenset(self.before.sent)

    @property
    def is_astray(self) -> bool:
        """Whether it will not find an entry that has it, and finds that entry now or is new to it."""
        missed = self.will_have - frozenset(self.after.sent)
        return any(entry in self.before.sent or entry not in self.has_now for entry in missed)


@dataclass(frozen=True)
class Impact:
    """What changes of the FAQ would do.

    Attributes:
        replays: the questions that were tried.
        total: how many questions there are; where they are too many, those nearest to what changes were tried.
    """

    replays: tuple[Replay, ...]
    total: int

    @property
    def replayed(self) -> int:
        """How many questions were tried."""
        return len(self.replays)

    @property
    def changed(self) -> list[Replay]:
        """The questions of which something else will come."""
        return [one for one in self.replays if one.before != one.after]

    @property
    def astray(self) -> list[Replay]:
        """The questions that will not find the entry that has them, see `Replay.is_astray`."""
        return [one for one in self.replays if one.is_astray]

    @property
    def newly_answered(self) -> list[str]:
        """The questions for which no entry is sent now, and one will be."""
        return [one.question for one in self.replays if one.after.sent and not one.before.sent]

    @property
    def no_longer_answered(self) -> list[str]:
        """The questions for which an entry is sent now, and none will be."""
        return [one.question for one in self.replays if one.before.sent and not one.after.sent]

    @property
    def lost(self) -> dict[str, list[str]]:
        """By entry, the questions that it will no longer be sent for."""
        return _grouped((entry, one.question) for one in self.replays for entry in sorted(one.lost_by))

    @property
    def won(self) -> dict[str, list[str]]:
        """By entry, the questions that it will newly be sent for."""
        return _grouped((entry, one.question) for one in self.replays for entry in sorted(one.won_by))


class ImpactCheck:
    """Asks the agent every question twice: with the FAQ as it is, and as it will be.

    Args:
        agent: that serves; nothing of it is changed, and its models are shared with its customers.
        limit: how many questions are replayed at most.

    Example:
        >>> messages = recent_messages(agent.log, days=30, limit=2000)
        >>> impact = ImpactCheck(agent).of({"opening-hours": None}, messages)
        >>> sorted(impact.lost)
        ['opening-hours']
    """

    def __init__(self, agent: CustomerServiceAgent, limit: int = MOST_REPLAYED) -> None:
        self.agent, self.limit = agent, limit

    def of(self, changes: Mapping[str, FAQEntry | None], messages: Sequence[str] = (), progress: Progress = silent) -> Impact:
        """Tell what will come of the questions of all entries, as they are and as they will be, and of these messages.

        Args:
            changes: by id, an entry as it will be, or None for one that will be archived.
            messages: that customers wrote.
            progress: see `FAQIndex`.

        Raises:
            StorageError: the Chroma server does not answer.
        """
        serving = self.agent.serving
        live = serving.retriever.index
        changed = ChangedIndex(live, changes)
        try:
            now, then = _owners(live.entries.values()), _owners(changed.entries.values())
            questions = list(dict.fromkeys((*then, *now, *messages)))
            total = len(questions)
            if total > self.limit:
                versions = [entry for entry_id, new in changes.items() for entry in (live.entries.get(entry_id), new) if entry]
                questions = _nearest(questions, versions, live, self.limit)
            advance = progress(len(questions), "Replaying questions")

            def tried(start: int) -> list[tuple[Outcome, Outcome]]:
                """Some questions, decided."""
                return replay(serving, changed, [self.agent.masker.mask(text) for text in questions[start : start + TOGETHER]])

            outcomes: list[tuple[Outcome, Outcome]] = []
            with ThreadPoolExecutor(WORKERS) as workers:
                for some in workers.map(tried, range(0, len(questions), TOGETHER)):
                    outcomes += some
                    advance(len(some))
        finally:
            changed.close()
        found = zip(questions, outcomes, strict=True)
        return Impact(tuple(Replay(text, now.get(text, NOBODY), then.get(text, NOBODY), *pair) for text, pair in found), total)


def recent_messages(log: ConversationLog, days: float, limit: int) -> list[str]:
    """Return what customers wrote in the last days, personal data masked, each text once, newest first.

    Args:
        log: of the conversations.
        days: how far back.
        limit: how many texts at most.
    """
    query = (
        select(TurnRow.message)
        .where(TurnRow.created_at >= datetime.now(UTC) - timedelta(days=days))
        .group_by(TurnRow.message)
        .order_by(func.max(TurnRow.id).desc())
        .limit(limit)
    )
    with log.database.reading() as connection:
        return list(connection.execute(query).scalars())


def _owners(entries: Iterable[FAQEntry]) -> dict[str, frozenset[str]]:
    """The ids of the entries that have a question, by question."""
    pairs = ((question, entry.id) for entry in entries for variant in entry.variants.values() for question in variant.questions)
    return {question: frozenset(ids) for question, ids in _grouped(pairs).items()}


def _nearest(questions: Sequence[str], entries: Sequence[FAQEntry], index: FAQIndex, limit: int) -> list[str]:
    """The questions nearest to a text of these entries, in their order."""
    texts = index.vectors.embed(list({text for entry in entries for text, _ in texts_of(entry)}))
    rows = question_vectors(questions, index.encoder, known_vectors(index))
    nearness = np.full(len(rows), -1.0, dtype=np.float32)
    for start in range(0, len(rows), BLOCK):
        block = slice(start, start + BLOCK)
        for other in range(0, len(texts), BLOCK):
            nearness[block] = np.maximum(nearness[block], (rows[block] @ texts[other : other + BLOCK].T).max(axis=1))
    chosen = sorted(np.argsort(-nearness, kind="stable")[:limit])
    return [questions[place] for place in chosen]


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """The second of each pair, by the first."""
    found: dict[str, list[str]] = {}
    for key, value in pairs:
        found.setdefault(key, []).append(value)
    return found
