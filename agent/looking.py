"""Classifies a text and searches for it: what every decision rests on."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from agent.conversation import IntentPrediction
from agent.inference import InferenceThread
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
    """Looks at texts with the classifier and the retriever.

    Args:
        classifier: None where the release has none.
        retriever: finds entries.
    """

    def __init__(self, classifier: IntentClassifier | None, retriever: Retriever) -> None:
        self.classifier, self.retriever = classifier, retriever
        self.inference = InferenceThread(retriever.index.encoder, classifier)

    def look(self, text: str) -> Look:
        """Classify a text and search for it."""
        return self.look_at([text])[0]

    def look_at(self, texts: Sequence[str]) -> list[Look]:
        """Look at several texts, which takes less time than one after the other.

        Raises:
            BusyError: too many messages wait for the models already.
        """
        readings = self.inference.read(texts)
        return [
            Look(text, vector, prediction, self.retriever.search(text, vector=vector, likely=_likely(prediction)))
            for text, (vector, prediction) in zip(texts, readings, strict=True)
        ]

    def guess(self, texts: Sequence[str]) -> list[IntentPrediction | None]:
        """Classify several texts only, None without a classifier.

        Raises:
            BusyError: too many messages wait for the models already.
        """
        return self.inference.predict(texts)

    def correct(self, text: str) -> str:
        """A message as it is matched: normalised, and spelt as the FAQ spells."""
        return self.retriever.index.spelling.correct(text)

    def covered(self) -> Collection[str]:
        """The intents that at least one entry answers."""
        return self.retriever.index.intents


def _likely(prediction: IntentPrediction | None) -> Sequence[str]:
    """The entries that the classifier takes for the likeliest, which search may miss."""
    if prediction is None:
        return ()
    return sorted(prediction.entries, key=lambda entry: -prediction.entries[entry])[:LIKELIEST]
