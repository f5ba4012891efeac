"""The index finds entries by meaning and by words, follows the repository, and heals itself."""

import copy
import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy import select

from knowledge_base.database import Database
from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.errors import StorageError
from knowledge_base.index import FAQIndex, Progress, silent
from knowledge_base.repository import FAQRepository
from knowledge_base.retrieval import Candidate, Retriever, fuse
from knowledge_base.tables import IndexTaskRow, LiveIndexRow
from knowledge_base.vectors import VectorIndex
from tests.conftest import ROOT


def entry(entry_id: str, **variants: tuple[str, ...]) -> FAQEntry:
    """An entry; each variant is its questions and, last, its answer."""
    return FAQEntry(entry_id, {language: EntryVariant(language, texts[:-1], texts[-1]) for language, texts in variants.items()})


ENTRIES = [
    entry(
        "return",
        en=("How do I return an item?", "I want to send it back", "Print the code and drop the parcel at a pickup point."),
        zh=("怎么申请退货？", "东西不想要了想退掉", "打印退货码，把包裹送到自提点。"),
    ),
    entry("delivery", zh=("多久能送到？", "包裹什么时候到", "三到五个工作日送达。")),
    entry("password", en=("I forgot my password", "I cannot sign in", "Press Forgot password and open the link.")),
    entry("invoice", en=("Where is my invoice?", "It is in My orders."), zh=("怎么开发票？", "在我的订单里下载。")),
    entry("charger", en=("Which charger fits my laptop?", "The charger SKU-77X fits every laptop that we sell.")),
    entry("hours", en=("When are you open?", "Every day."), zh=("客服几点上班？", "每天都在。")),
]
# Chroma keeps up to 1,000 changes in SQLite and writes the graph's files after that.
MANY = [entry(f"product-{i}", en=(*(f"question {j} about product {i}" for j in range(10)), f"This is product {i}.")) for i in range(100)]


@dataclass(frozen=True)
class Shop:
    """A folder with a database and an index, and the encoder it is opened with."""

    folder: Path
    encoder: TextEncoder

    @property
    def repository(self) -> FAQRepository:
        """A new one each time, as another process would have it."""
        return FAQRepository(Database(f"sqlite:///{self.folder}/frontdesk.db"))

    def open(self, progress: Progress = silent) -> FAQIndex:
        return FAQIndex(self.folder / "index", self.repository, self.encoder, progress)

    @property
    def index_folders(self) -> list[str]:
        return sorted(path.name for path in (self.folder / "index").iterdir() if path.is_dir())


def build(folder: Path, encoder: TextEncoder, entries: list[FAQEntry]) -> Shop:
    shop = Shop(folder, encoder)
    shop.repository.put(entries)
    shop.open().close()
    return shop


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, encoder: TextEncoder) -> Shop:
    return build(tmp_path_factory.mktemp("shop"), encoder, ENTRIES)


@pytest.fixture
def shop(built: Shop, tmp_path: Path) -> Shop:
    return replace(built, folder=shutil.copytree(built.folder, tmp_path / "shop"))


@pytest.fixture(scope="module")
def built_large(tmp_path_factory: pytest.TempPathFactory, tiny_encoder: TextEncoder) -> Shop:
    return build(tmp_path_factory.mktemp("large-shop"), tiny_encoder, MANY)


@pytest.fixture
def large_shop(built_large: Shop, tmp_path: Path) -> Shop:
    return replace(built_large, folder=shutil.copytree(built_large.folder, tmp_path / "large-shop"))


@pytest.fixture
def index(shop: Shop) -> Iterator[FAQIndex]:
    index = shop.open()
    yield index
    index.close()


def best(index: FAQIndex, text: str) -> Candidate:
    return Retriever(index).search(text)[0]


def pending(index: FAQIndex) -> int:
    with index.repository.database.reading() as connection:
        return len(connection.execute(select(IndexTaskRow.id)).all())


# --- finding ---


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("can you take this back?", "return"),
        ("买错了想退", "return"),
        ("when will my package arrive", "delivery"),  # only in Chinese
        ("密码不记得了", "password"),  # only in English
        ("帳單在哪裡下載", "invoice"),
        ("sku-77x", "charger"),
        ("有没有SKU-77X", "charger"),
    ],
)
def test_entries_are_found_by_meaning_and_by_words(index: FAQIndex, text: str, found: str) -> None:
    assert best(index, text).entry.id == found


def test_a_rare_word_scores_and_a_strange_one_does_not(index: FAQIndex) -> None:
    assert best(index, "SKU-77X").keywords > 0
    assert {candidate.keywords for candidate in Retriever(index).search("xyzzy")} == {0.0}


def test_variants_are_grouped_by_entry_with_the_best_of_each_kind(index: FAQIndex, encoder: TextEncoder) -> None:
    text = "how can I send this back"
    message = encoder.encode_queries([text])[0]
    candidates = Retriever(index).search(text)
    assert sorted(candidate.entry.id for candidate in candidates) == sorted(entry.id for entry in ENTRIES)
    for candidate in candidates:
        variants = candidate.entry.variants.values()
        questions = encoder.encode_queries([question for variant in variants for question in variant.questions])
        answers = encoder.encode_documents([variant.answer for variant in variants])
        assert candidate.question == pytest.approx((questions @ message).max(), abs=1e-4)
        assert candidate.answer == pytest.approx((answers @ message).max(), abs=1e-4)
    assert len(Retriever(index).search(text, limit=2)) == 2


def test_an_empty_index_finds_nothing(tmp_path: Path, tiny_encoder: TextEncoder) -> None:
    index = Shop(tmp_path, tiny_encoder).open()
    assert Retriever(index).search("return") == []
    index.close()


def test_fusion_prefers_what_both_rankings_have() -> None:
    assert fuse(["a", "b", "c"], ["c", "b", "d"]) == ["c", "b", "a", "d"]
    assert fuse([], []) == []


# --- following the repository ---


def test_a_change_appears_after_refresh_and_survives_reopening(shop: Shop, index: FAQIndex) -> None:
    changed = entry("charger", en=("Do you sell umbrellas?", "Yes, ask for PARASOL-5."))
    index.repository.put([changed, entry("candles", en=("Do you sell candles?", "No."))])
    assert index.refresh() == 2
    assert index.refresh() == 0
    for _ in range(2):
        assert best(index, "PARASOL-5").entry == changed
        assert best(index, "candles").entry.id == "candles"
        assert {candidate.keywords for candidate in Retriever(index).search("SKU-77X")} == {0.0}
        assert pending(index) == 0
        index.close()
        index = shop.open()
    index.close()


def test_a_deleted_entry_is_gone_at_once_and_from_the_index_after_refresh(shop: Shop, index: FAQIndex) -> None:
    index.repository.delete("password")
    assert "password" not in {candidate.entry.id for candidate in Retriever(index).search("password")}
    vectors = index.vectors.count()
    assert index.refresh() == 1
    assert index.vectors.count() == vectors - 3
    assert "password" not in index.keywords.search("password", 10)
    index.close()
    index = shop.open()
    assert "password" not in {candidate.entry.id for candidate in Retriever(index).search("password")}
    index.close()


def test_changes_of_another_process_are_applied_at_open_and_at_refresh(shop: Shop) -> None:
    shop.repository.put([entry("candles", en=("Do you sell candles?", "No."))])
    index = shop.open()
    assert best(index, "candles").entry.id == "candles"
    assert pending(index) == 0
    shop.repository.put([entry("umbrellas", en=("Do you sell umbrellas?", "Yes."))])
    assert index.refresh() == 1
    assert best(index, "umbrellas").entry.id == "umbrellas"
    index.close()


def test_a_task_that_was_applied_before_a_crash_is_applied_again_without_harm(shop: Shop, index: FAQIndex) -> None:
    counts = index.vectors.count(), index.keywords.count()
    with index.repository.database.transaction() as connection:
        connection.execute(IndexTaskRow.__table__.insert().values(entry_id="return"))  # type: ignore[attr-defined]
    index.close()
    index = shop.open()
    assert (index.vectors.count(), index.keywords.count()) == counts
    assert shop.index_folders == [index_name(index)], "not rebuilt"
    index.close()


def index_name(index: FAQIndex) -> str:
    with index.repository.database.reading() as connection:
        return connection.execute(select(LiveIndexRow.folder)).scalar_one()


# --- one owner ---


def test_a_second_index_is_a_reader_until_the_owner_is_gone(shop: Shop, index: FAQIndex) -> None:
    reader = shop.open()
    assert index.is_owner
    assert not reader.is_owner
    assert best(reader, "怎么退货").entry.id == "return"
    reader.repository.put([entry("candles", en=("Do you sell candles?", "No."))])
    assert reader.refresh() == 0
    assert pending(reader) == 1
    reader.close()
    assert index.is_owner
    assert index.refresh() == 1
    index.close()
    successor = shop.open()
    assert successor.is_owner
    successor.close()


READER = """
import json, sys
from pathlib import Path
from knowledge_base.database import Database
from knowledge_base.encoder import TextEncoder
from knowledge_base.index import FAQIndex
from knowledge_base.repository import FAQRepository
from knowledge_base.retrieval import Retriever
folder, model = Path(sys.argv[1]), Path(sys.argv[2])
index = FAQIndex(folder / "index", FAQRepository(Database(f"sqlite:///{folder}/frontdesk.db")), TextEncoder(model))
found = Retriever(index).search("question 3 about product 7")[0].entry.id
print(json.dumps({"owner": index.is_owner, "found": found, "applied": index.refresh()}))
index.close()
"""


def test_another_process_reads_and_changes_nothing(large_shop: Shop, tiny_export: Path) -> None:
    owner = large_shop.open()
    owner.repository.put([entry("candles", en=("Do you sell candles?", "No."))])
    folder = large_shop.folder / "index"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".db-shm"}
    script = [sys.executable, "-c", READER, str(large_shop.folder), str(tiny_export)]
    output = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert json.loads(output) == {"owner": False, "found": "product-7", "applied": 0}
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file() and path.suffix != ".db-shm"} == before
    assert owner.refresh() == 1
    owner.close()


def test_a_reader_that_comes_before_the_index_is_ready_says_so(shop: Shop, index: FAQIndex) -> None:
    early = replace(shop, encoder=another(shop.encoder))
    with pytest.raises(StorageError, match="its index is not ready yet. Try again"):
        early.open()
    assert best(index, "SKU-77X").entry.id == "charger"


def test_a_folder_that_cannot_be_made_is_named(shop: Shop) -> None:
    (shop.folder / "file").write_text("in the way")
    with pytest.raises(StorageError, match=r"The index folder .*file/index cannot be written"):
        FAQIndex(shop.folder / "file" / "index", shop.repository, shop.encoder)


# --- another encoder ---


def another(encoder: TextEncoder) -> TextEncoder:
    other = copy.copy(encoder)
    other.fingerprint = "f" * 64
    return other


def test_another_encoder_gets_another_index_and_the_old_one_goes(shop: Shop) -> None:
    (old,) = shop.index_folders
    index = replace(shop, encoder=another(shop.encoder)).open()
    assert shop.index_folders == [index_name(index)] != [old]
    assert index_name(index).startswith("ffffffffffff-")
    assert best(index, "怎么退货").entry.id == "return"
    index.close()


def test_until_the_new_index_is_whole_the_old_one_stays(shop: Shop) -> None:
    def interrupt(_total: int, _title: str) -> Callable[[int], object]:
        raise KeyboardInterrupt

    (old,) = shop.index_folders
    with pytest.raises(KeyboardInterrupt):
        replace(shop, encoder=another(shop.encoder)).open(interrupt)
    index = shop.open()
    assert index_name(index) == old
    assert best(index, "怎么退货").entry.id == "return"
    index.close()
    replace(shop, encoder=another(shop.encoder)).open().close()
    assert len(shop.index_folders) == 1, "what the interrupted one left is gone, too"


def test_progress_counts_every_text(shop: Shop) -> None:
    counts: list[int] = []
    totals: list[int] = []

    def progress(total: int, _title: str) -> Callable[[int], object]:
        totals.append(total)
        return counts.append

    index = replace(shop, encoder=another(shop.encoder)).open(progress)
    assert totals == [sum(counts)] == [index.vectors.count()]
    index.close()


# --- damage ---


def cut(file: Path, share: float) -> None:
    file.write_bytes(file.read_bytes()[: int(file.stat().st_size * share)])


def overwrite_end(file: Path) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: len(data) * 8 // 10] + b"\xff" * (len(data) - len(data) * 8 // 10))


def graph(folder: Path) -> Path:
    return next(path for path in (folder / "chroma").iterdir() if path.is_dir())


def lose_vectors(folder: Path, encoder: TextEncoder) -> None:
    vectors = VectorIndex(folder / "chroma", encoder)
    vectors.collection.delete(where={"entry": "product-7"})
    vectors.close()


DAMAGES: dict[str, Callable[[Path, TextEncoder], object]] = {
    "no folder": lambda folder, _: shutil.rmtree(folder),
    "no chroma": lambda folder, _: shutil.rmtree(folder / "chroma"),
    "no vectors.sqlite3": lambda folder, _: (folder / "chroma/chroma.sqlite3").unlink(),
    "garbage in chroma.sqlite3": lambda folder, _: (folder / "chroma/chroma.sqlite3").write_bytes(b"garbage" * 1000),
    "half of chroma.sqlite3": lambda folder, _: cut(folder / "chroma/chroma.sqlite3", 0.5),
    "no graph": lambda folder, _: shutil.rmtree(graph(folder)),
    "no graph vectors": lambda folder, _: (graph(folder) / "data_level0.bin").unlink(),
    "no graph ids": lambda folder, _: (graph(folder) / "index_metadata.pickle").unlink(),
    "half of graph vectors": lambda folder, _: cut(graph(folder) / "data_level0.bin", 0.5),
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
