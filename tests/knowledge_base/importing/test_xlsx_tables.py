"""Workbooks: cells as people see them, formulas refused, and archives that are more than they seem."""

import io
import zipfile
from datetime import UTC, date, datetime
from typing import Any

import pytest
from openpyxl import Workbook  # type: ignore[import-untyped]

from knowledge_base.errors import EntryError
from knowledge_base.importing import xlsx_tables
from knowledge_base.importing.reading import Reading, Refusal
from knowledge_base.importing.sources import read_data

DAY = datetime(2026, 11, 28, tzinfo=UTC).replace(tzinfo=None)  # Excel knows no zones
HEADER = ("id", "question", "answer", "valid_until")


def workbook(**sheets: list[tuple[object, ...]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    return saved(book)


def saved(book: Any) -> bytes:
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def changed(data: bytes, part: str, content: bytes) -> bytes:
    """A workbook with a part of it replaced or added."""
    stream = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            if name != part:
                new.writestr(name, old.read(name))
        new.writestr(part, content)
    return stream.getvalue()


def read(data: bytes) -> Reading:
    return read_data(data, "xlsx")


def test_cells_are_read_as_people_see_them() -> None:
    rows = [(number, f"Question {number}?", value, DAY) for number, value in enumerate([3.0, 2.5, True, date(2026, 12, 24), "=3"], 1)]
    book = Workbook()
    for row in (
        HEADER,
        *rows[:4],
        (6, "Percent?", 0.25),
        (7, "Thousands?", 1234.5),
        (8, "Time?", datetime(2026, 1, 2, 9, 30, tzinfo=UTC).replace(tzinfo=None)),
        (9, "Sum?", 0.1 + 0.2),
    ):
        book.active.append(row)
    book.active["C6"].number_format = "0%"
    book.active["C7"].number_format = "#,##0.00"
    reading = read(saved(book))
    assert reading.refusals == ()
    assert {entry.id: entry.variants["en"].answer for entry in reading.entries} == {
        "1": "3",
        "2": "2.5",
        "3": "TRUE",
        "4": "2026-12-24",
        "6": "25%",
        "7": "1,234.50",
        "8": "2026-01-02 09:30",
        "9": "0.3",
    }
    assert reading.entries[0].valid_until == date(2026, 11, 28)
    assert reading.places["2"] == "row 3"


def test_a_row_with_a_formula_is_refused_whatever_it_would_give() -> None:
    reading = read(workbook(FAQ=[HEADER, ("a", "Open?", "=1+1"), (), ("b", "Late?", "No.", "#N/A"), ("c", "When?", "Now.")]))
    assert [entry.id for entry in reading.entries] == ["c"]
    assert reading.refusals == (
        Refusal("row 2", "cell C2 is a formula; paste its value."),
        Refusal("row 4", "cell D4 is an error (#N/A); correct it."),
    )


def test_merged_cells_all_hold_what_the_first_one_does() -> None:
    book = Workbook()
    rows = [
        ("category", "question", "answer"),
        ("shop", "Open?", "Yes."),
        (None, "Closed?", None),
        (None, "Late?", "No."),
        (None, "When?", "Now."),
    ]
    for row in rows:
        book.active.append(row)
    book.active.merge_cells("A2:A4")
    book.active.merge_cells("C2:C3")
    reading = read(saved(book))
    assert reading.refusals == ()
    assert [(entry.id, entry.category, entry.variants["en"].answer) for entry in reading.entries] == [
        ("open", "shop", "Yes."),
        ("closed", "shop", "Yes."),
        ("late", "shop", "No."),
        ("when", "", "Now."),
    ]


def test_texts_that_excel_keeps_apart_from_the_sheet_are_read() -> None:
    types = b"application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"
    main = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    data = workbook(FAQ=[HEADER])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        listed = archive.read("[Content_Types].xml").replace(
            b"</Types>", b'<Override PartName="/xl/sharedStrings.xml" ContentType="' + types + b'"/></Types>'
        )
    data = changed(data, "[Content_Types].xml", listed)
    strings = (
        "".join(f"<si><t>{text}</t></si>" for text in ("问题", "答案"))
        + "<si><r><t>退</t></r><r><t>货？</t></r></si><si><t>寄回_x000D_\n。</t></si>"
    )
    data = changed(data, "xl/sharedStrings.xml", b"<sst " + main + b">" + strings.encode() + b"</sst>")
    cells = "".join(
        f'<row r="{row}"><c r="A{row}" t="s"><v>{row * 2 - 2}</v></c><c r="B{row}" t="s"><v>{row * 2 - 1}</v></c></row>' for row in (1, 2)
    )
    data = changed(data, "xl/worksheets/sheet1.xml", b"<worksheet " + main + f"><sheetData>{cells}</sheetData></worksheet>".encode())
    (entry,) = read(data).entries
    assert entry.variants["zh"].texts == ("退货？", "寄回\r\n。")


def test_a_number_in_a_format_that_may_show_something_else_is_refused() -> None:
    book = Workbook()
    for row in (HEADER, ("a", "Price?", 5)):
        book.active.append(row)
    book.active["C2"].number_format = '"¥"0.00" each"'
    assert "cell C2 is a number in the format" in read(saved(book)).refusals[0].reason


def test_all_sheets_are_read_and_one_without_questions_is_named() -> None:
    data = workbook(
        Preise=[(), HEADER, ("a", "Open?", "Yes."), ("b", None, "x")],
        Notes=[("to do", "who")],
        Empty=[],
        售后=[("问题", "答案"), ("怎么退货？", "寄回。")],
    )
    reading = read(data)
    assert [entry.id for entry in reading.entries] == ["a", "zen-me-tui-huo"]
    assert reading.places["a"] == "sheet Preise, row 3"
    assert reading.refusals == (
        Refusal("sheet Preise, row 4", "the question is blank."),
        Refusal("sheet Notes", "it has no column question (问题); its first row has to do, who."),
    )


def test_500_columns_are_refused() -> None:
    wide = (*HEADER, *(f"column {number}" for number in range(496)))
    assert read(workbook(FAQ=[wide, ("a", "Open?", "Yes.")])).refusals == (
        Refusal("sheet FAQ", "it has more than 100 columns; remove those that are no part of the FAQ."),
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"question,answer\nOpen?,Yes.\n", "no Excel workbook"),
        (b"", "no Excel workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, r"old Excel file \(.xls\) or has a password"),
        (workbook(FAQ=[HEADER])[:-300], "no Excel workbook"),
        (changed(workbook(FAQ=[HEADER]), "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row"), "damaged Excel workbook"),
        (changed(workbook(FAQ=[HEADER]), "xl/workbook.xml", b"<nothing/>"), "it has no sheet"),
    ],
)
def test_what_is_no_workbook_is_refused(data: bytes, message: str) -> None:
    with pytest.raises(EntryError, match=message):
        read(data)


def test_a_zip_without_a_workbook_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(EntryError, match="a zip but no Excel workbook"):
        read(stream.getvalue())


def test_a_zip_bomb_is_refused_before_it_inflates(monkeypatch: pytest.MonkeyPatch) -> None:
    bomb = changed(workbook(FAQ=[HEADER]), "xl/worksheets/sheet1.xml", b" " * (201 * 1024**2))
    assert len(bomb) < 1024**2
    monkeypatch.setattr(xlsx_tables, "load_workbook", None)
    with pytest.raises(EntryError, match="inflates to 201 MB; 200 MB is the most"):
        read(bomb)
    with pytest.raises(EntryError, match=r"part xl/styles\.xml inflates to 11 MB"):
        read(changed(workbook(FAQ=[HEADER]), "xl/styles.xml", b" " * (11 * 1024**2)))


def test_a_zip_bomb_whose_directory_lies_is_not_inflated_beyond_what_it_says() -> None:
    size = 150 * 1024**2
    data = bytearray(changed(workbook(FAQ=[HEADER]), "xl/worksheets/sheet1.xml", b" " * size))
    for place in range(len(data) - 4):
        if data[place : place + 4] == size.to_bytes(4, "little"):
            data[place : place + 4] = (1000).to_bytes(4, "little")
    with pytest.raises(EntryError, match="damaged Excel workbook"):
        read(bytes(data))


def test_a_zip_of_many_files_is_refused() -> None:
    stream = io.BytesIO(workbook(FAQ=[HEADER]))
    with zipfile.ZipFile(stream, "a") as archive:
        for number in range(1_001):
            archive.writestr(f"xl/media/{number}", b"")
    with pytest.raises(EntryError, match=r"a zip of 1,\d+ files"):
        read(stream.getvalue())


@pytest.mark.parametrize("part", ["xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"])
def test_entities_in_a_workbook_are_refused(part: str) -> None:
    entities = "".join(f'<!ENTITY e{number} "{f"&e{number - 1};" * 10}">' for number in range(1, 10))
    bomb = f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e0 "ha">{entities}]><x>&e9;</x>'.encode()
    with pytest.raises(EntryError, match=r"damaged Excel workbook \(EntitiesForbidden"):
        read(changed(workbook(FAQ=[HEADER, ("a", "Open?", "Yes.")]), part, bomb))


def test_rows_and_columns_that_are_said_to_be_far_away_cost_nothing() -> None:
    cells = '<c r="A{0}" t="inlineStr"><is><t>{1}</t></is></c><c r="ZZZ{0}"><v>1</v></c>'
    sheet = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
    far = sheet.format('<row r="999999999">' + cells.format(999999999, "question") + "</row>")
    assert read(changed(workbook(FAQ=[HEADER]), "xl/worksheets/sheet1.xml", far.encode())).entries == ()
