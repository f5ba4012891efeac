from pathlib import Path

import numpy as np
import pytest

from agent.context_model import ContextModel, Leaning, evidence, never_in_context
from agent.conversation import Manner
from knowledge_base.errors import ModelError

WEIGHTS = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
INHERITS = {"dependent": 1.0, "alone": -1.0, "joined": 1.0, "same": 0.0, "near": 0.0, "bias": 0.0}
MODEL = ContextModel(WEIGHTS, np.zeros(3), INHERITS)


def test_leanings_are_probabilities() -> None:
    leaning = MODEL.leaning(np.array([2.0, 1.0]))
    powers = np.exp([2.0, 1.0, -1.0])
    assert (leaning.alone, leaning.follow_up, leaning.correction) == pytest.approx(tuple(powers / powers.sum()))
    assert leaning.manner is Manner.FOLLOW_UP
    assert MODEL.leaning(np.array([0.0, -3.0])).manner is Manner.CORRECTION


@pytest.mark.parametrize(
    ("leaning", "alone", "joined", "inherits"),
    [
        (Leaning(0.2, 0.7, 0.1), 0.5, 0.5, True),
        (Leaning(0.8, 0.1, 0.1), 0.5, 0.5, False),
        (Leaning(0.5, 0.4, 0.1), 0.1, 0.9, True),
        (Leaning(0.5, 0.4, 0.1), 0.9, 0.1, False),
    ],
)
def test_sound_and_sense_decide_together(leaning: Leaning, alone: float, joined: float, inherits: bool) -> None:
    assert MODEL.inherits(evidence(leaning, alone, joined, same=False, near=False)) is inherits


def test_it_is_read_as_it_was_written(tmp_path: Path) -> None:
    for order in ("C", "F"):  # scikit-learn's weights lie in either order
        model = ContextModel(np.asarray(WEIGHTS, order=order), MODEL.bias, INHERITS)
        model.write(tmp_path / "context.safetensors")
        again = ContextModel.read(tmp_path / "context.safetensors", INHERITS)
        assert again.leaning(np.array([0.3, 0.4])).alone == pytest.approx(MODEL.leaning(np.array([0.3, 0.4])).alone)


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "context.safetensors").write_bytes(b"damaged")
    with pytest.raises(ModelError, match="Restore the release's folder"):
        ContextModel.read(tmp_path / "context.safetensors", {})


def test_without_dialogues_every_message_stands_alone() -> None:
    assert never_in_context(4).leaning(np.array([9.0, -9.0, 3.0, 1.0])).alone > 0.99
