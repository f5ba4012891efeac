"""Files of every format give the same entries; what cannot be read is named, by file and place."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.errors import EntryError
from knowledge_base.importing.reading import Refusal
from knowledge_base.importing.sources import FORMATS, read_data, read_entries, read_source

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
DEEP = 100_000


def write(folder: Path, name: str, text: str, encoding: str = "utf-8") -> Path:
    file = folder / name
    file.write_bytes(text.encode(encoding))
    return file


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030"])
@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("faq.yaml", YAML),
        ("faq.yml", YAML),
        ("faq.csv", CSV),
        ("FAQ.CSV", CSV.replace("\n", "\r\n")),
        ("faq.csv", CSV.replace(",", ";")),
        ("faq.tsv", CSV.replace(",", "\t")),
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
def test_every_format_and_encoding_gives_the_same_entry(tmp_path: Path, name: str, text: str, encoding: str) -> None:
    assert read_entries([write(tmp_path, name, text, encoding)]) == [HOURS]


def test_a_folder_s_files_are_read_by_name(tmp_path: Path) -> None:
    write(tmp_path, "b.yaml", YAML)
    write(tmp_path, "a.yaml", YAML.replace("id: hours", "id: days"))
    assert [entry.id for entry in read_entries([tmp_path])] == ["days", "hours"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("faq.yaml", "- id: [", r"faq\.yaml: it is no YAML: did not find expected node content \(line 2\)"),
        ("faq.yaml", "- id: 2024-13-45", r"faq\.yaml: entry 1 \(line 1\): it cannot be read: month must be in 1\.\.12"),
        ("faq.json", '[{"id": "a",}]', r"faq\.json: it is no JSON: .*line 1"),
        ("faq.yaml", "id: hours", r"faq\.yaml: it must hold a list of entries"),
        ("faq.yaml", "", r"faq\.yaml: it must hold a list of entries"),
        ("faq.json", "{}", r"faq\.json: it must hold a list of entries"),
        ("faq.yaml", "- hours", r"faq\.yaml: entry 1 \(line 1\): it is no entry"),
        ("faq.yaml", YAML + YAML, r"faq\.yaml: entry 2 \(line 11\): the id hours is there twice; entry 1 \(line 2\) has it"),
        ("faq.yaml", YAML.replace("Every day.", ""), r"faq\.yaml: entry 1 .*: Entry hours \(en\): the answer is blank"),
        ("faq.yaml", "- &a {id: a}\n- *a", r"faq\.yaml: line 2 has an alias"),
        ("faq.yaml", "- !!python/object/apply:os.system [ls]", r"faq\.yaml: entry 1 .*could not determine a constructor"),
        ("faq.yaml", "[" * DEEP, r"faq\.yaml: line 1 is nested too deeply"),
        ("faq.json", "[" * DEEP, r"faq\.json: it is nested too deeply"),
        ("faq.json", '[{"a":' * DEEP, r"faq\.json: it is nested too deeply"),
        ("faq.csv", "id,question\n", r"faq\.csv: it has no column answer \(答案\); its first row has id, question"),
        ("faq.csv", "", r"faq\.csv: it is empty; its first row must name the columns"),
        ("faq.csv", CSV + "hours,en,open today?,Only on Sunday.,,\n", r"faq\.csv: line 5: hours \(en\) has two different answers; line 2"),
        ("faq.csv", CSV + "late,en,,Never.,,\n", r"faq\.csv: line 5: the question is blank"),
        ("faq.csv", CSV + "short\n", r"faq\.csv: line 5: the question is blank"),
        ("faq.csv", CSV + "late,en,Late?,,,\n", r"faq\.csv: line 5: the answer is blank"),
        ("faq.csv", CSV + "l te,en,Late?,No.,,\n", r"faq\.csv: line 5: 'l te' is no valid entry id"),
        ("faq.csv", CSV + "late,klingon,Late?,No.,,\n", r"faq\.csv: line 5: 'klingon' is no language"),
        ("faq.docx", "", r"faq\.docx: \.docx is not read; \.csv, "),
        ("faq", "", r"faq: a file without an ending is not read"),
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
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(EntryError, match=r"folder\.csv: it is no file"):
        read_source(tmp_path / "folder.csv")
    os.mkfifo(tmp_path / "pipe.csv")
    with pytest.raises(EntryError, match=r"pipe\.csv: it is no file"):
        read_source(tmp_path / "pipe.csv")


@pytest.mark.parametrize("name", ["faq.csv", "faq.json", "faq.xlsx", "faq.html", "faq.md"])
def test_a_file_of_200_megabytes_is_refused_unread(tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / name
    with file.open("wb") as stream:
        stream.truncate(200 * 1024**2)
    monkeypatch.setattr(Path, "open", None)
    with pytest.raises(EntryError, match=rf"{name}: it has 200 MB; \d+ MB is the most"):
        read_source(file)


def test_in_a_list_the_entries_beside_a_bad_one_are_read() -> None:
    reading = read_data(f"{YAML}\n- id: 7\n- {{id: days, en: {{questions: [Which days?], answer: All.}}}}".encode(), "yaml")
    assert [entry.id for entry in reading.entries] == ["hours", "days"]
    assert reading.places == {"hours": "entry 1 (line 2)", "days": "entry 3 (line 12)"}
    assert reading.refusals == (Refusal("entry 2 (line 11)", "An entry needs an id: {'id': 7}"),)


@pytest.mark.parametrize("file_format", sorted(set(FORMATS.values())))
@settings(max_examples=60, deadline=None)
@given(
    data=st.binary(max_size=300)
    | st.text(max_size=300).map(str.encode)
    | st.text("[]{}-:,'\"\n &*!|>#<=ab问", max_size=200).map(str.encode)
)
def test_whatever_a_file_holds_it_is_read_or_refused(file_format: str, data: bytes) -> None:
    try:
        reading = read_data(data, file_format)
    except EntryError as error:
        assert str(error)  # noqa: PT017 - either outcome is right
    else:
        assert set(reading.places) == {entry.id for entry in reading.entries}
        assert all(refusal.place and refusal.reason for refusal in reading.refusals)
