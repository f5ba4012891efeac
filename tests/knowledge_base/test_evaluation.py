"""Recall and reciprocal rank of what is found."""

from pathlib import Path

import pytest

from knowledge_base.cohort import Cohort
from knowledge_base.errors import EntryError
from knowledge_base.evaluation import Query, evaluate, own_questions, read_queries
from knowledge_base.fusion import Fusion
from knowledge_base.index import FAQIndex
from knowledge_base.retrieval import Retriever
from tests.knowledge_base.faq_index_shop import ENTRIES


@pytest.fixture
def retriever(index: FAQIndex) -> Retriever:
    return Retriever(index, Cohort({"en": index.encoder.encode_queries(["tell me a joke"])}), Fusion(0.6, 0.3, 0.1))


def query(text: str, *ids: str) -> Query:
    return Query(text, frozenset(ids))


def test_a_right_entry_counts_by_its_rank(retriever: Retriever) -> None:
    found = evaluate(retriever, [query("when does the shop open", "hours"), query("请问什么时候发货到家", "delivery")])
    assert found["fused"].to_dict() == {"recall@1": 1.0, "recall@3": 1.0, "recall@5": 1.0, "mrr": 1.0}
    wrong = evaluate(retriever, [query("when does the shop open", "invoice")])["fused"]
    assert wrong.recall[1] == 0.0
    assert 0.0 < wrong.mrr < 1.0


def test_keywords_alone_find_nothing_without_a_common_word(retriever: Retriever) -> None:
    found = evaluate(retriever, [query("qwertz", "hours")])
    assert found["bm25"].mrr == 0.0
    assert found["dense"].mrr > 0.0


def test_any_right_entry_counts(retriever: Retriever) -> None:
    assert evaluate(retriever, [query("SKU-77X", "invoice", "charger")])["bm25"].recall[1] == 1.0


def test_a_query_that_is_a_question_of_the_faq_is_asked_without_it(retriever: Retriever) -> None:
    alone = evaluate(retriever, [query("I cannot sign in", "password")])["bm25"]
    assert alone.recall[1] < 1.0 or alone.mrr == 0.0, "the entry's other question shares no word with it"
    only = evaluate(retriever, [query("Which charger fits my laptop?", "charger")])["fused"]
    assert only.recall[1] == 1.0, "an entry's only question stays"
    other = evaluate(retriever, [query("Which charger fits my laptop?", "invoice")])["dense"]
    assert other.recall[5] == 1.0, "but not where something else is right"


def test_an_faq_s_own_questions_are_those_that_have_others_beside_them() -> None:
    assert {(one.text, *one.ids) for one in own_questions(ENTRIES)} == {
        ("How do I return an item?", "return"),
        ("I want to send it back", "return"),
        ("怎么申请退货？", "return"),
        ("东西不想要了想退掉", "return"),
        ("多久能送到？", "delivery"),
        ("包裹什么时候到", "delivery"),
        ("I forgot my password", "password"),
        ("I cannot sign in", "password"),
    }


def test_a_query_with_several_rows_has_several_right_entries(tmp_path: Path) -> None:
    file = tmp_path / "queries.csv"
    file.write_text("query,id\nwhere is it?,a\n退款,b\nwhere is it?,c\n", encoding="utf-8-sig")
    assert read_queries(file) == [query("where is it?", "a", "c"), query("退款", "b")]


@pytest.mark.parametrize("text", ["", "query,id\n", "query,id\nwhere?,\n", "text,faq\nwhere?,a\n"])
def test_a_file_without_queries_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "queries.csv").write_text(text)
    with pytest.raises(EntryError, match=r"queries\.csv.*the columns are query,id"):
        read_queries(tmp_path / "queries.csv")
