"""Learns how much each kind of evidence counts when candidates are ordered."""

import logging
from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
from scipy.optimize import minimize
from tqdm import tqdm

from agent.utterances import Utterance
from knowledge_base.cohort import Cohort
from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import FAQEntry
from knowledge_base.fusion import Fusion, shares
from knowledge_base.onnx_model import Array
from knowledge_base.retrieval import Candidate, Retriever
from knowledge_base.temporary_index import temporary_index

logger = logging.getLogger(__name__)
TO_BEGIN_WITH = Fusion(question=0.6, answer=0.3, keywords=0.1)
COMPARED = 30  # candidates a message


def learn_fusion(encoder: TextEncoder, cohort: Cohort, shops: Sequence[Sequence[FAQEntry]], messages: Sequence[Utterance]) -> Fusion:
    """Fit the weights with which the entry that answers a message comes before the others.

    The loss is ListNet's top-one loss (Cao et al. 2007, https://doi.org/10.1145/1273496.1273513).

    Args:
        encoder: of the release.
        cohort: none of the messages.
        shops: FAQs in which every message is asked.
        messages: validation messages; those whose entry is not found do not count.
    """
    cases: list[tuple[Array, int]] = []
    for shop in shops:
        with temporary_index(encoder, shop) as index:
            retriever = Retriever(index, cohort, TO_BEGIN_WITH)
            for message in tqdm(messages, desc="Comparing the evidence"):
                candidates = retriever.search(index.spelling.correct(message.text), COMPARED)
                right = next((place for place, one in enumerate(candidates) if one.entry.id == message.faq), None)
                if right is not None:
                    cases.append((_evidence(candidates), right))
    if not cases:
        return TO_BEGIN_WITH
    start = np.array([*asdict(TO_BEGIN_WITH).values()]) * 10
    found = minimize(_loss, start, args=(cases,), bounds=[(0.0, None)] * 3).x
    fusion = Fusion(*(round(float(weight), 4) for weight in found / found.sum()))
    logger.info("Learned on %d searches: %s.", len(cases), fusion)
    return fusion


def _evidence(candidates: Sequence[Candidate]) -> Array:
    """What speaks for each candidate, (candidates, 3)."""
    words = shares(np.array([one.keywords for one in candidates]))
    return np.stack([[one.question for one in candidates], [one.answer for one in candidates], words], axis=1)


def _loss(weights: Array, cases: Sequence[tuple[Array, int]]) -> float:
    total = 0.0
    for evidence, right in cases:
        scores = evidence @ weights
        total += float(np.log(np.exp(scores - scores.max()).sum()) + scores.max() - scores[right])
    return total / len(cases)
