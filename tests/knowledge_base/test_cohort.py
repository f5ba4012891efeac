"""How near is near, told by a cohort of messages."""

from pathlib import Path

import numpy as np
import pytest

from knowledge_base.cohort import NEAREST, Cohort
from knowledge_base.errors import ModelError


def test_nearness_is_the_mean_of_the_nearest() -> None:
    cosines = np.linspace(0.0, 0.95, 20)
    rows = np.stack([cosines, np.sqrt(1 - cosines**2)], axis=1)
    found = Cohort({"en": rows, "zh": rows[:3]}).nearness(np.array([1.0, 0.0], dtype=np.float32))
    assert found["en"] == pytest.approx(cosines[-NEAREST:].mean())
    assert found["zh"] == pytest.approx(cosines[:3].mean()), "fewer than the nearest ones: all of them"


def test_what_is_written_is_read(tmp_path: Path) -> None:
    rows = np.random.default_rng(7).normal(size=(5, 8))
    Cohort({"en": rows}).write(tmp_path / "cohort.safetensors")
    assert Cohort.read(tmp_path / "cohort.safetensors").vectors["en"] == pytest.approx(rows, abs=2e-3)


@pytest.mark.parametrize("content", [None, b"", b"no tensors"])
def test_a_missing_or_damaged_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "cohort.safetensors").write_bytes(content)
    with pytest.raises(ModelError, match="cohort"):
        Cohort.read(tmp_path / "cohort.safetensors")
