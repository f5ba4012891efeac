"""The benchmark of the learning loop: its protocol, on made-up intents whose vectors lie in clusters."""

import hashlib
from collections import Counter
from collections.abc import Sequence

import numpy as np
import pytest

from agent.intents import OUT_OF_SCOPE
from knowledge_base.onnx_model import Array
from training.benchmarks.loop import (
    HELD_OUT,
    LABELS,
    OUT,
    ROUNDS,
    START,
    Course,
    Stream,
    audit_batches,
    draw_stream,
    label_in_rounds,
    summarise,
)
from training.benchmarks.public_sets import IntentSet
from training.examples import Example

INTENTS = [f"intent_{n:02}" for n in range(40)]


def made_up() -> IntentSet:
    """A set of forty intents, with messages out of scope."""
    training = [Example(f"{name} message {n}", name) for name in INTENTS for n in range(100)]
    out = [Example(f"{OUT_OF_SCOPE} message {n}", OUT_OF_SCOPE) for n in range(60)]
    test = [Example(f"{name} test {n}", name) for name in [*INTENTS, OUT_OF_SCOPE] for n in range(10)]
    return IntentSet("made up", [*training, *out, Example("Intent_00 TEST 1", "intent_00")], [], test)


def encode(texts: Sequence[str]) -> Array:
    """Vectors near their intent's; those of messages out of scope lie anywhere."""
    rows = []
    for text in texts:
        name = text if text.startswith(OUT_OF_SCOPE) else text.split()[0].lower()
        centre, noise = (
            np.random.default_rng(int(hashlib.sha256(key.encode()).hexdigest()[:8], 16)).normal(size=24) for key in (name, text)
        )
        rows.append(centre / np.linalg.norm(centre) + 0.9 * noise / np.linalg.norm(noise))
    vectors = np.stack(rows)
    result: Array = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return result


@pytest.fixture(scope="module")
def stream() -> Stream:
    return draw_stream(made_up(), seed=3)


def test_the_stream_is_what_the_protocol_says(stream: Stream) -> None:
    known = {example.name for example in stream.start}
    assert len(known) == len(INTENTS) - HELD_OUT
    assert Counter(example.name for example in stream.start) == dict.fromkeys(known, START)
    assert {example.name for example in stream.messages} <= known | {OUT_OF_SCOPE}
    texts = [example.text for example in [*stream.start, *stream.messages]]
    assert len(set(texts)) == len(texts), "each text once"
    assert "Intent_00 TEST 1" not in texts, "what is tested is not learned"
    out = {example.text.split()[0] for example in stream.messages if example.name == OUT_OF_SCOPE}
    assert out == {OUT_OF_SCOPE, *set(INTENTS) - known}, "held-out intents are out of scope, too"
    counts = [count for name, count in Counter(example.name for example in stream.messages).most_common() if name != OUT_OF_SCOPE]
    assert counts[0] > 2 * counts[-1], "some are frequent, many rare"
    assert draw_stream(made_up(), seed=3) == stream
    assert draw_stream(made_up(), seed=4) != stream
    assert pytest.approx(0.2) == OUT


def test_rounds_of_labels(stream: Stream) -> None:
    chosen, drawn = (label_in_rounds(stream, encode, 3, chosen=chosen) for chosen in (True, False))
    assert chosen.scores[0] == drawn.scores[0]
    for course in (chosen, drawn):
        assert [len(batch) for batch in course.batches] == [LABELS] * ROUNDS
        labelled = [example.text for batch in course.batches for example in batch]
        assert len(set(labelled)) == len(labelled)
        assert course.scores[-1] > course.scores[0]
    clean, poisoned = zip(*audit_batches(encode, stream, drawn, seed=3), strict=True)
    assert all(clean[1:]), "at first nothing is known of what is out of scope"
    assert not any(poisoned)


def test_figures_of_several_seeds() -> None:
    selected = [Course([0.5, 0.7, 0.8], []), Course([0.5, 0.7, 0.84], [])]
    random = [Course([0.5, 0.6, 0.75], []), Course([0.5, 0.6, 0.77], [])]
    found = summarise(selected, random)
    assert found["start"] == 0.5
    assert (found["selected"], found["random"]) == ([0.7, 0.82], [0.6, 0.76])
    assert found["difference"]["mean"] == pytest.approx(0.06)
    low, high = found["difference"]["interval"]
    assert low == pytest.approx(0.06 - 12.706 * 0.01, abs=1e-3)
    assert high == pytest.approx(0.06 + 12.706 * 0.01, abs=1e-3)
    assert summarise(selected[:1], random[:1])["difference"]["interval"] is None
