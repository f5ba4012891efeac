"""The starter utterances: complete, labelled with what exists, and not the questions that quality is measured with."""

import csv
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from agent.intents import OUT_OF_SCOPE, read_intents
from agent.utterances import Utterance, dialogues, read_utterances
from knowledge_base.importing.sources import read_entries
from knowledge_base.normalisation import normalise
from tests.conftest import ROOT
from training.dataset import read_dataset
from training.examples import stands_alone

STARTER = ROOT / "training/starter"
TESTS = [ROOT / "tests/data" / name for name in ("blind.csv", "blind_dialogues.csv", "blind_questions.csv")]
NEARLY_EQUAL = 0.7  # Jaccard similarity of character 3-grams
Rows = list[tuple[str, Utterance]]


def rows(*paths: Path) -> Rows:
    """Every utterance with its place."""
    files = [file for path in paths for file in (sorted(path.glob("*.csv")) if path.is_dir() else [path])]
    return [(f"{file.name}:{line}", row) for file in files for line, row in read_utterances(file)]


@pytest.fixture(scope="module")
def training() -> Rows:
    return rows(STARTER / "utterances")


@pytest.fixture(scope="module")
def validation() -> Rows:
    return rows(STARTER / "validation")


@pytest.fixture(scope="module")
def golden() -> Rows:
    return rows(STARTER / "golden")


@pytest.fixture(scope="module")
def blind() -> Rows:
    return rows(*TESTS)


def test_every_label_exists(training: Rows, validation: Rows, golden: Rows, blind: Rows) -> None:
    intents = {intent.id for intent in read_intents(STARTER / "intents.yaml")} | {OUT_OF_SCOPE}
    entries = {entry.id for entry in read_entries([ROOT / "knowledge_base/starter/entries"])}
    wrong = [
        f"{place}: {row.intent}, {row.faq}"
        for place, row in [*training, *validation, *golden, *blind]
        if not set(row.intent.split()) <= intents or row.language not in {"en", "zh", "mixed"} or not entries.issuperset(row.faqs)
    ]
    assert not wrong


def test_every_intent_is_well_covered_in_both_languages(training: Rows) -> None:
    counts = Counter((row.intent, row.language) for _, row in training if stands_alone(row))
    intents = {intent.id for intent in read_intents(STARTER / "intents.yaml")}
    thin = {(intent, language): counts[intent, language] for intent in intents for language in ("en", "zh")}
    assert {pair: count for pair, count in thin.items() if count < 60} == {}


def test_out_of_scope_is_well_covered_and_half_of_it_is_near_the_shop() -> None:
    with (STARTER / "utterances/oos.csv").open(encoding="utf-8", newline="") as stream:
        counts = Counter((row["language"], row["domain"]) for row in csv.DictReader(stream))
    for language in ("en", "zh"):
        near, far = counts[language, "near"], counts[language, "far"]
        assert near + far >= 400
        assert 0.4 <= near / (near + far) <= 0.7


def test_dialogues_have_turns_of_every_kind(training: Rows, validation: Rows) -> None:
    for part in (training, validation):
        for language in ("en", "zh"):
            kinds = Counter(row.kind for _, row in part if row.dialogue and row.language == language)
            assert min(kinds["opening"], kinds["follow_up"], kinds["new_topic"], kinds["correction"]) >= 30


def test_the_blind_set_is_as_large_as_it_should_be(blind: Rows) -> None:
    singles = [row for place, row in blind if place.startswith("blind.csv")]
    talks = dialogues(row for _, row in blind)
    for language in ("en", "zh"):
        assert sum(row.language == language for row in singles) == 300
        assert sum(row.language == language and row.intent == OUT_OF_SCOPE for row in singles) == 60
        led = [turns for turns in talks if turns[0].language == language]
        assert len(led) == 40
        assert sum(any(turn.kind == "new_topic" for turn in turns) for turns in led) == 20


def test_the_golden_set_tells_intents_and_languages_apart(golden: Rows) -> None:
    assert min(Counter(row.language for _, row in golden).values()) >= 300
    counts = Counter(row.intent for _, row in golden)
    assert sum(count >= 15 for count in counts.values()) >= 30


def test_the_parts_share_no_nearly_equal_texts(training: Rows, validation: Rows, golden: Rows, blind: Rows) -> None:
    parts = (blind, golden, validation, training)
    assert not [pair for place, part in enumerate(parts) for other in parts[place + 1 :] for pair in nearly_equal(part, other)]


def test_no_text_has_two_labels() -> None:
    assert len(read_dataset([STARTER / "utterances"])) > 15_000  # which raises if one has
    assert len(read_dataset([STARTER / "validation"])) > 2_000


def nearly_equal(one: Rows, other: Rows) -> list[str]:
    """Pairs of two parts that are the same but for a few characters; turns that only mean something in their dialogue do not count."""
    (places, texts), (other_places, other_texts) = _standing_alone(one), _standing_alone(other)
    vectorizer = CountVectorizer(analyzer="char", ngram_range=(3, 3), binary=True, preprocessor=normalise, dtype=np.int32)
    grams = vectorizer.fit_transform([*texts, *other_texts])
    ours, theirs = grams[: len(texts)], grams[len(texts) :]
    shared = (ours @ theirs.T).toarray()
    together = ours.sum(axis=1).reshape(-1, 1) + theirs.sum(axis=1).reshape(1, -1) - shared
    near = shared >= NEARLY_EQUAL * np.maximum(together, 1)
    equal = np.array([[normalise(text)] for text in texts]) == np.array([normalise(text) for text in other_texts])  # shorter than a 3-gram
    return [f"{texts[i]!r} in {places[i]} is {other_texts[j]!r} in {other_places[j]}" for i, j in np.argwhere(near | equal)]


def _standing_alone(part: Rows) -> tuple[Sequence[str], Sequence[str]]:
    kept = [(place, row.text) for place, row in part if stands_alone(row) and row.kind != "social"]
    return [place for place, _ in kept], [text for _, text in kept]
