"""How probable it is that an entry answers a message, and the thresholds on that: learned, kept in the release."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from agent.conversation import IntentPrediction
from knowledge_base.onnx_model import Array
from knowledge_base.retrieval import Candidate

BM25_HALF = 10.0  # a BM25 score of this much counts as half of the most it can count
CAREFUL_ANSWER, CAREFUL_INTENT = 0.9, 0.9  # chosen by hand on 27 messages in nine languages
MOST_LEAD = 0.04  # in a small shop the second entry is far away for any message, which says nothing

Weights = Mapping[str, float]


@dataclass(frozen=True)
class RoutingModel:
    """Logistic models over the evidence for an entry, and what to do at which probability.

    Attributes:
        by_retrieval: weights by feature, and ``bias``, for entries that the classifier knows nothing about; see `retrieval_features`.
        by_intent: the same for entries whose intent it knows, with the `intent_features` too; None without a classifier.
        by_entry: the same for entries it was trained on, with the `entry_features` too; None without a classifier.
        answer: from this probability on the best entry is sent.
        clarify: from this probability on the customer is asked back; below, the agent declines.
        intent: from this confidence on an intent is acted upon that needs no entry.
    """

    by_retrieval: Weights
    by_intent: Weights | None
    by_entry: Weights | None
    answer: float
    clarify: float
    intent: float

    def careful(self) -> "RoutingModel":
        """The same model with higher thresholds, for languages that nothing was learned on: there it is too sure of itself."""
        return replace(self, answer=max(self.answer, CAREFUL_ANSWER), intent=max(self.intent, CAREFUL_INTENT))

    def probabilities(self, candidates: Sequence[Candidate], prediction: IntentPrediction | None) -> Array:
        """The probability of each candidate that it answers the message, (candidates,)."""
        features = retrieval_features(candidates)
        result = logistic(features, self.by_retrieval)
        if prediction is None or self.by_intent is None or self.by_entry is None:
            return result
        features |= intent_features(candidates, prediction)
        knows_intent = np.array([candidate.entry.intent in prediction.probabilities for candidate in candidates])
        result = np.where(knows_intent, logistic(features, self.by_intent), result)
        features |= entry_features(candidates, prediction)
        knows_entry = np.array([candidate.entry.id in prediction.entries for candidate in candidates])
        return np.where(knows_entry, logistic(features, self.by_entry), result)


def retrieval_features(candidates: Sequence[Candidate]) -> dict[str, Array]:
    """What retrieval says for each candidate, (candidates,) by feature name.

    ``question``, ``answer``: cosines; ``cohort``, ``cohort_nearest``: cosines to messages of all kinds, which tell how near
    is near; ``lead``: the question's cosine before that of the best other candidate; ``keywords``: BM25, from 0 to 1;
    ``keyword_lead``: the same before the best other one.
    """
    question = np.array([candidate.question for candidate in candidates])
    keywords = np.array([candidate.keywords / (candidate.keywords + BM25_HALF) for candidate in candidates])
    return {
        "question": question,
        "answer": np.array([candidate.answer for candidate in candidates]),
        "cohort": np.array([candidate.cohort for candidate in candidates]),
        "cohort_nearest": np.array([candidate.cohort_nearest for candidate in candidates]),
        "lead": np.minimum(_lead(question, alone=MOST_LEAD), MOST_LEAD),
        "keywords": keywords,
        "keyword_lead": _lead(keywords, alone=0.0),
    }


def intent_features(candidates: Sequence[Candidate], prediction: IntentPrediction) -> dict[str, Array]:
    """What the classifier says for each candidate, (candidates,) by feature name.

    ``intent``: log-odds of the entry's intent; ``probability``: the same as a probability; ``out_of_scope``: log-odds that no
    intent covers the message; ``sibling_lead``, ``sibling_keyword_lead``: the question's cosine, and the keywords, before those
    of the best other candidate with the same intent, which tell the right entry once the intent is right.
    """
    intents = [candidate.entry.intent for candidate in candidates]
    found = retrieval_features(candidates)
    probability = np.array([prediction.probabilities.get(intent or "", 0.0) for intent in intents])
    return {
        "intent": log_odds(probability),
        "probability": probability,
        "out_of_scope": np.full(len(candidates), log_odds(np.array(prediction.out_of_scope))),
        "sibling_lead": _sibling_lead(found["question"], intents, alone=0.1),
        "sibling_keyword_lead": _sibling_lead(found["keywords"], intents, alone=0.3),
    }


def entry_features(candidates: Sequence[Candidate], prediction: IntentPrediction) -> dict[str, Array]:
    """What the classifier says about the candidates it was trained on, (candidates,) by feature name.

    ``entry``: log-odds that the entry is meant; ``entry_probability``: the same as a probability; ``entry_lead``: that
    probability before the most probable other entry's, whether that one was found or not.
    """
    known = np.array([prediction.entries.get(candidate.entry.id, 0.0) for candidate in candidates])
    best = [*sorted(prediction.entries.values(), reverse=True)[:2], 0.0, 0.0]
    return {"entry": log_odds(known), "entry_probability": known, "entry_lead": known - np.where(known >= best[0], best[1], best[0])}


def log_odds(probabilities: Array, sure: float = 1e-3) -> Array:
    """Log-odds, kept within those of `sure` and one minus it, so that one sure witness cannot outvote all others."""
    p = np.clip(probabilities, sure, 1 - sure)
    result: Array = np.log(p / (1 - p))
    return result


def logistic(features: Mapping[str, Array], weights: Weights) -> Array:
    """A logistic model by feature name; ``bias`` is the constant."""
    names = list(features)
    total: Array = np.stack([features[name] for name in names], axis=-1) @ np.array([weights[name] for name in names]) + weights["bias"]
    result: Array = 1.0 / (1.0 + np.exp(-total))
    return result


def _lead(values: Array, alone: float) -> Array:
    """Each value minus the greatest of the others; `alone`, a clear lead, where there are no others."""
    if len(values) < 2:
        return np.full(len(values), alone)
    best, second = np.sort(values)[::-1][:2]
    leads: Array = np.where(values == best, best - second, values - best)
    return leads


def _sibling_lead(values: Array, intents: Sequence[str | None], alone: float) -> Array:
    """Each value minus the greatest of the others with the same intent; `alone`, a clear lead, where there is none."""
    leads = np.full(len(values), alone)
    for place, intent in enumerate(intents):
        others = [value for other, value in enumerate(values) if other != place and intents[other] == intent]
        if others:
            leads[place] = values[place] - max(others)
    return leads
