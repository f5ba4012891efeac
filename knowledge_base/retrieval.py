"""Finds entries for a message: nearest vectors and keywords, grouped by entry, across languages."""

from collections.abc import Sequence
from dataclasses import dataclass

from knowledge_base.cohort import Cohort
from knowledge_base.entry import FAQEntry
from knowledge_base.index import FAQIndex
from knowledge_base.onnx_model import Array
from knowledge_base.vectors import Similarity

VECTORS, DOCUMENTS = 80, 40  # over-fetched, because several of them belong to one entry


@dataclass(frozen=True)
class Candidate:
    """An entry that may answer a message, and the evidence for it.

    Attributes:
        entry: the entry.
        question: cosine of the message to the nearest of the entry's questions.
        answer: cosine of the message to the entry's answer.
        keywords: BM25 score, 0 where no word is shared.
        cohort: the message's nearness to the cohort in the language of the entry's nearest text.
        cohort_nearest: the same in the language in which it is nearest, which is the message's own as a rule.
    """

    entry: FAQEntry
    question: float
    answer: float
    keywords: float
    cohort: float
    cohort_nearest: float


class Retriever:
    """Searches the index and returns entries with dense and BM25 evidence.

    Args:
        index: an open index.
        cohort: of the release that judges the candidates.

    Example:
        >>> [candidate.entry.id for candidate in retriever.search("怎么退货")][:1]
        ['return-steps']
    """

    def __init__(self, index: FAQIndex, cohort: Cohort) -> None:
        self.index = index
        self.cohort = cohort

    def search(self, text: str, limit: int = 10, vector: Array | None = None, likely: Sequence[str] = ()) -> list[Candidate]:
        """Return candidates, by reciprocal rank fusion of both searches.

        Args:
            text: a customer's message.
            limit: at most so many entries.
            vector: the message's, (dimensions,), where it was embedded already.
            likely: entries that are wanted, too, as far as they exist, behind those that were found; what was not found has the least
                evidence seen.
        """
        if vector is None:
            vector = self.index.encoder.encode_queries([text])[0]
        similar = self.index.vectors.search(vector, VECTORS)
        matching = self.index.keywords.search(text, DOCUMENTS)
        ids = fuse(list(similar), list(matching))[:limit]
        entries = self.index.entries
        nearness = self.cohort.nearness(vector)
        nearest = max(nearness.values())
        farthest = min((s.question for s in similar.values()), default=0.0)
        found = []
        for entry_id in ids:
            if entry_id in entries:  # the index may be a moment ahead of the entries, or behind
                entry = entries[entry_id]
                near = similar.get(entry_id) or Similarity(farthest, farthest, next(iter(entry.variants)))
                cohort = nearness.get(near.language, nearest)
                found.append(Candidate(entry, near.question, near.answer, matching.get(entry_id, 0.0), cohort, nearest))
        if not found:
            return found
        question, answer = min(one.question for one in found), min(one.answer for one in found)
        missing = [entries[entry_id] for entry_id in likely if entry_id in entries and entry_id not in ids]
        return [*found, *(Candidate(entry, question, answer, 0.0, found[-1].cohort, nearest) for entry in missing)]


def fuse(*rankings: list[str], k: int = 60) -> list[str]:
    """Reciprocal rank fusion (Cormack et al. 2009, https://doi.org/10.1145/1571941.1572114), best first."""
    scores: dict[str, float] = {}
    for ranking in rankings:
        for rank, entry_id in enumerate(ranking):
            scores[entry_id] = scores.get(entry_id, 0.0) + 1.0 / (k + rank + 1)
    return sorted(scores, key=lambda entry_id: -scores[entry_id])
