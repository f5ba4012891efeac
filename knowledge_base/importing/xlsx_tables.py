"""Tables in Excel workbooks. What a workbook would inflate to is known before anything of it is read."""

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any

from openpyxl import load_workbook  # type: ignore[import-untyped]
from openpyxl.utils import column_index_from_string, get_column_letter  # type: ignore[import-untyped]
from openpyxl.utils.exceptions import InvalidFileException  # type: ignore[import-untyped]

from knowledge_base.errors import EntryError
from knowledge_base.importing.columns import MOST_COLUMNS, Columns
from knowledge_base.importing.rows import Row

MOST_INFLATED, MOST_PARTS = 200 * 1024**2, 1_000
MOST_IN_ONE_PART = 10 * 1024**2  # of the parts that are read at once: all but sheets and their texts
LAST_ROW = 1_048_576  # of any sheet
CHUNK = 1024**2
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s+ref=\"(?P<column>[A-Z]{1,3})(?P<first>\d{1,7}):(?P<end>[A-Z]{1,3})(?P<last>\d{1,7})\"")
DAMAGE = (  # what openpyxl and the modules below it raise on damaged files
    ArithmeticError,
    AttributeError,
    EOFError,
    InvalidFileException,
    LookupError,
    OSError,
    RuntimeError,
    SyntaxError,
    TypeError,
    ValueError,
    zipfile.BadZipFile,
    zlib.error,
)
ESCAPED = re.compile("_x([0-9A-Fa-f]{4})_")
TO_ESCAPE = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]|_(?=x[0-9A-Fa-f]{4}_)")
NUMBER_FORMAT = re.compile(r"(?P<thousands>#,##)?0(?P<decimals>\.0+)?(?P<percent>%)?(_\))?")


def escaped(text: str) -> str:
    """A text as a workbook holds it: ``_x000D_`` for what XML cannot hold."""
    return TO_ESCAPE.sub(lambda match: f"_x{ord(match.group()):04X}_", text)


def unescaped(text: str) -> str:
    """The text that was `escaped`."""
    return ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def xlsx_rows(data: bytes) -> Iterator[Row]:
    """The rows of every sheet; the first row of a sheet that is not blank names its columns.

    Raises:
        EntryError: it is no workbook, it is damaged, or it is too large.
    """
    _check_archive(data)
    rows = 0
    try:
        # defusedxml refuses entities: openpyxl uses it wherever it is installed.
        workbook = load_workbook(io.BytesIO(data), read_only=True, keep_links=False)
        if not workbook.worksheets:
            raise EntryError("it has no sheet.")
        for sheet in workbook.worksheets:
            where = f"sheet {sheet.title}" if len(workbook.worksheets) > 1 else ""
            columns: Columns | None = None
            for number, cells in _cells(sheet, data):
                rows += 1
                if rows > 2 * LAST_ROW:
                    raise EntryError("it has too many rows, most of them blank; delete the blank ones.")
                if not cells:
                    continue
                if columns is None:
                    try:
                        columns = Columns(_header(cells))
                    except EntryError as error:
                        yield Row(where or f"sheet {sheet.title}", problem=str(error))
                        break
                elif row := _row(columns, f"{where}, row {number}" if where else f"row {number}", cells):
                    yield row
    except DAMAGE as error:
        raise EntryError(f"it is a damaged Excel workbook ({_cause(error)}); open it and save it anew.") from error


def _check_archive(data: bytes) -> None:
    """Look at the directory; zipfile inflates no part beyond what the directory says, whatever is in it."""
    if data.startswith(b"\xd0\xcf\x11\xe0"):
        raise EntryError("it is an old Excel file (.xls) or has a password; save it as .xlsx without one.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError) as error:
        raise EntryError("it is no Excel workbook; save it as .xlsx, or give it the ending of what it is.") from error
    if len(parts) > MOST_PARTS:
        raise EntryError(f"it is a zip of {len(parts):,} files; {MOST_PARTS:,} is the most.")
    size = sum(part.file_size for part in parts)
    if size > MOST_INFLATED:
        raise EntryError(f"it inflates to {size // 1024**2:,} MB; {MOST_INFLATED // 1024**2} MB is the most. Split it.")
    if "xl/workbook.xml" not in {part.filename for part in parts}:
        raise EntryError("it is a zip but no Excel workbook; save it as .xlsx.")
    for part in parts:
        is_table = part.filename.startswith("xl/worksheets/") or part.filename.lower() == "xl/sharedstrings.xml"
        if part.filename.endswith((".xml", ".rels")) and not is_table and part.file_size > MOST_IN_ONE_PART:
            raise EntryError(f"its part {part.filename[:80]} inflates to {part.file_size // 1024**2:,} MB, which no FAQ needs.")


def _cells(sheet: Any, data: bytes) -> Iterator[tuple[int, tuple[Any, ...]]]:
    """The numbers of a sheet's rows and their cells, none of a blank row; merged cells all hold what the first one does."""
    merged = _merged(data, sheet._worksheet_path)  # noqa: SLF001 - a sheet that is read row by row does not tell them
    above: dict[int, tuple[Any, int]] = {}  # by column: the first of merged cells, and their last row
    blank: tuple[Any, ...] | None = None  # openpyxl gives the same one for every row that is not in the file
    for number, cells in enumerate(sheet.iter_rows(max_row=LAST_ROW, max_col=MOST_COLUMNS + 1), start=1):
        if cells is blank or all(cell.value is None for cell in cells):
            blank = cells
            yield number, ()
            continue
        above = {column: found for column, found in above.items() if found[1] >= number}
        above |= {column: (cells[column - 1], last) for column, last in merged.get(number, ()) if column <= len(cells)}
        yield number, tuple(above.get(column, (cell, 0))[0] for column, cell in enumerate(cells, start=1))


def _merged(data: bytes, part: str) -> dict[int, list[tuple[int, int]]]:
    """Cells that are merged downwards: their column and last row, by their first row."""
    found: dict[int, list[tuple[int, int]]] = {}
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(part) as stream:
        rest = b""
        while chunk := stream.read(CHUNK):
            text = rest + chunk
            end = 0
            for match in MERGED.finditer(text):
                end = match.end()
                if match["column"] == match["end"]:
                    column = column_index_from_string(match["column"].decode())
                    found.setdefault(int(match["first"]), []).append((column, int(match["last"])))
            rest = text[max(end, len(text) - 100) :]
    return found


def _header(cells: Sequence[object]) -> list[str]:
    values = [getattr(cell, "value", None) for cell in cells]
    while values and values[-1] is None:
        values.pop()
    return ["" if value is None else str(value).strip() for value in values]


def _row(columns: Columns, place: str, cells: Sequence[object]) -> Row | None:
    """A row, None where nothing is in the columns that count."""
    texts, problem = [], ""
    for number, cell in enumerate(cells, start=1):
        kind = columns.kinds[number - 1] if number <= columns.width else None
        try:
            texts.append(_text(cell) if kind else "")
        except EntryError as error:
            texts.append("")
            problem = problem or f"cell {get_column_letter(number)}{place.rpartition(' ')[2]} {error}"
    return columns.row(place, texts, problem) if problem or any(text.strip() for text in texts) else None


def _text(cell: object) -> str:
    """What people see in a cell."""
    value, kind = getattr(cell, "value", None), getattr(cell, "data_type", "n")
    if value is None:
        return ""
    if kind == "f":
        raise EntryError("is a formula; paste its value.")
    if kind == "e":
        raise EntryError(f"is an error ({value}); correct it.")
    if isinstance(value, str):
        return unescaped(value)
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d" if value.time() == time() else "%Y-%m-%d %H:%M")
    if isinstance(value, date | time | timedelta):
        return value.strftime("%H:%M") if isinstance(value, time) else str(value)
    if isinstance(value, int | float):
        return _number(value, str(getattr(cell, "number_format", "General")))
    raise EntryError("holds something that cannot be read; paste its value as a text.")


def _number(value: float, form: str) -> str:
    if form in {"General", "@", "0"} and value == int(value):
        return str(int(value))
    if form in {"General", "@"}:
        return f"{value:.10g}"  # as many digits as Excel shows
    match = NUMBER_FORMAT.fullmatch(form)
    if not match:
        raise EntryError(f"is a number in the format {form[:40]!r}, which cannot be read; write it as a text.")
    decimals = len(match["decimals"] or ".") - 1
    shown = f"{value * 100 if match['percent'] else value:{',' if match['thousands'] else ''}.{decimals}f}"
    return f"{shown}%" if match["percent"] else shown


def _cause(error: BaseException) -> str:
    """What went wrong in the first place, on one line."""
    while error.__context__:
        error = error.__context__
    return (str(error).strip() or type(error).__name__).splitlines()[0][:120]
