"""Several processes search one index: vectors on a Chroma server, one owner at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import chromadb
import httpx
import pytest

from knowledge_base.database import Database
from knowledge_base.encoder import TextEncoder
from knowledge_base.errors import SettingsError, StorageError
from knowledge_base.index import FAQIndex
from knowledge_base.repository import FAQRepository
from tests.chroma import chroma_server
from tests.knowledge_base.faq_index_shop import CANDLES, ENTRIES, best, live_folder
from tests.knowledge_base.test_index_owner import another


@dataclass
class SharedShop:
    """A data directory with its database and its Chroma server."""

    folder: Path
    database_url: str
    chroma_url: str
    encoder: TextEncoder

    def open(self, encoder: TextEncoder | None = None) -> FAQIndex:
        """As another process does."""
        repository = FAQRepository(Database(self.database_url))
        return FAQIndex(self.folder / "index", repository, encoder or self.encoder, chroma_url=self.chroma_url)


@pytest.fixture
def shop(tmp_path: Path, postgres_url: str, chroma_url: str, encoder: TextEncoder) -> SharedShop:
    FAQRepository(Database(postgres_url)).put(ENTRIES)
    return SharedShop(tmp_path, postgres_url, chroma_url, encoder)


@pytest.fixture
def owner(shop: SharedShop) -> Iterator[FAQIndex]:
    index = shop.open()
    yield index
    index.close()


@pytest.fixture
def reader(shop: SharedShop, owner: FAQIndex) -> Iterator[FAQIndex]:
    assert owner.is_owner
    index = shop.open()
    yield index
    index.close()


def collections(shop: SharedShop) -> set[str]:
    host, port = shop.chroma_url.removeprefix("http://").split(":")
    return {collection.name for collection in chromadb.HttpClient(host, int(port)).list_collections()}


def test_a_reader_finds_what_the_owner_indexes(owner: FAQIndex, reader: FAQIndex) -> None:
    assert not reader.is_owner
    assert best(reader, "怎么退货").entry.id == "return"
    owner.repository.put([CANDLES])
    assert (reader.refresh(), owner.refresh()) == (0, 1)
    assert reader.spelling.correct("do you sell candels") == "do you sell candels"
    reader.refresh()
    assert best(reader, "do you sell candles").entry.id == "candles"
    assert reader.spelling.correct("do you sell candels") == "do you sell candles"


def test_when_the_owner_ends_a_reader_takes_its_place(owner: FAQIndex, reader: FAQIndex) -> None:
    owner.repository.put([CANDLES])
    owner.close()
    assert reader.refresh() == 1
    assert reader.is_owner
    assert best(reader, "do you sell candles").entry.id == "candles"


def test_a_reader_follows_to_a_new_index_and_the_old_one_goes_at_the_next_start(
    shop: SharedShop, owner: FAQIndex, reader: FAQIndex
) -> None:
    old = live_folder(owner)
    building = owner.beside(another(shop.encoder))
    new = building.__enter__()
    with pytest.raises(StorageError, match="that one builds"), reader.beside(another(shop.encoder)):
        pass
    building.__exit__(None, None, None)
    owner.remove()
    assert best(reader, "怎么退货").entry.id == "return", "who still has the old one searches it"
    with reader.beside(another(shop.encoder)) as followed:
        assert followed.name == new.name == live_folder(new) != old
        assert best(followed, "怎么退货").entry.id == "return"
    assert {f"frontdesk-{old}", f"frontdesk-{new.name}"} <= collections(shop)
    new.close()
    shop.open(another(shop.encoder)).close()
    assert f"frontdesk-{old}" not in collections(shop)
    assert f"frontdesk-{new.name}" in collections(shop)


def test_a_server_that_lost_its_files_gets_them_again(shop: SharedShop, owner: FAQIndex) -> None:
    owner.vectors.remove()
    owner.close()
    index = shop.open()
    assert best(index, "怎么退货").entry.id == "return"
    index.close()


def test_a_server_that_goes_away_is_named_and_one_that_comes_back_is_used(tmp_path: Path, postgres_url: str, encoder: TextEncoder) -> None:
    FAQRepository(Database(postgres_url)).put(ENTRIES)
    with chroma_server(tmp_path / "chroma") as url:
        shop = SharedShop(tmp_path, postgres_url, url, encoder)
        index = shop.open()
    with pytest.raises(StorageError, match=r"The Chroma server does not answer .* FRONTDESK_CHROMA_URL"):
        best(index, "怎么退货")
    with pytest.raises(StorageError, match=r"No Chroma server answers at http://127\.0\.0\.1"):
        shop.open()
    index.close()


def test_what_is_no_url_is_refused(tmp_path: Path, postgres_url: str, encoder: TextEncoder) -> None:
    with pytest.raises(SettingsError, match="FRONTDESK_CHROMA_URL=chroma is no URL"):
        SharedShop(tmp_path, postgres_url, "chroma", encoder).open()


def test_no_other_program_s_collection_is_touched(shop: SharedShop, owner: FAQIndex) -> None:
    host, port = shop.chroma_url.removeprefix("http://").split(":")
    chromadb.HttpClient(host, int(port)).create_collection("frontdesk-of-another-shop")
    owner.rebuild()
    assert "frontdesk-of-another-shop" in collections(shop)
    assert httpx.get(f"{shop.chroma_url}/api/v2/heartbeat").is_success
