"""What the commands do: import, export, search, evaluate, reindex, benchmark. Answers go to stdout, progress to stderr."""

import json
import sys
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from knowledge_base.cohort import Cohort
from knowledge_base.database import Database
from knowledge_base.encoder import TextEncoder
from knowledge_base.errors import EntryError, SettingsError
from knowledge_base.evaluation import Query, evaluate, own_questions, read_measured, read_queries
from knowledge_base.fusion import Fusion
from knowledge_base.importing.exporting import ExportFormat, write_entries
from knowledge_base.importing.preview import ImportPlan, Kind, preview
from knowledge_base.importing.reading import joined
from knowledge_base.importing.sources import read_source, read_url
from knowledge_base.index import FAQIndex
from knowledge_base.progress import bar
from knowledge_base.repository import FAQRepository
from knowledge_base.retrieval import Retriever
from knowledge_base.scale_benchmark import many_entries, measure_scale
from knowledge_base.temporary_index import temporary_index

FORMATS: tuple[ExportFormat, ...] = get_args(ExportFormat)
SHOWN = 50  # refused and duplicate parts that are listed


def import_sources(database: Database, sources: Sequence[str], author: str, *, dry_run: bool, as_json: bool) -> None:
    """Show what files or pages would change, and change it: all of it or nothing.

    Args:
        database: where the entries live.
        sources: files, or URLs.
        author: who imports.
        dry_run: whether nothing is changed.
        as_json: whether to print one JSON document.

    Raises:
        EntryError: a source cannot be read.
        ConflictError: somebody changed an entry meanwhile.
    """
    reading = joined({one: read_url(one) if one.startswith(("http://", "https://")) else read_source(Path(one)) for one in sources})
    plan = preview(reading, database)
    changed = 0 if dry_run else plan.apply(author, f"imported from {', '.join(sources)}")
    counts = {kind.value: plan.count(kind) for kind in Kind}
    if as_json:
        items = [
            {
                "kind": item.kind.value,
                "place": item.place,
                "id": item.entry.id if item.entry else None,
                "changes": list(item.changes),
                "reason": item.reason,
            }
            for item in plan.items
            if item.kind is not Kind.UNCHANGED
        ]
        _print({"entries": len(reading.entries), "changed": changed, "dry_run": dry_run, "counts": counts, "items": items})
        return
    _say(_preview_lines(plan))
    _say(", ".join(f"{count} {kind}" for kind, count in counts.items()) + ("; nothing was changed." if dry_run else "."))


def export(database: Database, target: Path | None) -> None:
    """Write the published entries to a file, by its ending; without a file print them as JSON.

    Raises:
        SettingsError: the ending names no format.
    """
    entries = FAQRepository(database).all()
    if target is None:
        write_entries(entries, sys.stdout.buffer, "json")
        return
    ending = target.suffix.lower().removeprefix(".").replace("yml", "yaml")
    file_format = next((one for one in FORMATS if one == ending), None)
    if file_format is None:
        raise SettingsError(f"{target} has no ending that names a format: {', '.join(f'.{one}' for one in FORMATS)}.")
    write_entries(entries, target, file_format)
    _say(f"{len(entries)} entries written to {target}.")


def search(retriever: Retriever, question: str, limit: int, *, as_json: bool) -> None:
    """Show what a question finds, and why."""
    text = retriever.index.spelling.correct(question)
    rows = [
        {
            "id": one.entry.id,
            "title": next(iter(one.entry.variants.values())).title,
            "question": round(one.question, 4),
            "answer": round(one.answer, 4),
            "bm25": round(one.keywords, 3),
            "fused": round(one.fused, 4),
        }
        for one in retriever.search(text, limit)
    ]
    if as_json:
        _print({"query": question, "read_as": text, "results": rows})
        return
    _say(f"read as: {text}")
    _say(f"{'fused':>7} {'question':>9} {'answer':>7} {'bm25':>7}  entry")
    for row in rows:
        _say(f"{row['fused']:7.3f} {row['question']:9.3f} {row['answer']:7.3f} {row['bm25']:7.2f}  {row['id']}: {row['title']}")


def evaluate_files(encoder: TextEncoder, cohort: Cohort, fusion: Fusion, entries: Path, queries: Path, *, as_json: bool) -> None:
    """Measure how well queries find entries, by keywords, by vectors, and by both.

    Raises:
        EntryError: a file cannot be read, or a query's entry is not among the entries.
    """
    found = read_measured(entries)
    asked = read_queries(queries)
    known = {entry.id for entry in found}
    unknown = next((entry_id for query in asked for entry_id in query.ids if entry_id not in known), None)
    if unknown is not None:
        raise EntryError(f"{queries} names the entry {unknown}, which {entries} does not have.")
    with temporary_index(encoder, found, bar) as index:
        _report_quality(Retriever(index, cohort, fusion), asked, as_json=as_json)


def reindex(index: FAQIndex, *, as_json: bool) -> None:
    """Build the index anew.

    Args:
        index: open.
        as_json: whether to print one JSON document.

    Raises:
        StorageError: a service owns the index.
    """
    began = time.perf_counter()
    index.rebuild()
    seconds, count = round(time.perf_counter() - began, 1), index.repository.count()
    if as_json:
        _print({"entries": count, "seconds": seconds})
    else:
        _say(f"{count} entries indexed anew in {seconds} s.")


def benchmark(encoder: TextEncoder, cohort: Cohort, fusion: Fusion, repository: FAQRepository, texts: int | None, *, as_json: bool) -> None:
    """Measure the FAQ's search on its own questions, each asked without itself, or the speed of a FAQ of many texts.

    Args:
        encoder: whose vectors are used.
        cohort: of a release.
        fusion: likewise.
        repository: whose entries are asked.
        texts: how many texts the FAQ is to have for a measurement of speed; None measures quality.
        as_json: whether to print one JSON document.

    Raises:
        EntryError: there is nothing to ask.
    """
    entries = [replace(entry, version=0) for entry in repository.all()]
    asked = own_questions(entries)
    if not asked:
        raise EntryError("No entry has two questions in one language, so there is nothing to ask. Import a FAQ with question variants.")
    if texts is None:
        with temporary_index(encoder, entries, bar) as index:
            _report_quality(Retriever(index, cohort, fusion), asked, as_json=as_json)
        return
    many, began = many_entries(entries, texts), time.perf_counter()
    with temporary_index(encoder, many, bar) as index:
        build_s = time.perf_counter() - began
        report = measure_scale(index, Retriever(index, cohort, fusion), [query.text for query in asked], build_s)
    if as_json:
        _print(report)
    else:
        _say("\n".join(f"{name:12} {value}" for name, value in report.items()))


def _report_quality(retriever: Retriever, queries: Sequence[Query], *, as_json: bool) -> None:
    found = evaluate(retriever, queries, bar(len(queries), "Asking"))
    report = {name: quality.to_dict() for name, quality in found.items()}
    if as_json:
        _print(report | {"queries": len(queries), "entries": len(retriever.index.entries)})
        return
    _say(f"{len(queries)} queries, {len(retriever.index.entries)} entries")
    _say(f"{'':6} " + " ".join(f"{name:>9}" for name in report["fused"]))
    for name, row in report.items():
        _say(f"{name:6} " + " ".join(f"{value:9.1%}" for value in row.values()))


def _preview_lines(plan: ImportPlan) -> str:
    """The parts of a file that are changed or left out, with the reason."""
    told = [item for item in plan.items if item.kind not in {Kind.UNCHANGED, Kind.NEW}]
    lines = [
        f"{item.kind.value:9} {item.place}{f' ({item.entry.id})' if item.entry else ''}: {item.reason or ', '.join(item.changes)}"
        for item in told[:SHOWN]
    ]
    return "\n".join([*lines, *([f"... and {len(told) - SHOWN} more"] if len(told) > SHOWN else [])])


def _say(text: str) -> None:
    if text:
        sys.stdout.write(text + "\n")


def _print(document: dict[str, Any]) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False) + "\n")
