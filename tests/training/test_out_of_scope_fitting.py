import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from agent.out_of_scope import OutOfScopeModel
from knowledge_base.errors import ModelError
from knowledge_base.onnx_model import Array
from training.out_of_scope_fitting import describe_scope, fit_score, rejection_thresholds, score_by_doubt

LABELS = ["a", "b", "oos"]


def three_places(generator: np.random.Generator, messages: int = 300) -> tuple[Array, Any]:
    """Representations around three corners, and which corner each is of."""
    places = np.arange(messages) % 3
    return np.eye(3)[places] + generator.normal(scale=0.2, size=(messages, 3)), places


def test_features_by_hand() -> None:
    model = OutOfScopeModel(
        centroids=np.array([[1.0, 0.0], [0.0, 1.0]]),
        whitening=np.diag([2.0, 1.0]),
        whitened_means=np.array([[6.0, 4.0], [0.0, 0.0]]),
        bank=np.array([[0.6, 0.8], [1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.6, 0.8]]),
        weights={},
    )
    logits = np.array([[math.log(2), math.log(1), math.log(1)]])
    features = model.features(np.array([[3.0, 4.0]]), logits, LABELS)
    assert features["doubt"] == pytest.approx([math.log((1 / 3) / (2 / 3))])
    assert features["energy"] == pytest.approx([math.log(3)])
    assert features["distance"] == pytest.approx([1 - 0.8])
    assert features["mahalanobis"] == pytest.approx([0.0]), "(3, 4) is (6, 4) after whitening, where the first class lies"
    assert features["neighbours"] == pytest.approx([1 - (1.0 + 1.0 + 0.6 + 0.8 - 0.6) / 5])
    assert features["oos_logit"] == pytest.approx([math.log(0.25 / 0.75)])
    assert "oos_logit" not in model.features(np.array([[3.0, 4.0]]), logits[:, :2], ["a", "b"])


def test_the_score_separates_what_can_be_separated() -> None:
    representations, places = three_places(np.random.default_rng(7))
    logits, is_out = representations * 5, places == 2
    model = describe_scope(representations, places, LABELS)
    assert model.centroids.shape == (2, 3), "out of scope is no place"
    model, auroc = fit_score(model, representations, logits, LABELS, is_out)
    assert auroc > 0.95
    scores = model.scores(representations, logits, LABELS)
    assert scores[is_out].mean() > 0.8
    assert scores[~is_out].mean() < 0.2


def test_without_messages_out_of_scope_the_score_is_the_doubt() -> None:
    representations, places = three_places(np.random.default_rng(7))
    model = score_by_doubt(describe_scope(representations, places, ["a", "b", "c"]), ["a", "b", "c"])
    scores = model.scores(np.ones((2, 3)), np.log([[0.7, 0.2, 0.1], [0.4, 0.3, 0.3]]), ["a", "b", "c"])
    assert scores == pytest.approx([0.3, 0.6])


def test_the_model_travels(tmp_path: Path) -> None:
    representations, places = three_places(np.random.default_rng(7))
    model, _ = fit_score(describe_scope(representations, places, LABELS), representations, representations * 5, LABELS, places == 2)
    model.write(tmp_path / "scope.safetensors")
    again = OutOfScopeModel.read(tmp_path / "scope.safetensors", model.weights)
    args = representations, representations * 5, LABELS
    assert again.scores(*args) == pytest.approx(model.scores(*args), abs=0.02), "half precision"
    with pytest.raises(ModelError, match="cannot be read"):
        OutOfScopeModel.read(tmp_path / "nothing", {})


def test_thresholds_are_where_they_cost_least() -> None:
    # In scope up to 0.3, out of scope from 0.7 on; an intent whose messages score higher gets a higher threshold.
    low, high = np.linspace(0.0, 0.3, 30), np.linspace(0.7, 1.0, 30)
    scores = np.concatenate([low, high, low + 0.5, high + 0.2])
    predicted = ["low"] * 60 + ["high"] * 60
    is_out = np.array(([False] * 30 + [True] * 30) * 2)
    limits = rejection_thresholds(scores, predicted, ~is_out, is_out)
    assert 0.3 < limits["low"] < limits["high"] < 0.9
    assert set(limits) == {"", "low", "high"}


def test_an_intent_with_few_messages_has_the_threshold_of_all() -> None:
    scores = np.array([0.1] * 30 + [0.9] * 30 + [0.5] * 3)
    is_out = np.array([False] * 30 + [True] * 30 + [False] * 3)
    limits = rejection_thresholds(scores, ["often"] * 60 + ["rare"] * 3, ~is_out, is_out)
    assert "rare" not in limits


def test_a_dearer_false_answer_lowers_the_threshold() -> None:
    generator = np.random.default_rng(7)
    is_out = np.arange(400) % 2 == 1
    scores = np.clip(generator.normal(np.where(is_out, 0.6, 0.4), 0.15), 0, 1)
    cheap, dear = (rejection_thresholds(scores, ["x"] * 400, ~is_out, is_out, false_answer=cost)[""] for cost in (0.5, 4.0))
    assert dear < cheap
