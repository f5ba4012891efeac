"""A poisoned batch of labels is refused, a clean one passes."""

import json
import random
from dataclasses import replace

import pytest

from agent.utterances import Utterance
from knowledge_base.encoder import TextEncoder
from tests.conftest import ROOT
from training.dataset import read_dataset
from training.examples import stands_alone
from training.replay import replayed
from training.review.batch_audit import audit_batch


@pytest.fixture(scope="module")
def rows() -> list[Utterance]:
    """Labelled messages of the demonstration shop."""
    return [row for row in read_dataset([ROOT / "training/starter/validation"]) if stands_alone(row) and " " not in row.intent]


@pytest.fixture(scope="module")
def trusted() -> list[Utterance]:
    """A few of each intent and entry."""
    known = [row for row in read_dataset([ROOT / "training/starter/utterances"]) if stands_alone(row) and " " not in row.intent]
    return replayed(known, (), 4, 7)


def flipped(batch: list[Utterance], share: float, chance: random.Random) -> list[Utterance]:
    """The batch with a share of its labels replaced by others."""
    intents = sorted({row.intent for row in batch})
    wrong = set(chance.sample(range(len(batch)), round(share * len(batch))))
    return [
        replace(row, intent=chance.choice([name for name in intents if name != row.intent])) if place in wrong else row
        for place, row in enumerate(batch)
    ]


def test_a_clean_batch_passes_and_a_poisoned_one_does_not(encoder: TextEncoder, trusted: list[Utterance], rows: list[Utterance]) -> None:
    chance = random.Random(3)
    batch = chance.sample(rows, 300)
    clean = audit_batch(encoder.encode_queries, trusted, batch)
    assert clean.passed, clean
    assert clean.n == 300
    poisoned = audit_batch(encoder.encode_queries, trusted, flipped(batch, 0.2, chance))
    assert not poisoned.passed
    json.dumps([vars(audit) | {"issues": []} for audit in (clean, poisoned)])  # they are kept
    assert len(poisoned.issues) == poisoned.implausible > poisoned.limit


def test_a_new_intent_is_no_poison(encoder: TextEncoder, trusted: list[Utterance]) -> None:
    known = [row for row in trusted if row.intent != "recommend_product"]
    batch = [row for row in trusted if row.intent == "recommend_product"]
    audit = audit_batch(encoder.encode_queries, known, batch)
    assert audit.passed, audit


def test_a_single_label_cannot_be_judged_by_itself(encoder: TextEncoder, trusted: list[Utterance]) -> None:
    audit = audit_batch(encoder.encode_queries, trusted, [Utterance("do you run cooking classes?", "en", "cooking_class", None)])
    assert (audit.n, audit.passed) == (0, True)
