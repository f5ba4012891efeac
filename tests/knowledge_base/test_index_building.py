"""An index whose building was interrupted is finished, not begun anew; damage in it is healed."""

import logging
import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from knowledge_base import open_index
from knowledge_base.index import FAQIndex
from knowledge_base.index_progress import FILE
from tests.knowledge_base.faq_index_shop import CANDLES, MANY, Shop, archive, best, entry


class PowerCutError(Exception):
    """Stands for one."""


@pytest.fixture
def interrupted(large_shop: Shop, monkeypatch: pytest.MonkeyPatch) -> Shop:
    """A hundred entries, about 60 of which were indexed when the building broke off."""
    monkeypatch.setattr(open_index, "AT_ONCE", 20)
    shutil.rmtree(large_shop.folder / "index")

    def progress(_total: int, _title: str) -> Callable[[int], object]:
        counts: list[int] = []

        def advance(done: int) -> None:
            counts.append(done)
            if sum(counts) > 60 * 11 + 50:
                raise PowerCutError

        return advance

    with pytest.raises(Exception, match="could not be built"):
        large_shop.open(progress)
    return large_shop


def indexed(shop: Shop) -> tuple[int, list[int]]:
    """Open the index; how many texts it had to index for that, and what it holds."""
    totals: list[int] = []

    def progress(total: int, _title: str) -> Callable[[int], object]:
        totals.append(total)
        return lambda _done: None

    index = shop.open(progress)
    counts = [index.vectors.count(), index.keywords.count(), len(index.entries)]
    index.close()
    return sum(totals), counts


def test_what_is_done_is_not_done_again(interrupted: Shop, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        texts, counts = indexed(interrupted)
    assert texts == 40 * 11
    assert counts == [1100, 100, 100]
    assert "was begun before: 60 of 100 entries are in it" in caplog.text
    assert not list((interrupted.folder / "index").glob(f"*/{FILE}"))
    assert indexed(interrupted) == (0, counts)


def test_what_changed_meanwhile_is_indexed_as_it_is(interrupted: Shop) -> None:
    repository = interrupted.repository
    repository.put([replace(MANY[0], variants=CANDLES.variants)])
    archive(repository, sorted(one.id for one in MANY)[5])
    texts, counts = indexed(interrupted)
    assert counts == [98 * 11 + 2, 99, 99]
    assert texts < 50 * 11
    index = interrupted.open()
    assert best(index, "Do you sell candles?").entry.id == MANY[0].id
    index.close()


@pytest.mark.parametrize("damaged", ["keywords.db", "chroma", FILE])
def test_damage_in_an_unfinished_index_is_healed(interrupted: Shop, damaged: str) -> None:
    (folder,) = (path.parent for path in (interrupted.folder / "index").glob(f"*/{FILE}"))
    part = folder / damaged
    if part.is_dir():
        for file in part.rglob("*"):
            if file.is_file():
                file.write_bytes(b"garbage")
    else:
        _truncate(part)
    _texts, counts = indexed(interrupted)
    assert counts == [1100, 100, 100]
    assert len(interrupted.index_folders) == 1


def _truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def test_entries_are_found_on_their_days_only(large_shop: Shop) -> None:
    days = [date(2026, 11, 30)]
    sale = replace(entry("sale", en=("Is there a sale?", "Yes, half price.")), valid_from=date(2026, 12, 1), valid_until=date(2026, 12, 2))
    large_shop.repository.put([replace(sale, intent="sale")])
    index = FAQIndex(large_shop.folder / "index", large_shop.repository, large_shop.encoder, today=lambda: days[0])
    found = []
    for day in (30, 1, 2, 3):
        days[0] = date(2026, 11 if day == 30 else 12, day)
        found.append(("sale" in index.entries, "sale" in index.intents, best(index, "Is there a sale?").entry.id == "sale"))
    assert found == [(False, False, False), (True, True, True), (True, True, True), (False, False, False)]
    index.close()
    reopened = large_shop.open()
    assert reopened.vectors.count() == 1102, "it is indexed all the time"
    reopened.close()
