"""Reads rows with their line numbers from CSV, JSON lines and YAML."""

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from agent.errors import DatasetError

Row = Mapping[str, Any]


def rows_of(file: Path, needed: Sequence[str]) -> Iterator[tuple[int, Row]]:
    """Yield line numbers and rows.

    Args:
        file: CSV with a header, JSON lines or a YAML list, by its ending.
        needed: the columns that every row has.

    Raises:
        DatasetError: the file's ending is unknown, or it is not what its ending says, or a row lacks a column.
        OSError, UnicodeDecodeError: the file cannot be read, or is not UTF-8.
    """
    reader = KINDS.get(file.suffix.lower())
    if reader is None:
        raise DatasetError(f"{file}: a data file is named *{', *'.join(KINDS)}.")
    yield from reader(file, needed)


def _csv_rows(file: Path, needed: Sequence[str]) -> Iterator[tuple[int, Row]]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        try:
            missing = [name for name in needed if name not in (reader.fieldnames or [])]
            if missing:
                raise DatasetError(f"{file}:1: the column {missing[0]} is missing; needed are {' and '.join(needed)}.")
            for row in reader:
                yield reader.line_num, row
        except csv.Error as error:
            raise DatasetError(f"{file}:{reader.line_num}: this is no CSV: {error}.") from error


def _json_rows(file: Path, needed: Sequence[str]) -> Iterator[tuple[int, Row]]:
    with file.open(encoding="utf-8-sig") as stream:
        for line, text in enumerate(stream, start=1):
            if text.strip():
                try:
                    row = json.loads(text)
                except ValueError as error:
                    raise DatasetError(f"{file}:{line}: this is no JSON: {error}.") from error
                yield line, _checked(row, needed, f"{file}:{line}")


def _yaml_rows(file: Path, needed: Sequence[str]) -> Iterator[tuple[int, Row]]:
    try:
        root = yaml.compose(file.read_text(encoding="utf-8-sig"), Loader=yaml.SafeLoader)
        if not isinstance(root, yaml.SequenceNode):
            raise DatasetError(f"{file}:1: it must hold a list of objects, each with {' and '.join(needed)}.")
        for node in root.value:
            line = node.start_mark.line + 1
            loader = yaml.SafeLoader("")
            yield line, _checked(loader.construct_document(node), needed, f"{file}:{line}")
    except yaml.YAMLError as error:
        raise DatasetError(f"{file} is no YAML: {error}.") from error


def _checked(row: object, needed: Sequence[str], place: str) -> Row:
    if not isinstance(row, dict):
        raise DatasetError(f"{place}: a row is an object with {' and '.join(needed)}.")
    missing = [name for name in needed if name not in row]
    if missing:
        raise DatasetError(f"{place}: {missing[0]} is missing.")
    return row


KINDS: dict[str, Callable[[Path, Sequence[str]], Iterator[tuple[int, Row]]]] = {
    ".csv": _csv_rows,
    ".jsonl": _json_rows,
    ".yaml": _yaml_rows,
    ".yml": _yaml_rows,
}
