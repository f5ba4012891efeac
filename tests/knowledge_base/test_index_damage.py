"""Whatever happens to the index's files, the next start notices, says so and rebuilds them."""

import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from knowledge_base.encoder import TextEncoder
from knowledge_base.vectors import VectorIndex
from tests.knowledge_base.faq_index_shop import Shop, best


def cut(file: Path, share: float) -> None:
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * share)])


def overwrite_end(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: len(data) * 8 // 10] + b"\xff" * (len(data) - len(data) * 8 // 10))


def graph(folder: Path) -> Path:
    return next(path for path in (folder / "chroma").iterdir() if path.is_dir())


def lose_vectors(folder: Path, encoder: TextEncoder) -> None:
    vectors = VectorIndex.in_folder(folder / "chroma", encoder)
    vectors.collection.delete(ids=vectors.collection.get(limit=11, include=[])["ids"])
    vectors.close()


DAMAGES: dict[str, Callable[[Path, TextEncoder], object]] = {
    "no folder": lambda folder, _: shutil.rmtree(folder),
    "no chroma": lambda folder, _: shutil.rmtree(folder / "chroma"),
    "no chroma.sqlite3": lambda folder, _: (folder / "chroma/chroma.sqlite3").unlink(),
    "garbage in chroma.sqlite3": lambda folder, _: (folder / "chroma/chroma.sqlite3").write_bytes(b"garbage" * 1000),
    "half of chroma.sqlite3": lambda folder, _: cut(folder / "chroma/chroma.sqlite3", 0.5),
    "no graph": lambda folder, _: shutil.rmtree(graph(folder)),
    "no graph vectors": lambda folder, _: (graph(folder) / "data_level0.bin").unlink(),
    "no graph ids": lambda folder, _: (graph(folder) / "index_metadata.pickle").unlink(),
    "a graph that killed the process when it was opened": lambda folder, _: (folder / "opening").touch(),
    "half of graph ids": lambda folder, _: cut(graph(folder) / "index_metadata.pickle", 0.5),
    "missing vectors": lose_vectors,
    "no keywords.db": lambda folder, _: (folder / "keywords.db").unlink(),
    "garbage in keywords.db": lambda folder, _: (folder / "keywords.db").write_bytes(b"garbage" * 1000),
    "half of keywords.db": lambda folder, _: cut(folder / "keywords.db", 0.5),
    "garbage at the end of keywords.db": lambda folder, _: overwrite_end(folder / "keywords.db"),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damage_is_noticed_logged_and_healed(
    large_shop: Shop, damage: Callable[[Path, TextEncoder], object], caplog: pytest.LogCaptureFixture
) -> None:
    (name,) = large_shop.index_folders
    damage(large_shop.folder / "index" / name, large_shop.encoder)

    with caplog.at_level(logging.WARNING, "knowledge_base"):
        index = large_shop.open()

    assert "is damaged" in caplog.text
    assert "it is rebuilt from the repository" in caplog.text
    assert (index.vectors.count(), index.keywords.count()) == (1100, 100)
    for product in (0, 7, 99):
        found = best(index, f"question 3 about product {product}")
        assert found.entry.id == f"product-{product}"
        assert found.question == pytest.approx(1.0, abs=1e-4)
        assert found.keywords > 0
    index.close()
    caplog.clear()
    large_shop.open().close()
    assert caplog.text == ""
    assert len(large_shop.index_folders) == 1


def test_a_sound_index_is_not_rebuilt(large_shop: Shop, caplog: pytest.LogCaptureFixture) -> None:
    before = large_shop.index_folders
    large_shop.open().close()
    assert large_shop.index_folders == before
    assert caplog.text == ""
