"""Says why: which words of a message carried the decision on it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import jieba
import numpy as np

from agent.conversation import IntentPrediction, Reason, Reply
from agent.looking import Looker
from agent.routing_model import log_odds
from knowledge_base.onnx_model import Array

WORD = re.compile(r"[\w'’\[\]-]+")
MOST_WORDS = 40  # of a long message the first ones are looked at
COSINE_SCALE = 25.0  # about what a cosine weighs in the log-odds of a release without a classifier
REMEMBERED = 256  # explanations
LEAST = 0.1  # what changes less carries nothing


@dataclass(frozen=True)
class Word:
    """A word and what it speaks for.

    Attributes:
        text: the word as it was matched.
        weight: by how much the log-odds of what was decided fall without it; negative where it spoke against.
    """

    text: str
    weight: float


class Explainer:
    """Takes words out of a message one by one and sees what changes (occlusion: Zeiler & Fergus 2014, https://arxiv.org/abs/1311.2901).

    Args:
        looker: that decided.

    Example:
        >>> explainer.explain(reply)[0][0]
        Word(text='express', weight=4.2)
    """

    def __init__(self, looker: Looker) -> None:
        self.looker = looker
        self._known: dict[tuple[str, str | None, str | None], tuple[Word, ...]] = {}  # a page asks again at every refresh

    def explain(self, reply: Reply) -> list[list[Word]]:
        """Return, for each question that was answered, the words that carried its answer, the strongest first."""
        label = reply.intent.label if reply.intent else None
        sent = {source.id for source in reply.sources}
        return [list(self.words(reason.text, _first_sent(reason, sent), label)) for reason in reply.reasons]

    def words(self, text: str, entry: str | None, label: str | None) -> tuple[Word, ...]:
        """Return the words of a text that speak for an entry, or for an intent, the strongest first.

        Args:
            text: a message as it was matched.
            entry: the entry's id, None for the intent.
            label: the intent's id; it stands in for an entry that the classifier does not know.
        """
        key = (text, entry, label)
        if key not in self._known:
            while len(self._known) >= REMEMBERED:
                self._known.pop(next(iter(self._known)), None)
            self._known[key] = self._find_words(*key)
        return self._known[key]

    def _find_words(self, text: str, entry: str | None, label: str | None) -> tuple[Word, ...]:
        spans = _spans(text)[:MOST_WORDS]
        without = [" ".join((text[:start] + " " + text[end:]).split()) for start, end in spans]
        scored = [(span, shorter) for span, shorter in zip(spans, without, strict=True) if WORD.search(shorter)]
        if not scored:
            return ()
        scores = self._scores([text, *(shorter for _, shorter in scored)], entry, label)
        drops = scores[0] - scores[1:]
        words = [Word(text[start:end], round(float(drop), 2)) for ((start, end), _), drop in zip(scored, drops, strict=True)]
        return tuple(sorted((word for word in words if abs(word.weight) >= LEAST), key=lambda word: -word.weight))

    def _scores(self, texts: Sequence[str], entry: str | None, label: str | None) -> Array:
        """The log-odds of what was decided for each text, (texts,)."""
        if self.looker.classifier:
            predictions = self.looker.classifier.predict(texts)
            return log_odds(np.array([_chance(prediction, entry, label) for prediction in predictions]), sure=1e-6)
        found = self.looker.retriever.index.entries.get(entry or "")
        if found is None:
            return np.zeros(len(texts))
        encoder = self.looker.retriever.index.encoder
        questions = [question for variant in found.variants.values() for question in variant.questions]
        similar: Array = (encoder.encode_queries(texts) @ encoder.encode_queries(questions).T).max(axis=1)
        return similar * COSINE_SCALE


def _chance(prediction: IntentPrediction, entry: str | None, label: str | None) -> float:
    if entry in prediction.entries:
        return prediction.entries[entry]
    return prediction.probabilities.get(label or "", 0.0)


def _first_sent(reason: Reason, sent: set[str]) -> str | None:
    return next((entry for entry, _ in reason.candidates if entry in sent), None)


def _spans(text: str) -> list[tuple[int, int]]:
    """Where the words are; Chinese ones as jieba cuts them."""
    return [(start, end) for word, start, end in jieba.tokenize(text) if WORD.search(word)]
