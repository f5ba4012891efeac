"""Reads a file or a page, whatever its format."""

import re
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath

from knowledge_base.entry import FAQEntry
from knowledge_base.errors import EntryError
from knowledge_base.importing.csv_tables import csv_rows
from knowledge_base.importing.decoding import decode
from knowledge_base.importing.fetching import fetch
from knowledge_base.importing.html_pages import html_rows
from knowledge_base.importing.lists import read_json, read_yaml
from knowledge_base.importing.markdown_pages import markdown_rows
from knowledge_base.importing.public_addresses import IPAddress, is_public
from knowledge_base.importing.reading import Reading
from knowledge_base.importing.rows import entries_of
from knowledge_base.importing.xlsx_tables import xlsx_rows

LARGEST, LARGEST_PAGE = 20 * 1024**2, 5 * 1024**2  # bytes of a table or list, of a text that people read
FORMATS = {
    ".csv": "csv",
    ".tsv": "csv",
    ".xlsx": "xlsx",
    ".json": "json",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".md": "markdown",
    ".markdown": "markdown",
    ".html": "html",
    ".htm": "html",
}
MEDIA_TYPES = {
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/csv": "csv",
    "text/tab-separated-values": "csv",
    "application/json": "json",
    "application/yaml": "yaml",
    "application/x-yaml": "yaml",
    "text/yaml": "yaml",
    "text/markdown": "markdown",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet": "xlsx",
}
CHARSET = re.compile(rb"<meta[^>]{1,200}?charset\s*=\s*[\"']?([\w-]{1,40})", re.IGNORECASE)
CHARSETS = {"gb2312": "gb18030", "gbk": "gb18030", "iso-8859-1": "cp1252", "latin1": "cp1252", "us-ascii": "utf-8"}  # as browsers take them


def read_source(path: Path) -> Reading:
    """Read a file: CSV, XLSX, JSON, YAML, Markdown or HTML, by its ending.

    Args:
        path: at most 20 MB, a page 5 MB.

    Raises:
        EntryError: it cannot be read at all; the message names it. A part that cannot is refused in the reading.

    Example:
        >>> reading = read_source(Path("faq.csv"))
        >>> [entry.id for entry in reading.entries], reading.refusals
        (['hours'], (Refusal(place='line 3', reason='the answer is blank.'),))
    """
    try:
        return read_data(*_file(path))
    except EntryError as error:
        raise EntryError(f"{path}: {error}") from None
    except OSError as error:
        raise EntryError(f"{path} cannot be read: {error}") from error


def read_url(url: str, allowed: Callable[[IPAddress], bool] = is_public) -> Reading:
    """Read a page, or a file that an address serves.

    Args:
        url: ``http`` or ``https``, without a password.
        allowed: which addresses it and its redirects may lead to.

    Raises:
        EntryError: it cannot be read at all, or is not to be; the message names it.
    """
    fetched = fetch(url, allowed)
    file_format = MEDIA_TYPES.get(fetched.media_type) or FORMATS.get(PurePosixPath(fetched.url.partition("?")[0]).suffix.lower())
    if file_format is None:
        raise EntryError(f"{url} serves {fetched.media_type or 'something without a type'}, which is not read.")
    try:
        return read_data(fetched.data, file_format, fetched.charset, fetched.url)
    except EntryError as error:
        raise EntryError(f"{url}: {error}") from None


def read_data(data: bytes, file_format: str, charset: str | None = None, base: str = "") -> Reading:
    """Read what was uploaded or fetched.

    Args:
        data: all of it.
        file_format: a value of `FORMATS`.
        charset: the encoding that its server names.
        base: its address, for relative links.

    Raises:
        EntryError: it cannot be read at all.
    """
    if file_format == "xlsx":
        return entries_of(xlsx_rows(data))
    if file_format == "html" and (match := CHARSET.search(data[:4096])):
        charset = charset or match[1].decode("ascii", "ignore")
    decoded = decode(data, CHARSETS.get((charset or "").lower(), charset))
    if file_format == "csv":
        return entries_of(csv_rows(decoded))
    if file_format == "markdown":
        return entries_of(markdown_rows(decoded))
    if file_format == "html":
        return entries_of(html_rows(decoded.whole(), base))
    return read_json(decoded.whole()) if file_format == "json" else read_yaml(decoded.whole())


def read_entries(paths: Iterable[Path]) -> list[FAQEntry]:
    """Read entries from files, or from folders of YAML files; all of them or none.

    Raises:
        EntryError: a file cannot be read, a part of it is refused, or an id is there twice; the message names the file.
    """
    entries: dict[str, FAQEntry] = {}
    for path in paths:
        files = sorted(path.glob("*.yaml")) if path.is_dir() else [path]
        if not files:
            raise EntryError(f"{path} holds no *.yaml file.")
        for file in files:
            reading = read_source(file)
            if reading.refusals:
                raise EntryError(f"{file}: {reading.refusals[0].place}: {reading.refusals[0].reason}")
            for entry in reading.entries:
                if entry.id in entries:
                    raise EntryError(f"{file}: the id {entry.id} is there twice.")
                entries[entry.id] = entry
    return list(entries.values())


def _file(path: Path) -> tuple[bytes, str]:
    """A file's bytes and its format; nothing is read of one that is too large."""
    file_format = FORMATS.get(path.suffix.lower())
    if file_format is None:
        raise EntryError(f"{path.suffix or 'a file without an ending'} is not read; {', '.join(FORMATS)} are.")
    largest = LARGEST_PAGE if file_format in {"markdown", "html"} else LARGEST
    size = path.stat().st_size
    if not path.is_file():
        raise EntryError("it is no file.")
    if size <= largest:
        with path.open("rb") as stream:
            data = stream.read(largest + 1)  # it may have grown
        if len(data) <= largest:
            return data, file_format
    raise EntryError(f"it has {size / 1024**2:,.0f} MB; {largest // 1024**2} MB is the most. Split it.")
