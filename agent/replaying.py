"""What comes of questions with the FAQ as it is and as it will be."""

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar, cast

from agent.conversation import IntentPrediction, RouteKind
from agent.decision import decide, unreadable
from agent.errors import BusyError
from agent.inference import InferenceThread
from agent.serving import Serving
from agent.stopwatch import Stopwatch
from knowledge_base.changed_index import ChangedIndex
from knowledge_base.index import FAQIndex
from knowledge_base.onnx_model import Array

RETRY_S = 0.1

T = TypeVar("T")


@dataclass(frozen=True)
class Outcome:
    """What comes of a question that opens a conversation.

    Attributes:
        kind: what is done about it.
        sent: the ids of the entries that are sent, one for each question in it.
    """

    kind: RouteKind
    sent: tuple[str, ...]


def replay(serving: Serving, changed: ChangedIndex, masked: Sequence[str]) -> list[tuple[Outcome, Outcome]]:
    """Return what comes of each question before and after; what the models say of a text is the same both times, and is asked once.

    Args:
        serving: the release that decides, over the live index.
        changed: the index as it will be.
        masked: questions, personal data masked.
    """
    readings = _Readings(serving.looker.inference)
    before = _over(serving, serving.retriever.index, readings)
    after = _over(serving, cast("FAQIndex", changed), readings)  # it has what is searched
    readings.read([one.looker.correct(text) for text in masked if not unreadable(text) for one in (before, after)])
    return [(_outcome(before, text), _outcome(after, text)) for text in masked]


def _over(serving: Serving, index: FAQIndex, readings: "_Readings") -> Serving:
    """The same release over another index."""
    looker = copy.copy(serving.looker)
    looker.retriever = copy.copy(serving.retriever)
    looker.retriever.index = index
    looker.inference = cast("InferenceThread", readings)
    understander = copy.copy(serving.understander)
    understander.looker = looker
    return replace(serving, looker=looker, understander=understander)


def _outcome(serving: Serving, masked: str) -> Outcome:
    decision = decide(serving, masked, (), Stopwatch())
    return Outcome(decision.kind, tuple(route.sent.entry.id for route in decision.routes if route.sent))


class _Readings:
    """Stands where a `Looker` asks its `InferenceThread`, and asks it for each text once.

    Args:
        inference: shared with the customers, who come first: where too many wait, this waits, too.
    """

    def __init__(self, inference: InferenceThread) -> None:
        self.inference = inference
        self._read: dict[str, tuple[Array, IntentPrediction | None]] = {}
        self._predicted: dict[str, IntentPrediction | None] = {}

    def read(self, texts: Sequence[str]) -> list[tuple[Array, IntentPrediction | None]]:
        """As `InferenceThread.read`."""
        return _remembered(self._read, texts, self.inference.read)

    def predict(self, texts: Sequence[str]) -> list[IntentPrediction | None]:
        """As `InferenceThread.predict`."""
        return _remembered(self._predicted, texts, self.inference.predict)


def _remembered(known: dict[str, T], texts: Sequence[str], ask: Callable[[Sequence[str]], list[T]]) -> list[T]:
    missing = [text for text in dict.fromkeys(texts) if text not in known]
    while missing:
        try:
            known.update(zip(missing, ask(missing), strict=True))
            break
        except BusyError:
            time.sleep(RETRY_S)
    return [known[text] for text in texts]
