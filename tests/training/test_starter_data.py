"""The starter utterances: complete, labelled with what exists, and not the questions that quality is measured with."""

from collections import Counter

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from agent.intents import OUT_OF_SCOPE, read_intents
from agent.utterances import Utterance, read_utterances
from knowledge_base.entry_files import read_entries
from knowledge_base.normalisation import normalise
from tests.conftest import ROOT

UTTERANCES = ROOT / "training/starter/utterances"
NEARLY_EQUAL = 0.7  # Jaccard similarity of character 3-grams


@pytest.fixture(scope="module")
def starter() -> list[tuple[str, Utterance]]:
    """Every utterance with its place."""
    return [(f"{file.name}:{line}", row) for file in sorted(UTTERANCES.glob("*.csv")) for line, row in read_utterances(file)]


@pytest.fixture(scope="module")
def blind() -> list[Utterance]:
    return [row for _, row in read_utterances(ROOT / "tests/data/blind.csv")]


def test_every_label_exists(starter: list[tuple[str, Utterance]]) -> None:
    intents = {intent.id for intent in read_intents(ROOT / "training/starter/intents.yaml")} | {OUT_OF_SCOPE}
    entries = {entry.id for entry in read_entries([ROOT / "knowledge_base/starter/entries"])}
    wrong = [
        f"{place}: {row.intent}, {row.faq}"
        for place, row in starter
        if row.intent not in intents or row.language not in {"en", "zh", "mixed"} or (row.faq and row.faq not in entries)
    ]
    assert not wrong


def test_every_intent_is_well_covered_in_both_languages(starter: list[tuple[str, Utterance]]) -> None:
    counts = Counter((row.intent, row.language) for _, row in starter)
    intents = {intent.id for intent in read_intents(ROOT / "training/starter/intents.yaml")} | {OUT_OF_SCOPE}
    thin = {
        (intent, language): counts[intent, language] for intent in intents for language in ("en", "zh") if counts[intent, language] < 20
    }
    assert not thin


@pytest.mark.parametrize("language", ["en", "zh"])
def test_no_blind_question_was_trained_on(starter: list[tuple[str, Utterance]], blind: list[Utterance], language: str) -> None:
    places, trained = zip(*((place, row.text) for place, row in starter if row.language == language), strict=True)
    asked = [row.text for row in blind if row.language == language]
    vectorizer = CountVectorizer(analyzer="char", ngram_range=(3, 3), binary=True, preprocessor=normalise, dtype=np.int32)
    grams = vectorizer.fit_transform([*asked, *trained])
    wanted, known = grams[: len(asked)], grams[len(asked) :]
    shared = (wanted @ known.T).toarray()
    together = wanted.sum(axis=1).reshape(-1, 1) + known.sum(axis=1).reshape(1, -1) - shared
    near = shared >= NEARLY_EQUAL * np.maximum(together, 1)
    equal = np.array([[normalise(text)] for text in asked]) == np.array([normalise(text) for text in trained])  # shorter than a 3-gram, too
    found = [f"{asked[i]!r} is {trained[j]!r} in {places[j]}" for i, j in np.argwhere(near | equal)]
    assert not found
