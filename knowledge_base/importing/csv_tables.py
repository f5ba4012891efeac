"""Tables in text files: commas, tabs or semicolons between the cells."""

import csv
import io
import re
from collections.abc import Iterator

from knowledge_base.errors import EntryError
from knowledge_base.importing.columns import Columns, column_kind
from knowledge_base.importing.decoding import DecodedText
from knowledge_base.importing.rows import Row

DELIMITERS = ",\t;|"
# A spreadsheet runs a cell that begins like this; an apostrophe before it makes it a text. One that the text has itself gets a second.
RISKY = re.compile("'*[=+\\-@\t\r＝＋－＠]")
GUARDED = re.compile("''*[=+\\-@\t\r＝＋－＠]")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet runs as a formula.

    >>> guarded("=1+1"), guarded("'=1+1"), guarded("1+1")
    ("'=1+1", "''=1+1", '1+1')
    """
    return f"'{cell}" if RISKY.match(cell) else cell


def unguarded(cell: str) -> str:
    """The text that was `guarded`."""
    return cell[1:] if GUARDED.match(cell) else cell


def csv_rows(decoded: DecodedText) -> Iterator[Row]:
    """The rows of a table; the first that is not blank names the columns.

    Raises:
        EntryError: the columns are not those of a FAQ.
    """
    reader = csv.reader(io.StringIO(decoded.text, newline=""), delimiter=_delimiter(decoded.text), strict=True)
    columns: Columns | None = None
    while True:
        first = reader.line_num + 1
        try:
            cells, problem = next(reader), ""
        except StopIteration:
            break
        except csv.Error as error:
            cells, problem = [], f'it cannot be read: {error}; is a quotation mark (") missing or too much?'
        lost = decoded.unreadable_in(first, reader.line_num)
        if lost:
            problem = f"line {lost} is neither UTF-8 nor GB18030; save the file as UTF-8."
        if columns is None and (problem or any(cells)):
            if problem:
                raise EntryError(f"the names of its columns cannot be read: {problem}")
            columns = Columns([cell.strip() for cell in _trimmed(cells)])
        elif columns and (problem or any(cell.strip() for cell in cells)):
            yield columns.row(f"line {first}", [unguarded(cell) for cell in cells], problem)
    if columns is None:
        raise EntryError("it is empty; its first row must name the columns: question, answer, and if you like id and language.")


def _delimiter(text: str) -> str:
    """The one that parts the first row into the most columns that are known."""
    header = text.lstrip()[:10_000]

    def known(delimiter: str) -> int:
        """How many columns it parts off that are known."""
        try:
            cells = next(csv.reader(io.StringIO(header, newline=""), delimiter=delimiter), [])
        except csv.Error:
            return 0
        return len({column_kind(cell) for cell in cells} - {None})

    return max(DELIMITERS, key=known)


def _trimmed(cells: list[str]) -> list[str]:
    """Without empty cells at the end, which some spreadsheets write."""
    while cells and not cells[-1].strip():
        cells = cells[:-1]
    return cells
