"""Writes entries to files that `read_source` reads the same entries from."""

import csv
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, Literal

import yaml
from openpyxl import Workbook  # type: ignore[import-untyped]
from openpyxl.cell import WriteOnlyCell  # type: ignore[import-untyped]

from knowledge_base.entry import FAQEntry
from knowledge_base.entry_documents import entry_to_dict
from knowledge_base.errors import EntryError
from knowledge_base.importing.csv_tables import guarded
from knowledge_base.importing.xlsx_tables import escaped

ExportFormat = Literal["csv", "xlsx", "json", "yaml"]
COLUMNS = ("id", "language", "question", "answer", "category", "intent", "tags", "owner", "valid_from", "valid_until")
LONGEST_CELL = 32_767  # characters of a cell in Excel
WIDTHS = {"question": 50, "answer": 80, "id": 24}


def write_entries(entries: Iterable[FAQEntry], target: Path | BinaryIO, file_format: ExportFormat) -> None:
    """Write entries.

    A table has a row for each question, the answer and the rest in the first one of its language; no spreadsheet takes a text
    for a formula.

    Args:
        entries: which.
        target: a file, which is replaced, or an open one.
        file_format: what is written.

    Raises:
        EntryError: a text is too long for a cell of Excel; nothing was written.

    Example:
        >>> write_entries(FAQRepository(database).all(), Path("faq.csv"), "csv")
    """
    data = WRITERS[file_format](list(entries))
    if isinstance(target, Path):
        target.write_bytes(data)
    else:
        target.write(data)


def _csv(entries: list[FAQEntry]) -> bytes:
    stream = io.StringIO(newline="")
    writer = csv.writer(stream)
    writer.writerow(COLUMNS)
    writer.writerows([guarded(cell) for cell in row] for row in _rows(entries))
    return stream.getvalue().encode("utf-8-sig")  # without the mark Excel shows no Chinese


def _xlsx(entries: list[FAQEntry]) -> bytes:
    rows = [COLUMNS, *(tuple(map(escaped, row)) for row in _rows(entries))]
    for row in rows:
        if (longest := max(map(len, row))) > LONGEST_CELL:
            raise EntryError(f"Entry {row[0]} has a text of {longest:,} characters; a cell of Excel holds {LONGEST_CELL:,}. Export as CSV.")
    workbook = Workbook(write_only=True)
    sheet = workbook.create_sheet("FAQ")
    sheet.freeze_panes = "A2"
    for number, name in enumerate(COLUMNS):
        sheet.column_dimensions[chr(ord("A") + number)].width = WIDTHS.get(name, 14)
    for row in rows:
        sheet.append([_text_cell(sheet, text) for text in row])
    stream = io.BytesIO()
    workbook.save(stream)
    return stream.getvalue()


def _text_cell(sheet: Any, text: str) -> Any:
    cell = WriteOnlyCell(sheet, text)
    cell.data_type = "s"  # whatever it begins with
    return cell


def _json(entries: list[FAQEntry]) -> bytes:
    return json.dumps([entry_to_dict(entry) for entry in entries], ensure_ascii=False, indent=2).encode()


def _yaml(entries: list[FAQEntry]) -> bytes:
    documents = [entry_to_dict(entry) for entry in entries]
    return yaml.dump(documents, Dumper=yaml.CSafeDumper, allow_unicode=True, sort_keys=False, width=1_000_000).encode()


def _rows(entries: Iterable[FAQEntry]) -> Iterator[tuple[str, ...]]:
    for entry in entries:
        rest = (
            entry.category,
            entry.intent or "",
            _tags(entry.tags),
            entry.owner,
            entry.valid_from.isoformat() if entry.valid_from else "",
            entry.valid_until.isoformat() if entry.valid_until else "",
        )
        for language, variant in sorted(entry.variants.items()):
            for number, question in enumerate(variant.questions):
                answer, others = (variant.answer, rest) if number == 0 else ("", ("",) * len(rest))
                yield (entry.id, language, question, answer, *others)


def _tags(tags: tuple[str, ...]) -> str:
    """Tags with commas; one alone that has another separator in it ends with a comma, which makes it one."""
    joined = ", ".join(tags)
    return f"{joined}," if len(tags) == 1 and any(separator in joined for separator in "，;；、\n") else joined


WRITERS = {"csv": _csv, "xlsx": _xlsx, "json": _json, "yaml": _yaml}
