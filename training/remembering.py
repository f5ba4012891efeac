"""A looker that looks at each text once: learning asks about the same messages again and again."""

from collections.abc import Sequence

from agent.conversation import IntentPrediction
from agent.intent import IntentClassifier
from agent.looking import Look, Looker
from knowledge_base.retrieval import Retriever


class RememberingLooker(Looker):
    """Looks at texts as `Looker` does, and remembers what it saw; for an index that does not change meanwhile.

    Args:
        classifier: None where the release has none.
        retriever: finds entries.
    """

    def __init__(self, classifier: IntentClassifier | None, retriever: Retriever) -> None:
        super().__init__(classifier, retriever)
        self._looks: dict[str, Look] = {}
        self._guesses: dict[str, IntentPrediction | None] = {}

    def look_at(self, texts: Sequence[str]) -> list[Look]:
        """Look at several texts."""
        new = [text for text in dict.fromkeys(texts) if text not in self._looks]
        if new:
            self._looks |= zip(new, super().look_at(new), strict=True)
        return [self._looks[text] for text in texts]

    def guess(self, texts: Sequence[str]) -> list[IntentPrediction | None]:
        """Classify several texts only."""
        new = [text for text in dict.fromkeys(texts) if text not in self._guesses]
        if new:
            self._guesses |= zip(new, super().guess(new), strict=True)
        return [self._guesses[text] for text in texts]
