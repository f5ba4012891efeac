import numpy as np
import pytest

from agent.intent import softmax
from knowledge_base.onnx_model import Array
from training.calibration import expected_calibration_error, fit_temperature, places_of


def labels_drawn_from(logits: Array, generator: np.random.Generator) -> Array:
    """Targets for which the logits' own probabilities are calibrated."""
    return np.array([generator.choice(len(row), p=row) for row in softmax(logits)])


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.5])
def test_the_temperature_that_spoilt_the_logits_is_found(temperature: float) -> None:
    generator = np.random.default_rng(7)
    logits = generator.normal(scale=2.0, size=(4000, 6))
    targets = labels_drawn_from(logits, generator)
    assert fit_temperature(logits * temperature, targets) == pytest.approx(temperature, rel=0.08)


def test_calibrated_logits_have_almost_no_calibration_error_and_spoilt_ones_have() -> None:
    generator = np.random.default_rng(7)
    logits = generator.normal(scale=2.0, size=(4000, 6))
    targets = labels_drawn_from(logits, generator)
    right = logits.argmax(axis=1) == targets
    assert expected_calibration_error(softmax(logits).max(axis=1), right) < 0.03
    assert expected_calibration_error(softmax(logits * 4).max(axis=1), right) > 0.1


def test_calibration_error_by_hand() -> None:
    # Two texts at 0.9, one of them right: gap 0.4. Two at 0.6, both right: gap 0.4. One at 0.8, right: gap 0.2.
    confidence = np.array([0.9, 0.9, 0.6, 0.6, 0.8])
    right = np.array([True, False, True, True, True])
    assert expected_calibration_error(confidence, right, bins=10) == pytest.approx((2 * 0.4 + 2 * 0.4 + 0.2) / 5)


def test_calibration_error_of_certainty() -> None:
    certain = np.array([1.0, 1.0])
    assert expected_calibration_error(certain, np.array([True, True])) == 0.0
    assert expected_calibration_error(certain, np.array([False, False])) == 1.0


def test_places() -> None:
    assert places_of(["a", "b", "oos"], ["oos", "a", "b"]).tolist() == [2, 0, 1]
