"""One process owns the index, others read; another encoder gets another index."""

import copy
import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from knowledge_base.encoder import TextEncoder
from knowledge_base.errors import StorageError
from knowledge_base.index import FAQIndex
from tests.conftest import ROOT
from tests.knowledge_base.faq_index_shop import CANDLES, Shop, best, live_folder, pending

READER = """
import json, sys
from pathlib import Path
from knowledge_base.database import Database
from knowledge_base.encoder import TextEncoder
from knowledge_base.index import FAQIndex
from knowledge_base.repository import FAQRepository
from tests.knowledge_base.faq_index_shop import best
folder, model = Path(sys.argv[1]), Path(sys.argv[2])
index = FAQIndex(folder / "index", FAQRepository(Database(f"sqlite:///{folder}/frontdesk.db")), TextEncoder(model))
found = best(index, "question 3 about product 7").entry.id
print(json.dumps({"owner": index.is_owner, "found": found, "applied": index.refresh()}))
index.close()
"""


def another(encoder: TextEncoder) -> TextEncoder:
    other = copy.copy(encoder)
    other.fingerprint = "f" * 64
    return other


def test_a_second_index_is_a_reader_until_the_owner_is_gone(shop: Shop, index: FAQIndex) -> None:
    reader = shop.open()
    assert index.is_owner
    assert not reader.is_owner
    assert best(reader, "怎么退货").entry.id == "return"
    reader.repository.put([CANDLES])
    assert reader.refresh() == 0
    assert pending(reader) == 1
    reader.close()
    assert index.is_owner
    assert index.refresh() == 1
    index.close()
    successor = shop.open()
    assert successor.is_owner
    successor.close()


def test_another_process_reads_and_changes_nothing(large_shop: Shop, tiny_export: Path) -> None:
    owner = large_shop.open()
    owner.repository.put([CANDLES])
    before = large_shop.index_folders, owner.vectors.count(), owner.keywords.count()
    script = [sys.executable, "-c", READER, str(large_shop.folder), str(tiny_export)]
    output = subprocess.run(script, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert json.loads(output) == {"owner": False, "found": "product-7", "applied": 0}
    assert (large_shop.index_folders, owner.vectors.count(), owner.keywords.count()) == before
    assert pending(owner) == 1
    assert owner.refresh() == 1
    owner.close()


def test_a_reader_that_comes_before_the_index_is_ready_says_so(shop: Shop, index: FAQIndex) -> None:
    early = replace(shop, encoder=another(shop.encoder))
    with pytest.raises(StorageError, match=r"its index is not ready yet\. Try again"):
        early.open()
    assert best(index, "SKU-77X").entry.id == "charger"


def test_a_folder_that_cannot_be_made_is_named(shop: Shop) -> None:
    (shop.folder / "file").write_text("in the way")
    with pytest.raises(StorageError, match=r"The index folder .*file/index cannot be written"):
        FAQIndex(shop.folder / "file" / "index", shop.repository, shop.encoder)


def test_another_encoder_gets_another_index_and_the_old_one_goes(shop: Shop) -> None:
    (old,) = shop.index_folders
    index = replace(shop, encoder=another(shop.encoder)).open()
    assert shop.index_folders == [live_folder(index)] != [old]
    assert best(index, "怎么退货").entry.id == "return"
    index.close()


def test_until_the_new_index_is_whole_the_old_one_stays(shop: Shop) -> None:
    def interrupt(_total: int, _title: str) -> Callable[[int], object]:
        raise KeyboardInterrupt

    (old,) = shop.index_folders
    with pytest.raises(KeyboardInterrupt):
        replace(shop, encoder=another(shop.encoder)).open(interrupt)
    index = shop.open()
    assert live_folder(index) == old
    assert best(index, "怎么退货").entry.id == "return"
    index.close()
    replace(shop, encoder=another(shop.encoder)).open().close()
    assert len(shop.index_folders) == 1, "what the interrupted one left is gone, too"
