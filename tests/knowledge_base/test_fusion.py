"""One score out of what vectors and keywords say."""

import numpy as np
import pytest

from knowledge_base.fusion import Fusion, shares


def test_each_kind_of_evidence_counts_by_its_weight() -> None:
    scores = Fusion(0.6, 0.3, 0.1).scores([0.8, 0.5], [0.4, 0.5], [2.0, 10.0])
    assert scores == pytest.approx([0.6 * 0.8 + 0.3 * 0.4 + 0.1 * 0.1, 0.6 * 0.5 + 0.3 * 0.5 + 0.1 * 0.5])


def test_keywords_are_shares_of_the_best_which_counts_less_where_it_is_low() -> None:
    assert shares(np.array([5.0, 20.0, 0.0])) == pytest.approx([1 / 6, 2 / 3, 0.0])
    assert shares(np.array([0.5, 2.0, 0.0])) == pytest.approx([1 / 24, 1 / 6, 0.0])
    assert shares(np.zeros(2)).tolist() == [0.0, 0.0]
    assert shares(np.array([])).tolist() == []
