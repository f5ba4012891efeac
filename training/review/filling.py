"""Chooses which of the logged messages are worth a person's minute."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np
from sqlalchemy import select

from agent.agent import CustomerServiceAgent
from agent.conversation import Manner, RouteKind
from agent.intents import OUT_OF_SCOPE
from knowledge_base.database import Database
from knowledge_base.entry import FAQEntry
from knowledge_base.progress import Progress, silent
from training.loop.tables import ShadowRow
from training.review import selection
from training.review.item import Label, Message
from training.review.queue import ReviewQueue, key_of
from training.review.signals import LoggedTurn, Signal, logged_turns

DAYS, SIZE = 30, 200
MOST = 5000  # messages that are looked at, the newest
REMEMBERED = 2000  # reviewed messages, the newest, near which others are worth less
# What speaks for looking at a message beside its signals, for who looks at it.
UNSURE, UNSURE_BELOW = "unsure", 0.6  # the intent's probability
NEAR_OUT_OF_SCOPE, NEAR = "near_out_of_scope", (0.2, 0.8)  # the probability that no intent covers it
RETRIEVAL = "retrieval"  # retrieval finds another intent's entry first
SHADOW = "shadow"  # a challenger would have done something else
NEGATIVE = frozenset({Signal.THUMB_DOWN, Signal.NOT_RESOLVED, Signal.REPHRASED, Signal.REJECTED, Signal.HANDED_OVER, Signal.ABANDONED})


def fill_queue(agent: CustomerServiceAgent, queue: ReviewQueue, days: int = DAYS, size: int = SIZE, progress: Progress = silent) -> int:
    """Put into review what is worth most of what customers wrote, in place of what nobody looked at yet.

    Only messages that stand for themselves come in: what "and by express?" means depends on what was said before.

    Args:
        agent: whose log.
        queue: filled.
        days: how far back.
        size: how many messages wait then, at most.
        progress: called with a total and a title, returns a function that is called with counts of messages looked at.

    Returns:
        How many are new.
    """
    database, encoder = queue.database, agent.retriever.index.encoder
    turns = _open_turns(agent, queue, days)
    report = progress(len(turns), "Looking for messages")
    if not turns:
        return queue.fill([])
    vectors = encoder.encode_queries([turn.message for turn in turns], report)
    reviewed = [item.message.text for item in queue.settled()[-REMEMBERED:]]
    entries = {entry.id: entry for entry in agent.retriever.index.repository.all()}
    disagreeing = _shadowed(database)
    values = selection.worth(evidence_of(turns, entries, disagreeing))
    chosen = selection.select(values, vectors, size, encoder.encode_queries(reviewed) if reviewed else None)
    return queue.fill([message_of(turns[i], float(values[i]), _reasons(turns[i], entries, disagreeing)) for i in chosen])


def evidence_of(turns: Sequence[LoggedTurn], entries: Mapping[str, FAQEntry], disagreeing: set[int]) -> selection.Evidence:
    """What speaks for looking at each of these turns.

    Args:
        turns: of the log.
        entries: the FAQ, by id.
        disagreeing: the turns with which a challenger would have done something else.
    """
    names = sorted({name for turn in turns for name in turn.probabilities}) or [OUT_OF_SCOPE]
    places = {name: place for place, name in enumerate(names)}
    probabilities = np.zeros((len(turns), len(names)), dtype=np.float32)
    for row, turn in enumerate(turns):
        for name, probability in turn.probabilities.items():
            probabilities[row, places[name]] = probability
    return selection.Evidence(
        probabilities,
        np.array([turn.out_of_scope for turn in turns]),
        np.array([turn.turn_id in disagreeing or _disagrees(turn, entries) for turn in turns]),
        np.array([len(NEGATIVE & turn.signals) for turn in turns]),
    )


def message_of(turn: LoggedTurn, worth: float, reasons: Sequence[str] = ()) -> Message:
    """A turn as a message for review.

    Args:
        turn: of the log.
        worth: how much it is worth looking at.
        reasons: what speaks for that beside its signals.
    """
    return Message(
        turn.turn_id,
        turn.customer,
        turn.message,
        turn.language,
        turn.at,
        turn.release,
        predicted_of(turn),
        turn.route,
        turn.confidence,
        turn.out_of_scope,
        (*sorted(turn.signals), *reasons),
        worth,
    )


def predicted_of(turn: LoggedTurn) -> Label | None:
    """What a release made of a message: the entry that was sent, or else the intent; None where it has no classifier and sent nothing."""
    sent = turn.sent[0] if turn.sent else None
    if turn.label is None:
        return Label(sent, sent) if sent else None  # without a catalogue, an entry is what a message may want
    if turn.is_rejected and not sent:
        return Label(OUT_OF_SCOPE)
    return Label(turn.label, sent)


def _open_turns(agent: CustomerServiceAgent, queue: ReviewQueue, days: int) -> list[LoggedTurn]:
    """The newest messages that stand for themselves and nobody reviewed, each text once."""
    known = {key_of(item.message.text) for item in [*queue.settled(), *queue.disputed()]}
    found: dict[str, LoggedTurn] = {}
    for turn in logged_turns(queue.database, agent.retriever.index.encoder, agent.clock() - timedelta(days=days)):
        key = key_of(turn.message)
        if turn.manner == Manner.ALONE and key not in known:
            found.pop(key, None)  # said again, it counts as new
            found[key] = turn
    return list(found.values())[-MOST:]


def _shadowed(database: Database) -> set[int]:
    with database.reading() as connection:
        return set(connection.execute(select(ShadowRow.turn_id).where(~ShadowRow.agrees)).scalars())


def _reasons(turn: LoggedTurn, entries: Mapping[str, FAQEntry], disagreeing: set[int]) -> list[str]:
    known = turn.label is not None
    reasons = {
        UNSURE: known and turn.confidence < UNSURE_BELOW,
        NEAR_OUT_OF_SCOPE: known and NEAR[0] < turn.out_of_scope < NEAR[1],
        RETRIEVAL: _disagrees(turn, entries),
        SHADOW: turn.turn_id in disagreeing,
    }
    return [reason for reason, holds in reasons.items() if holds]


def _disagrees(turn: LoggedTurn, entries: Mapping[str, FAQEntry]) -> bool:
    """Whether the classifier's intent is not that of the entry that retrieval finds first."""
    if turn.label is None or turn.retrieved is None or turn.route == RouteKind.SOCIAL:
        return False
    entry = entries.get(turn.retrieved)
    return entry is not None and entry.intent is not None and entry.intent != turn.label
