"""Finds entries for a message: nearest vectors and keywords, grouped by entry, across languages."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from knowledge_base.centring import Centring
from knowledge_base.cohort import Cohort
from knowledge_base.entry import FAQEntry
from knowledge_base.fusion import Fusion
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
        fused: question, answer and keywords in one score, by which candidates are ordered.
    """

    entry: FAQEntry
    question: float
    answer: float
    keywords: float
    cohort: float
    cohort_nearest: float
    fused: float = 0.0


class Retriever:
    """Searches the index and returns entries with dense and BM25 evidence.

    Args:
        index: an open index.
        cohort: of the release that judges the candidates.
        fusion: likewise.

    Example:
        >>> [candidate.entry.id for candidate in retriever.search("怎么退货")][:1]
        ['return-steps']
    """

    def __init__(self, index: FAQIndex, cohort: Cohort, fusion: Fusion) -> None:
        self.index, self.cohort, self.fusion = index, cohort, fusion
        self.centring = Centring.of(index.encoder.base_fingerprint)
        self._centred = Cohort({code: self.centring.apply_in(v, [code] * len(v), "query") for code, v in cohort.vectors.items()})

    def search(self, text: str, limit: int = 10, vector: Array | None = None, likely: Sequence[str] = ()) -> list[Candidate]:
        """Return candidates, by their fused scores.

        Args:
            text: a customer's message.
            limit: at most so many entries.
            vector: the message's, (dimensions,), where it was embedded already.
            likely: entries that are wanted, too, as far as they exist, behind those that were found; what was not found has the least
                evidence seen.
        """
        if vector is None:
            vector = self.index.encoder.encode_queries([text])[0]
        vector = self.centring.apply(vector[np.newaxis], [text], "query")[0]
        similar = self.index.vectors.search(vector, VECTORS)
        matching = self.index.keywords.search(text, DOCUMENTS)
        entries = self.index.entries
        found = [entry_id for entry_id in dict.fromkeys([*similar, *matching]) if entry_id in entries]  # the index may be a moment ahead
        if not found:
            return []
        farthest = min((s.question for s in similar.values()), default=0.0)
        near = [similar.get(one) or Similarity(farthest, farthest, next(iter(entries[one].variants))) for one in found]
        matched = [matching.get(one, 0.0) for one in found]
        fused = self.fusion.scores([s.question for s in near], [s.answer for s in near], matched)
        nearness = self._centred.nearness(vector)
        nearest = max(nearness.values())
        candidates = [
            Candidate(entries[one], s.question, s.answer, words, nearness.get(s.language, nearest), nearest, float(score))
            for one, s, words, score in zip(found, near, matched, fused, strict=True)
        ]
        candidates = sorted(candidates, key=lambda candidate: -candidate.fused)[:limit]
        return [*candidates, *self._unfound(likely, candidates)]

    def _unfound(self, likely: Sequence[str], found: Sequence[Candidate]) -> list[Candidate]:
        """Entries that are wanted although they were not found."""
        ids, entries, last = {one.entry.id for one in found}, self.index.entries, found[-1]
        question, answer = min(one.question for one in found), min(one.answer for one in found)
        missing = [entries[one] for one in likely if one in entries and one not in ids]
        return [Candidate(entry, question, answer, 0.0, last.cohort, last.cohort_nearest, last.fused) for entry in missing]
