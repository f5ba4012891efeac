"""Entries from files; a file that breaks a rule is refused whole, and named."""

import json
from pathlib import Path

import pytest

from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.entry_files import read_entries
from knowledge_base.errors import EntryError

HOURS = FAQEntry(
    "hours",
    {"en": EntryVariant("en", ("When are you open?", "opening hours"), "Every day."), "zh": EntryVariant("zh", ("几点开门？",), "每天 🙂")},
    "service",
    "opening_hours",
)
YAML = """
- id: hours
  category: service
  intent: opening_hours
  en:
    questions: ["When are you open?", opening hours]
    answer: |-
      Every day.
  zh: {questions: [几点开门？], answer: "每天 🙂"}
"""
CSV = """id,language,question,answer,category,intent
hours,en,When are you open?,Every day.,service,opening_hours
hours,zh,几点开门？,每天 🙂,,
hours,en,opening hours,,,
"""


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    file = folder / name
    file.write_text(text, encoding=encoding)
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("faq.yaml", YAML),
        ("faq.csv", CSV),
        ("FAQ.CSV", CSV.replace("\n", "\r\n")),
        (
            "faq.json",  # as Python writes it: tabs, and the emoji as a surrogate pair
            json.dumps(
                [
                    {
                        "id": "hours",
                        "category": "service",
                        "intent": "opening_hours",
                        "en": {"questions": ["When are you open?", "opening hours"], "answer": "Every day."},
                        "zh": {"questions": ["几点开门？"], "answer": "每天 🙂"},
                    }
                ],
                indent="\t",
            ),
        ),
    ],
)
def test_every_format_gives_the_same_entry(tmp_path: Path, name: str, text: str, encoding: str) -> None:
    assert read_entries([write(tmp_path, name, text, encoding)]) == [HOURS]


def test_a_folder_s_files_are_read_by_name(tmp_path: Path) -> None:
    write(tmp_path, "b.yaml", YAML)
    write(tmp_path, "a.yaml", YAML.replace("id: hours", "id: days"))
    assert [entry.id for entry in read_entries([tmp_path])] == ["days", "hours"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("faq.yaml", "- id: [", r"(?s)faq\.yaml cannot be read: .*line 1"),
        ("faq.yaml", "- id: 2024-13-45", r"faq\.yaml cannot be read: month must be in 1\.\.12"),
        ("faq.json", '[{"id": "a",}]', r"faq\.json cannot be read: .*line 1"),
        ("faq.yaml", "id: hours", r"faq\.yaml: it must hold a list of entries"),
        ("faq.yaml", "", r"faq\.yaml: it must hold a list of entries"),
        ("faq.yaml", "- hours", r"faq\.yaml: it must hold a list of entries"),
        ("faq.yaml", YAML + YAML, r"faq\.yaml: the id hours is there twice"),
        ("faq.yaml", YAML.replace("Every day.", ""), r"faq\.yaml: Entry hours \(en\): the answer is blank"),
        ("faq.csv", "id,question,answer\n", r"faq\.csv: the column language is missing; needed are id, question, answer, language"),
        ("faq.csv", "", r"faq\.csv: the column id is missing"),
        ("faq.csv", CSV + "hours,en,open today?,Only on Sunday.,,\n", r"faq\.csv: line 5: hours \(en\) has two different answers"),
        ("faq.csv", CSV + "late,en,,Never.,,\n", r"faq\.csv: Entry late \(en\): .* none may be blank"),
        ("faq.csv", CSV + "short\n", r"faq\.csv: Entry short: '' is no two-letter language code"),
    ],
)
def test_a_refused_file_is_named(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(EntryError, match=message):
        read_entries([write(tmp_path, name, text)])


def test_an_id_may_be_in_one_file_only(tmp_path: Path) -> None:
    files = [write(tmp_path, "faq.yaml", YAML), write(tmp_path, "more.csv", CSV)]
    with pytest.raises(EntryError, match=r"more\.csv: the id hours is there twice"):
        read_entries(files)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(EntryError, match=r"gone\.yaml cannot be read: .*No such file"):
        read_entries([tmp_path / "gone.yaml"])
    with pytest.raises(EntryError, match=r"faq\.csv cannot be read: 'utf-8'"):
        read_entries([write(tmp_path, "faq.csv", CSV.replace("🙂", ""), "gb18030")])
