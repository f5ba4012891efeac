"""The index finds entries by meaning and by words, across languages, and follows the repository."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import insert

from knowledge_base.centring import Centring
from knowledge_base.encoder import TextEncoder
from knowledge_base.index import FAQIndex
from knowledge_base.tables import IndexTaskRow
from tests.knowledge_base.faq_index_shop import CANDLES, ENTRIES, Shop, archive, best, entry, live_folder, pending, search


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("can you take this back?", "return"),
        ("买错了想退", "return"),
        ("帳單在哪裡下載", "invoice"),
        ("sku-77x", "charger"),
        ("有没有SKU-77X", "charger"),
    ],
)
def test_entries_are_found_by_meaning_and_by_words(index: FAQIndex, text: str, found: str) -> None:
    assert best(index, text).entry.id == found


@pytest.mark.parametrize(
    ("text", "found"),
    [("How long does shipping take?", "delivery"), ("When will my parcel be delivered?", "delivery"), ("我忘记密码了", "password")],
)
def test_an_entry_in_the_other_language_only_is_nearest(index: FAQIndex, text: str, found: str) -> None:
    assert max(search(index, text), key=lambda candidate: candidate.question).entry.id == found


def test_a_rare_word_scores_and_a_strange_one_does_not(index: FAQIndex) -> None:
    assert best(index, "SKU-77X").keywords > 0
    assert {candidate.keywords for candidate in search(index, "xyzzy")} == {0.0}


def test_variants_are_grouped_by_entry_with_the_best_of_each_kind(index: FAQIndex, encoder: TextEncoder) -> None:
    text, centring = "how can I send this back", Centring.of(encoder.base_fingerprint)
    message = centring.apply(encoder.encode_queries([text]), [text], "query")[0]
    candidates = search(index, text)
    assert sorted(candidate.entry.id for candidate in candidates) == sorted(entry.id for entry in ENTRIES)
    for candidate in candidates:
        variants = candidate.entry.variants.values()
        questions = [question for variant in variants for question in variant.questions]
        answers = [variant.answer for variant in variants]
        asked = centring.apply(encoder.encode_queries(questions), questions, "query")
        told = centring.apply(encoder.encode_documents(answers), answers, "document")
        assert candidate.question == pytest.approx((asked @ message).max(), abs=1e-4)
        assert candidate.answer == pytest.approx((told @ message).max(), abs=1e-4)
    assert len(search(index, text, limit=2)) == 2


def test_an_empty_index_finds_nothing(tmp_path: Path, tiny_encoder: TextEncoder) -> None:
    index = Shop(tmp_path, tiny_encoder).open()
    assert search(index, "return") == []
    index.close()


def test_the_cohort_is_met_in_the_language_of_the_nearest_text(index: FAQIndex, encoder: TextEncoder) -> None:
    text = "给我讲一个好笑的笑话"
    centring = Centring.of(encoder.base_fingerprint)
    texts = ["tell me a joke", "讲个笑话", text]
    english, chinese, message = centring.apply(encoder.encode_queries(texts), texts, "query")
    near = {"en": english, "zh": chinese}
    by_id = {candidate.entry.id: candidate for candidate in search(index, text)}
    assert by_id["delivery"].cohort == by_id["delivery"].cohort_nearest == pytest.approx(near["zh"] @ message, abs=1e-4)
    assert by_id["charger"].cohort == pytest.approx(near["en"] @ message, abs=1e-4)
    assert by_id["charger"].cohort_nearest > by_id["charger"].cohort + 0.02


def test_a_change_appears_after_refresh_and_survives_reopening(shop: Shop, index: FAQIndex) -> None:
    changed = entry("charger", en=("Do you sell umbrellas?", "Yes, ask for PARASOL-5."))
    index.repository.put([changed, CANDLES])
    assert index.refresh() == 2
    assert index.refresh() == 0
    for _ in range(2):
        assert best(index, "PARASOL-5").entry == changed
        assert best(index, "candles").entry.id == "candles"
        assert {candidate.keywords for candidate in search(index, "SKU-77X")} == {0.0}
        assert pending(index) == 0
        index.close()
        index = shop.open()
    index.close()


def test_a_deleted_entry_is_gone_after_refresh(shop: Shop, index: FAQIndex) -> None:
    archive(index.repository, "password")
    vectors = index.vectors.count()
    assert index.refresh() == 1
    assert "password" not in {candidate.entry.id for candidate in search(index, "password")}
    assert "password" not in index.entries
    assert index.vectors.count() == vectors - 3
    assert "password" not in index.keywords.search("password", 10)
    index.close()
    index = shop.open()
    assert "password" not in {candidate.entry.id for candidate in search(index, "password")}
    index.close()


def test_changes_of_another_process_are_applied_at_open_and_at_refresh(shop: Shop) -> None:
    shop.repository.put([CANDLES])
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
        connection.execute(insert(IndexTaskRow).values(entry_id="return"))
    index.close()
    index = shop.open()
    assert (index.vectors.count(), index.keywords.count()) == counts
    assert shop.index_folders == [live_folder(index)], "not rebuilt"
    index.close()


def test_progress_counts_every_text(shop: Shop) -> None:
    counts: list[int] = []
    totals: list[int] = []

    def progress(total: int, _title: str) -> Callable[[int], object]:
        totals.append(total)
        return counts.append

    shutil.rmtree(shop.folder / "index")
    index = shop.open(progress)
    assert totals == [sum(counts)] == [index.vectors.count()]
    index.close()
