"""Reads FAQ entries from files: YAML or JSON lists, and CSV tables."""

import csv
import json
from collections.abc import Iterable
from pathlib import Path

import yaml

from knowledge_base.entry import EntryVariant, FAQEntry, entry_from_dict
from knowledge_base.errors import EntryError

COLUMNS = ("id", "question", "answer", "language")


def read_entries(paths: Iterable[Path]) -> list[FAQEntry]:
    """Read entries from files, or from folders of YAML files.

    YAML and JSON hold a list of ``{id, category, intent, en: {questions: [...], answer: ...}, zh: {...}}``; category,
    intent and all languages but one may be missing. CSV has the columns id, question, answer, language, and may have
    category and intent; rows with the same id and language are further questions of one entry.

    Raises:
        EntryError: a file cannot be read, an entry breaks a rule, or an id is there twice; the message names the file.
    """
    entries: dict[str, FAQEntry] = {}
    for path in paths:
        files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not files:
            raise EntryError(f"{path} holds no *.yaml file.")
        for file in files:
            try:
                found = _read_csv(file) if file.suffix.lower() == ".csv" else _read_list(file)
            except EntryError as error:
                raise EntryError(f"{file}: {error}") from None
            except (OSError, ValueError, yaml.YAMLError, csv.Error) as error:
                raise EntryError(f"{file} cannot be read: {error}") from error
            for entry in found:
                if entry.id in entries:
                    raise EntryError(f"{file}: the id {entry.id} is there twice.")
                entries[entry.id] = entry
    return list(entries.values())


def _read_list(file: Path) -> list[FAQEntry]:
    text = file.read_text(encoding="utf-8-sig")
    rows = json.loads(text) if file.suffix.lower() == ".json" else yaml.safe_load(text)  # YAML knows no tabs and no surrogate pairs
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise EntryError("it must hold a list of entries, each with id, questions and answer by language.")
    return [entry_from_dict(row) for row in rows]


def _read_csv(file: Path) -> list[FAQEntry]:
    with file.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.DictReader(stream)
        missing = [name for name in COLUMNS if name not in (reader.fieldnames or [])]
        if missing:
            raise EntryError(f"the column {missing[0]} is missing; needed are {', '.join(COLUMNS)}.")
        parts: dict[str, dict[str, tuple[list[str], str]]] = {}
        groups: dict[str, tuple[str, str | None]] = {}
        for row in reader:
            cells = {name: (value or "").strip() for name, value in row.items() if isinstance(name, str) and not isinstance(value, list)}
            languages = parts.setdefault(cells["id"], {})
            questions, answer = languages.setdefault(cells["language"], ([], cells["answer"]))
            if not answer:
                languages[cells["language"]] = (questions, cells["answer"])
            elif cells["answer"] not in {"", answer}:
                raise EntryError(f"line {reader.line_num}: {cells['id']} ({cells['language']}) has two different answers.")
            questions.append(cells["question"])
            groups.setdefault(cells["id"], (cells.get("category", ""), cells.get("intent") or None))
    return [
        FAQEntry(
            entry_id,
            {language: EntryVariant(language, tuple(questions), answer) for language, (questions, answer) in languages.items()},
            *groups[entry_id],
        )
        for entry_id, languages in parts.items()
    ]
