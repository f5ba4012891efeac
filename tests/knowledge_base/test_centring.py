"""What all texts of a language have in common does not count."""

from pathlib import Path

import numpy as np
import pytest

from knowledge_base.centring import Centring, language_of
from knowledge_base.encoder import TextEncoder
from knowledge_base.errors import ModelError

TEXTS = ["How do I return a jacket?", "What does express delivery cost?", "怎么退货？", "加急快递多少钱？"]


def test_unrelated_texts_of_a_language_are_far_apart_and_translations_near(encoder: TextEncoder) -> None:
    vectors = encoder.encode_queries(TEXTS)
    raw = vectors @ vectors.T
    assert min(raw[0, 1], raw[2, 3]) > 0.75
    centred = Centring.of(encoder.base_fingerprint).apply(vectors, TEXTS, "query")
    cosines = centred @ centred.T
    assert np.diag(cosines) == pytest.approx(1.0, abs=1e-5)
    assert max(cosines[0, 1], cosines[2, 3]) < 0.4
    for text, translated, other in ((0, 2, 1), (1, 3, 0), (2, 0, 3), (3, 1, 2)):
        assert cosines[text, translated] - cosines[text, other] > 2 * (raw[text, translated] - raw[text, other])


def test_a_text_with_chinese_characters_is_chinese() -> None:
    assert [language_of(text) for text in ("退货", "iPhone 怎么退", "Rückgabe", "")] == ["zh", "zh", "en", "en"]


def test_another_encoder_s_vectors_stay_as_they_are() -> None:
    centring, vectors = Centring.of("f" * 64), np.eye(3, dtype=np.float32)
    assert centring.fingerprint == ""
    assert centring.apply(vectors, ["a", "b", "c"], "query") is vectors


def test_what_is_written_is_read(tmp_path: Path) -> None:
    centres = {f"{code} {kind}": np.full(4, 0.25, np.float32) for code in ("en", "zh") for kind in ("query", "document")}
    Centring(centres).write(tmp_path / "centres", "e" * 64)
    found = Centring.of("e" * 64, tmp_path / "centres")
    assert {name: centre.tolist() for name, centre in found.centres.items()} == {name: [0.25] * 4 for name in centres}
    assert found.fingerprint != Centring.of("f" * 64, tmp_path / "centres").fingerprint == ""


@pytest.mark.parametrize("content", [None, b"", b"no tensors"])
def test_a_missing_or_damaged_file_is_refused(tmp_path: Path, content: bytes | None) -> None:
    if content is not None:
        (tmp_path / "centres").write_bytes(content)
    with pytest.raises(ModelError, match="Install Frontdesk anew"):
        Centring.of("e" * 64, tmp_path / "centres")
