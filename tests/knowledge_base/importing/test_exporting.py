"""What is exported is imported as it was, and runs in no spreadsheet."""

import csv
import io
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook  # type: ignore[import-untyped]

from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.errors import EntryError
from knowledge_base.importing.exporting import ExportFormat, write_entries
from knowledge_base.importing.sources import read_data, read_entries
from tests.conftest import ROOT

FORMATS: tuple[ExportFormat, ...] = ("csv", "xlsx", "json", "yaml")
RISKY = "=+-@\t\r＝＋－＠"
SPECIAL = st.sampled_from(
    ["=1+1", "'=1", "''@x", "'", "＝1", "-", "a\nb", "a\r\nb", "a\rb", '"', 'a"b', "a;b", "_x000D_", "_x005F_x000D_", "~", "no"]
)
CHARACTERS = st.characters(codec="utf-8", exclude_characters="\0")


def texts(longest: int) -> st.SearchStrategy[str]:
    anything = st.text(CHARACTERS, max_size=longest) | st.text("=+-@'\"\t\r\n,;、；，＝ a#:|>_x0D退", max_size=longest) | SPECIAL
    return anything.map(str.strip).filter(bool)


def labels() -> st.SearchStrategy[str]:
    return texts(12)


TAGS = labels().map(lambda tag: tag.replace(",", "").strip()).filter(bool)
LANGUAGES = st.sampled_from(["en", "zh", "de", "no"])


@st.composite
def entries(draw: st.DrawFn) -> list[FAQEntry]:
    made = []
    for entry_id in draw(st.lists(st.from_regex(r"[\w][\w.:-]{0,9}", fullmatch=True), min_size=1, max_size=3, unique=True)):
        variants = {
            language: EntryVariant(language, tuple(draw(st.lists(texts(20), min_size=1, max_size=3, unique=True))), draw(texts(60)))
            for language in draw(st.lists(LANGUAGES, min_size=1, max_size=3, unique=True))
        }
        days = sorted(draw(st.tuples(st.dates(), st.dates())))
        made.append(
            FAQEntry(
                entry_id,
                variants,
                draw(st.just("") | labels()),
                draw(st.none() | labels()),
                tuple(draw(st.lists(TAGS, max_size=3, unique=True))),
                draw(st.just("") | labels()),
                draw(st.none() | st.just(days[0])),
                draw(st.none() | st.just(days[1])),
            )
        )
    return made


def exported(written: list[FAQEntry], file_format: ExportFormat) -> bytes:
    stream = io.BytesIO()
    write_entries(written, stream, file_format)
    return stream.getvalue()


@settings(max_examples=60, deadline=None)
@given(written=entries())
def test_export_and_import_change_nothing(written: list[FAQEntry]) -> None:
    for file_format in FORMATS:
        reading = read_data(exported(written, file_format), file_format)
        assert reading.refusals == ()
        assert list(reading.entries) == written


@pytest.mark.parametrize("file_format", FORMATS)
def test_the_starter_is_the_same_after_a_round_trip(file_format: ExportFormat, tmp_path: Path) -> None:
    starter = read_entries([ROOT / "knowledge_base" / "starter" / "entries"])
    file = tmp_path / f"faq.{file_format}"
    write_entries(starter, file, file_format)
    assert read_entries([file]) == starter


@pytest.mark.parametrize("start", RISKY)
def test_no_cell_is_a_formula(start: str) -> None:
    text = f'{start}HYPERLINK("http://evil.example")'
    stripped = text.strip()
    entry = FAQEntry("a", {"en": EntryVariant("en", (f"{text}?", text), text)}, text, text, (text,), text)
    cells = [cell for row in csv.reader(io.StringIO(exported([entry], "csv").decode("utf-8-sig"), newline="")) for cell in row]
    assert sum(cell.startswith(f"'{start}") for cell in cells) == 7
    assert not [cell for cell in cells if cell.startswith(tuple(RISKY))]
    sheet = load_workbook(io.BytesIO(exported([entry], "xlsx"))).active
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert read_data(exported([entry], "csv"), "csv").entries[0].variants["en"].answer == stripped


def test_excel_knows_the_csv_s_encoding() -> None:
    assert exported([FAQEntry("a", {"zh": EntryVariant("zh", ("退货",), "寄回。")})], "csv").startswith(b"\xef\xbb\xbfid,language,")


def test_a_row_is_a_question_and_only_the_first_has_the_answer() -> None:
    entry = FAQEntry("a", {"en": EntryVariant("en", ("One?", "Two?"), "Yes.")}, tags=("x", "y"), valid_from=date(2026, 11, 28))
    assert exported([entry], "csv").decode("utf-8-sig").splitlines()[1:] == ['a,en,One?,Yes.,,,"x, y",,2026-11-28,', "a,en,Two?,,,,,,,"]


def test_a_text_that_excel_would_cut_is_refused_by_name(tmp_path: Path) -> None:
    entry = FAQEntry("long", {"en": EntryVariant("en", ("Open?",), "x" * 40_000)})
    with pytest.raises(EntryError, match="Entry long has a text of 40,000 characters; a cell of Excel holds 32,767"):
        write_entries([entry], tmp_path / "faq.xlsx", "xlsx")
    assert not list(tmp_path.iterdir())
    assert list(read_data(exported([entry], "csv"), "csv").entries) == [entry]
