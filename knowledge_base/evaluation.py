"""Measures how well entries are found: recall and mean reciprocal rank of keywords, of vectors, and of both fused."""

import csv
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

import numpy as np

from knowledge_base.changed_index import ChangedIndex
from knowledge_base.entry import FAQEntry
from knowledge_base.errors import EntryError
from knowledge_base.importing.csv_tables import csv_rows
from knowledge_base.importing.decoding import decode
from knowledge_base.importing.rows import Row, entries_of
from knowledge_base.importing.sources import read_entries
from knowledge_base.index import FAQIndex
from knowledge_base.normalisation import normalise
from knowledge_base.retrieval import Candidate, Retriever

DEPTHS = (1, 3, 5)
DEEP = 100  # entries that are looked at; one behind them counts as not found


@dataclass(frozen=True)
class Query:
    """A question, and what answers it.

    Attributes:
        text: as a customer writes it.
        ids: of the entries that answer it; any of them counts.
    """

    text: str
    ids: frozenset[str]


@dataclass(frozen=True)
class Quality:
    """How well one way of searching does.

    Attributes:
        recall: by depth, the share of queries for which a right entry is among the first so many.
        mrr: the mean of one divided by the first right entry's rank, 0 where none is found.
    """

    recall: Mapping[int, float]
    mrr: float

    def to_dict(self) -> dict[str, float]:
        """For JSON: ``recall@1``, ..., ``mrr``."""
        return {f"recall@{depth}": round(value, 4) for depth, value in self.recall.items()} | {"mrr": round(self.mrr, 4)}


def read_queries(path: Path) -> list[Query]:
    """Read a CSV file with the columns ``query`` and ``id``; a query with several rows has several right entries.

    Raises:
        EntryError: it cannot be read, or a row lacks something.
    """
    found: dict[str, set[str]] = defaultdict(set)
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.DictReader(stream)
            for row in reader:
                text, entry_id = (row.get("query") or "").strip(), (row.get("id") or "").strip()
                if not text or not entry_id:
                    raise EntryError(f"{path}, line {reader.line_num}: a query or an id is missing; the columns are query,id.")
                found[text].add(entry_id)
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise EntryError(f"{path} cannot be read: {error}") from error
    if not found:
        raise EntryError(f"{path} holds no queries; the columns are query,id.")
    return [Query(text, frozenset(ids)) for text, ids in found.items()]


def read_measured(path: Path) -> list[FAQEntry]:
    """Read entries to be found: any file that is imported, or a CSV file in which answers may be missing.

    Benchmarks often have questions only. There a question stands for the answer that is missing.

    Raises:
        EntryError: it cannot be read, or a part of it is refused; the message names it.
    """
    if path.suffix.lower() != ".csv":
        return read_entries([path])
    try:
        rows = list(csv_rows(decode(path.read_bytes())))
        answered = {row.id for row in rows if row.answer}
        first: dict[tuple[str, str], Row] = {}
        for row in rows:
            first.setdefault((row.id, row.language), row)
        reading = entries_of(
            row
            if row.answer or row.id in answered
            else replace(row, answer="".join((first[row.id, row.language] if row.id else row).questions[:1]))
            for row in rows
        )
    except (OSError, EntryError) as error:
        raise EntryError(f"{path} cannot be read: {error}") from error
    if reading.refusals:
        raise EntryError(f"{path}: {reading.refusals[0].place}: {reading.refusals[0].reason}")
    return list(reading.entries)


def own_questions(entries: Sequence[FAQEntry]) -> list[Query]:
    """Every question of the entries that have another one in its language: what finds the others, with itself left out."""
    return [
        Query(question, frozenset({entry.id}))
        for entry in entries
        for variant in entry.variants.values()
        if len(variant.questions) > 1
        for question in variant.questions
    ]


def evaluate(retriever: Retriever, queries: Sequence[Query], progress: Callable[[int], object] = lambda _done: None) -> dict[str, Quality]:
    """Measure ``bm25``, ``dense`` and ``fused``.

    A query that is itself a question in the FAQ is asked without that one, as long as a right entry has others: otherwise nothing but
    memory would be measured.

    Args:
        retriever: over the entries.
        queries: what is asked.
        progress: called with counts of queries done.
    """
    askers = defaultdict(list)
    for entry in retriever.index.entries.values():
        for text in {normalise(question) for variant in entry.variants.values() for question in variant.questions}:
            askers[text].append(entry)
    ranks: dict[str, list[int | None]] = {"bm25": [], "dense": [], "fused": []}
    for query in queries:
        with _without(retriever, query, askers.get(normalise(query.text), [])) as searched:
            candidates = searched.search(searched.index.spelling.correct(query.text), DEEP)
        by_words = [one for one in candidates if one.keywords]
        fusion = retriever.fusion
        ranks["bm25"].append(_rank(by_words, [one.keywords for one in by_words], query))
        ranks["dense"].append(_rank(candidates, [fusion.question * one.question + fusion.answer * one.answer for one in candidates], query))
        ranks["fused"].append(_rank(candidates, [one.fused for one in candidates], query))
        progress(1)
    return {name: _quality(found) for name, found in ranks.items()}


@contextmanager
def _without(retriever: Retriever, query: Query, askers: Sequence[FAQEntry]) -> Iterator[Retriever]:
    """The retriever, on an index without the questions that are the query itself."""
    changes = {entry.id: _without_question(entry, normalise(query.text)) for entry in askers}
    entries = retriever.index.entries
    if not changes or not any(changes.get(right, entries.get(right)) for right in query.ids):
        yield retriever
        return
    changed = ChangedIndex(retriever.index, changes)
    try:
        yield Retriever(cast("FAQIndex", changed), retriever.cohort, retriever.fusion)
    finally:
        changed.close()


def _without_question(entry: FAQEntry, text: str) -> FAQEntry | None:
    left = {
        code: replace(variant, questions=tuple(question for question in variant.questions if normalise(question) != text))
        for code, variant in entry.variants.items()
    }
    left = {code: variant for code, variant in left.items() if variant.questions}
    return replace(entry, variants=left) if left else None


def _rank(candidates: Sequence[Candidate], scores: Sequence[float], query: Query) -> int | None:
    """The place, from 1, of the first right entry; None where there is none."""
    order = np.argsort(-np.asarray(scores), kind="stable")
    return next((place for place, one in enumerate(order, start=1) if candidates[one].entry.id in query.ids), None)


def _quality(ranks: Sequence[int | None]) -> Quality:
    recall = {depth: float(np.mean([rank is not None and rank <= depth for rank in ranks])) for depth in DEPTHS}
    return Quality(recall, float(np.mean([1.0 / rank if rank else 0.0 for rank in ranks])))
