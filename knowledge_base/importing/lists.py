"""Lists of entries in JSON and YAML."""

import json
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import yaml

from knowledge_base.entry import FAQEntry
from knowledge_base.entry_documents import entry_from_dict
from knowledge_base.errors import EntryError
from knowledge_base.importing.reading import Reading, Refusal

DEEPEST = 20  # an entry is five deep


def read_json(text: str) -> Reading:
    """Read a list of entries.

    Raises:
        EntryError: it is no JSON, or no list.
    """
    try:
        rows = json.loads(text)
    except RecursionError:
        raise EntryError("it is nested too deeply for a list of entries.") from None
    except ValueError as error:
        raise EntryError(f"it is no JSON: {error}") from error
    return _entries(((f"entry {number}", row) for number, row in enumerate(_list(rows), start=1)), lambda row: row)


def read_yaml(text: str) -> Reading:
    """Read a list of entries.

    Raises:
        EntryError: it is no YAML or no list, it is nested too deeply, or it has aliases: a few could stand for billions of entries.
    """
    try:
        _check_events(text)
        loader = yaml.CSafeLoader(text)
        root = loader.get_single_node()
    except (yaml.YAMLError, ValueError) as error:
        raise EntryError(f"it is no YAML: {_reason(error)}") from error
    nodes = root.value if isinstance(root, yaml.SequenceNode) else _list(None)
    return _entries(((f"entry {number} ({_line(node)})", node) for number, node in enumerate(nodes, start=1)), loader.construct_document)


def _check_events(text: str) -> None:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        if isinstance(event, yaml.AliasEvent):
            raise EntryError(f"{_line(event)} has an alias (*{event.anchor}); write out what it stands for.")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise EntryError(f"{_line(event)} is nested too deeply for a list of entries.")


def _line(part: yaml.Event | yaml.Node) -> str:
    return f"line {part.start_mark.line + 1 if part.start_mark else 1}"


def _reason(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"{error.problem} (line {error.problem_mark.line + 1})"
    return str(error)


def _list(rows: object) -> list[object]:
    if not isinstance(rows, list):
        raise EntryError("it must hold a list of entries, each with id, questions and answer by language.")
    return rows


def _entries(rows: Iterable[tuple[str, Any]], construct: Callable[[Any], object]) -> Reading:
    """The entries of rows, each with its place and not constructed yet, so that one that cannot be keeps no other out."""
    entries: dict[str, FAQEntry] = {}
    places: dict[str, str] = {}
    refusals = []
    for place, row in rows:
        try:
            entry = _entry(row, construct)
        except EntryError as error:
            refusals.append(Refusal(place, str(error)))
            continue
        if entry.id in entries:
            refusals.append(Refusal(place, f"the id {entry.id} is there twice; {places[entry.id]} has it, too."))
        else:
            entries[entry.id], places[entry.id] = entry, place
    return Reading(tuple(entries.values()), places, tuple(refusals))


def _entry(row: Any, construct: Callable[[Any], object]) -> FAQEntry:
    try:
        document = construct(row)
    except (yaml.YAMLError, ValueError) as error:  # 2024-13-45 is no day
        raise EntryError(f"it cannot be read: {_reason(error)}") from error
    if not isinstance(document, Mapping):
        raise EntryError("it is no entry with id, questions and answer by language.")
    return entry_from_dict(document)
