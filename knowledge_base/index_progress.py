"""How far the building of an index has come: an interrupted one goes on where it stopped."""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from knowledge_base.entry import FAQEntry

FILE = "building.jsonl"


class IndexProgress:
    """The entries, with their versions, that an unfinished index has whole.

    Args:
        folder: the index's.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE

    @staticmethod
    def unfinished(folder: Path, prefix: str) -> str | None:
        """The name of an index in a folder that was begun and not finished, None if there is none.

        Args:
            folder: of the indexes.
            prefix: of its name.
        """
        return next((path.parent.name for path in sorted(folder.glob(f"{prefix}*/{FILE}"))), None)

    @staticmethod
    def is_unfinished(folder: Path) -> bool:
        """Whether an index's folder is of one that was begun and not finished."""
        return (folder / FILE).exists()

    def begin(self) -> dict[str, int]:
        """Return what is done already: the versions, by entry."""
        self.path.touch()
        done: dict[str, int] = {}
        for line in self.path.read_text(encoding="utf-8").splitlines():
            try:
                done |= json.loads(line)
            except ValueError:  # the last line, if the process died while it wrote it
                break
        self.path.write_text(json.dumps(done) + "\n", encoding="utf-8")
        return done

    def note(self, entries: Iterable[FAQEntry]) -> None:
        """Keep that these entries are in the index."""
        with self.path.open("a", encoding="utf-8") as stream:
            stream.write(json.dumps({entry.id: entry.version for entry in entries}) + "\n")
            stream.flush()
            os.fsync(stream.fileno())

    def end(self) -> None:
        """The index is finished."""
        self.path.unlink(missing_ok=True)
