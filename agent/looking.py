"""Classifies a text and searches for it: what every decision rests on."""

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from agent.conversation import IntentPrediction
from agent.intent import IntentClassifier
from knowledge_base.onnx_model import Array
from knowledge_base.retrieval import Candidate, Retriever

LIKELIEST = 4  # entries


@dataclass(frozen=True)
class Look:
    """What classifier and retrieval say about a text.

    Attributes:
        text: as it was matched.
        vector: the encoder's, (dimensions,).
        prediction: None without a classifier.
        candidates: entries that may answer.
    """

    text: str
    vector: Array
    prediction: IntentPrediction | None
    candidates: Sequence[Candidate]


class Looker:
    """Looks at texts with the classifier and the retriever, both at once.

    Args:
        classifier: None where the release has none.
        retriever: finds entries.
    """

    def __init__(self, classifier: IntentClassifier | None, retriever: Retriever) -> None:
        self.classifier, self.retriever = classifier, retriever
        self._beside = ThreadPoolExecutor(thread_name_prefix="retrieve")

    def look(self, text: str) -> Look:
        """Classify a text and search for it."""
        return self.look_at([text])[0]

    def look_at(self, texts: Sequence[str]) -> list[Look]:
        """Look at several texts, which takes less time than one after the other."""
        searching = self._beside.submit(self._search, texts)
        predictions = self.classifier.predict(texts) if self.classifier else [None] * len(texts)
        found = searching.result()
        return [
            Look(text, vector, prediction, self._with_likely(candidates, prediction))
            for text, prediction, (vector, candidates) in zip(texts, predictions, found, strict=True)
        ]

    def correct(self, text: str) -> str:
        """A message as it is matched: normalised, and spelt as the FAQ spells."""
        return self.retriever.index.spelling.correct(text)

    def covered(self) -> Collection[str]:
        """The intents that at least one entry answers."""
        return self.retriever.index.repository.intents()

    def _with_likely(self, candidates: Sequence[Candidate], prediction: IntentPrediction | None) -> Sequence[Candidate]:
        """The candidates and the entries that the classifier takes for the likeliest, which search may have missed."""
        if prediction is None:
            return candidates
        likely = sorted(prediction.entries, key=lambda entry: -prediction.entries[entry])[:LIKELIEST]
        return self.retriever.with_entries(candidates, likely)

    def _search(self, texts: Sequence[str]) -> list[tuple[Array, Sequence[Candidate]]]:
        vectors = self.retriever.index.encoder.encode_queries(texts)
        return [(vector, self.retriever.search(text, vector=vector)) for text, vector in zip(texts, vectors, strict=True)]
