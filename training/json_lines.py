"""Files of JSON lines, with the place of each line for messages."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from agent.errors import DatasetError


def json_line_files(paths: Sequence[Path]) -> list[Path]:
    """The files named, and all ``*.jsonl`` of the folders named, in their order."""
    return [file for path in paths for file in (sorted(path.glob("*.jsonl")) if path.is_dir() else [path])]


def rows_of(file: Path) -> Iterator[tuple[dict[str, Any], str]]:
    """The objects of a file, each with its place for messages.

    Raises:
        DatasetError: it cannot be read, or a line is no JSON object.
    """
    try:
        for number, line in enumerate(file.read_text(encoding="utf-8").splitlines(), start=1):
            if line.strip():
                row = json.loads(line)
                if not isinstance(row, dict):
                    raise DatasetError(f"{file}:{number}: a line is a JSON object.")
                yield row, f"{file}:{number}"
    except (OSError, UnicodeDecodeError) as error:
        raise DatasetError(f"{file} cannot be read as UTF-8: {error}") from error
    except ValueError as error:
        raise DatasetError(f"{file}:{number}: this is no JSON: {error}.") from error
