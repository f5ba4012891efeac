"""Whether choosing what people label pays: a stream of CLINC150's messages, labelled a few at a time, chosen or drawn."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import f1_score
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from agent.intents import OUT_OF_SCOPE
from agent.utterances import Utterance
from knowledge_base.normalisation import normalise
from knowledge_base.onnx_model import Array
from training.benchmarks.public_sets import IntentSet
from training.examples import Example
from training.review.batch_audit import audit_batch
from training.review.selection import Evidence, select, worth

HELD_OUT = 15  # intents that the catalogue does not have
START = 3  # examples of each known intent
STREAM, OUT = 8000, 0.2  # messages, and the share of them that is out of scope
ROUNDS, LABELS = 5, 300
REGULARISATION = 0.3  # chosen on the validation part, see docs/explanation/learning.md
FLIPPED = 0.2  # of a poisoned batch's labels


@dataclass(frozen=True)
class Stream:
    """What a shop begins with, what its customers write, and what it is judged on.

    Attributes:
        start: a few examples of each known intent.
        messages: the distinct messages of the stream, in the order in which they came; those that no known intent covers are ``oos``.
        test: the part that is judged on.
    """

    start: Sequence[Example]
    messages: Sequence[Example]
    test: Sequence[Example]

    @property
    def names(self) -> list[str]:
        """The classes."""
        return sorted({example.name for example in [*self.start, *self.test]})


def draw_stream(data: IntentSet, seed: int, length: int = STREAM) -> Stream:
    """Draw a stream: intents by a Zipf law (exponent 1), a fifth of the messages out of scope.

    Args:
        data: CLINC150; its test part is judged on.
        seed: which intents are held out, how frequent the others are, and which messages come.
        length: messages, repeated ones among them.
    """
    chance = np.random.default_rng(seed)
    order = chance.permutation(sorted({example.name for example in data.training} - {OUT_OF_SCOPE})).tolist()
    held_out, known = set(order[:HELD_OUT]), order[HELD_OUT:]
    test = [Example(one.text, OUT_OF_SCOPE if one.name in held_out else one.name) for one in data.test]
    pools: dict[str, list[str]] = defaultdict(list)
    seen = {normalise(one.text) for one in test}
    for one in data.training:
        if (key := normalise(one.text)) not in seen:
            seen.add(key)
            pools[OUT_OF_SCOPE if one.name in held_out else one.name].append(one.text)
    start = []
    for name in sorted(known):
        mixed = [pools[name][place] for place in chance.permutation(len(pools[name]))]
        start += [Example(text, name) for text in mixed[:START]]
        pools[name] = mixed[START:]
    shares = 1 / np.arange(1, len(known) + 1)
    names = np.where(chance.random(length) < OUT, OUT_OF_SCOPE, chance.choice(known, length, p=shares / shares.sum()))
    stream = [Example(str(chance.choice(pools[name])), str(name)) for name in names]
    return Stream(start, list(dict.fromkeys(stream)), test)


@dataclass(frozen=True)
class Course:
    """What labelling brought.

    Attributes:
        scores: macro-F1 on the test part at the start and after each round.
        batches: the messages that were labelled in each round.
    """

    scores: Sequence[float]
    batches: Sequence[Sequence[Example]]


def label_in_rounds(stream: Stream, encode: Callable[[Sequence[str]], Array], seed: int, *, chosen: bool) -> Course:
    """Label a part of the stream in rounds, and train after each.

    Args:
        stream: the stream.
        encode: gives texts' vectors.
        seed: of what is drawn.
        chosen: whether messages are chosen by what they are worth, or drawn.
    """
    places = {name: place for place, name in enumerate(stream.names)}
    vectors, tested = encode([one.text for one in stream.messages]), encode([one.text for one in stream.test])
    known, targets = encode([one.text for one in stream.start]), np.array([places[one.name] for one in stream.start])
    labels, wanted = (np.array([places[one.name] for one in part]) for part in (stream.messages, stream.test))
    chance, labelled = np.random.default_rng(seed), np.zeros(0, dtype=np.int64)
    scores: list[float] = []
    batches: list[list[Example]] = []
    for _ in range(ROUNDS + 1):
        model = _fit(np.concatenate([known, vectors[labelled]]), np.concatenate([targets, labels[labelled]]))
        scores.append(float(f1_score(wanted, model.predict(tested), average="macro", labels=range(len(places)), zero_division=0.0)))
        rest = np.setdiff1d(np.arange(len(labels)), labelled)
        if len(batches) == ROUNDS or len(rest) < LABELS:
            break
        if chosen:
            evidence = _evidence(model, vectors[rest], places[OUT_OF_SCOPE])
            seen = np.concatenate([known, vectors[labelled]])
            new = rest[select(worth(evidence), vectors[rest], LABELS, seen)]
        else:
            new = chance.choice(rest, LABELS, replace=False)
        batches.append([stream.messages[place] for place in new])
        labelled = np.concatenate([labelled, new])
    return Course(scores, batches)


def summarise(selected: Sequence[Course], random: Sequence[Course]) -> dict[str, Any]:
    """The figures of several seeds: means after each round, and the difference after the last one with its paired 95 % interval."""
    one, other = (np.array([course.scores for course in courses]) for courses in (selected, random))
    gained = one[:, -1] - other[:, -1]
    half = float(student.ppf(0.975, len(gained) - 1) * gained.std(ddof=1) / np.sqrt(len(gained))) if len(gained) > 1 else None
    mean = float(gained.mean())
    return {
        "start": float(one[:, 0].mean()),
        "selected": [round(float(value), 4) for value in one.mean(axis=0)[1:]],
        "random": [round(float(value), 4) for value in other.mean(axis=0)[1:]],
        "difference": {"mean": round(mean, 4), "interval": [round(mean - half, 4), round(mean + half, 4)] if half is not None else None},
        "by_seed": {
            name: [[round(value, 4) for value in row] for row in rows.tolist()] for name, rows in (("selected", one), ("random", other))
        },
    }


def audit_batches(encode: Callable[[Sequence[str]], Array], stream: Stream, course: Course, seed: int) -> list[tuple[bool, bool]]:
    """Audit each round's batch as it is, and with a fifth of its labels flipped; what came before is trusted.

    Args:
        encode: gives texts' vectors.
        stream: the course's.
        course: whose batches.
        seed: of what is flipped.

    Returns:
        For each batch whether it passed clean, and whether it passed poisoned.
    """
    chance, names = np.random.default_rng(seed), np.array(stream.names)
    trusted, found = _utterances(stream.start), []
    for batch in course.batches:
        labels = np.array([one.name for one in batch], dtype=object)
        wrong = chance.choice(len(labels), round(FLIPPED * len(labels)), replace=False)
        for place in wrong:
            labels[place] = chance.choice(names[names != labels[place]])
        poisoned = [Example(one.text, str(name)) for one, name in zip(batch, labels, strict=True)]
        clean, bad = (audit_batch(encode, trusted, _utterances(rows)).passed for rows in (batch, poisoned))
        found.append((clean, bad))
        trusted += _utterances(batch)
    return found


def _fit(vectors: Array, labels: NDArray[np.int64]) -> Pipeline:
    return make_pipeline(StandardScaler(), LogisticRegression(C=REGULARISATION, max_iter=200, tol=1e-3)).fit(vectors, labels)


def _evidence(model: Pipeline, vectors: Array, out_of_scope: int) -> Evidence:
    probabilities = model.predict_proba(vectors)
    (known,) = np.nonzero(model.classes_ == out_of_scope)
    outside = probabilities[:, known[0]] if len(known) else np.zeros(len(vectors))
    return Evidence(probabilities, outside, np.zeros(len(vectors), dtype=bool), np.zeros(len(vectors), dtype=np.int64))


def _utterances(examples: Sequence[Example]) -> list[Utterance]:
    return [Utterance(one.text, "en", one.name, None) for one in examples]
