"""One index of the FAQ: vectors in Chroma and keywords in a file, under one name."""

import logging
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from chromadb.errors import NotFoundError

from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import FAQEntry
from knowledge_base.errors import FrontdeskError
from knowledge_base.keywords import KeywordIndex, entry_words
from knowledge_base.progress import Progress
from knowledge_base.spelling import Spelling
from knowledge_base.text_owners import texts_of
from knowledge_base.vectors import VectorIndex

logger = logging.getLogger(__name__)
AT_ONCE = 200  # entries that are indexed before it is told that they are


class OpenIndex:
    """Vectors, keywords and spelling, opened.

    Args:
        folder: its own; made if missing.
        encoder: whose vectors it has.
        chroma_url: a Chroma server's, on which it has a collection; None for Chroma in the folder.
        create: whether to make it where it is missing.

    Raises:
        StorageError: the Chroma server does not answer.
    """

    def __init__(self, folder: Path, encoder: TextEncoder, chroma_url: str | None, *, create: bool) -> None:
        folder.mkdir(exist_ok=True)
        self.folder, self.is_shared = folder, chroma_url is not None
        self.vectors = _vectors(folder, encoder, chroma_url, create=create)
        self.keywords = KeywordIndex(folder / "keywords.db")
        self.spelling = Spelling(self.keywords.vocabulary())
        self._seen = self.keywords.changes()

    @classmethod
    def checked(cls, folder: Path, encoder: TextEncoder, chroma_url: str | None) -> "OpenIndex":
        """Open an index and read through it; arguments as above.

        A damaged file may kill the process in Chroma's core; a mark tells the next start.
        """
        if not folder.is_dir():
            raise FileNotFoundError("its folder is missing")
        mark = folder / "opening"
        if mark.exists():
            raise RuntimeError("the process died when it was last opened")
        mark.touch()
        try:
            index = cls(folder, encoder, chroma_url, create=True)
            index.vectors.check()
            index.keywords.check()
        finally:
            mark.unlink()
        return index

    @property
    def name(self) -> str:
        """Its folder's."""
        return self.folder.name

    def replace(self, ids: Sequence[str], entries: Sequence[FAQEntry], progress: Progress) -> Iterator[Sequence[FAQEntry]]:
        """Forget the entries with these ids, then index these entries; gives those that are done, some at a time."""
        report = progress(sum(1 for entry in entries for _ in texts_of(entry)), "Indexing FAQ texts")
        gone = sorted(set(ids) - {entry.id for entry in entries})
        self.vectors.replace(gone, [])
        self.keywords.replace(gone, [])
        for start in range(0, len(entries), AT_ONCE):
            part = entries[start : start + AT_ONCE]
            self.vectors.replace([], part, report)
            self.keywords.replace([entry.id for entry in part], part)
            yield part
        self.spelling.learn(entry_words(entries))

    def follow(self) -> bool:
        """Learn what another process indexed. Returns whether there was anything."""
        if self.keywords.changes() == self._seen:
            return False
        self._seen = self.keywords.changes()
        self.spelling.learn(self.keywords.vocabulary())
        return True

    def require(self, entries: Sequence[FAQEntry]) -> None:
        """Check that it holds as much as these entries have.

        Raises:
            ValueError: it does not.
        """
        vectors, documents = len(self.vectors.owners), sum(len(entry.variants) for entry in entries)
        if (self.vectors.count(), self.keywords.count()) != (vectors, documents):
            raise ValueError(f"it holds {self.vectors.count()} of {vectors} vectors and {self.keywords.count()} of {documents} documents")

    def close(self) -> None:
        """Close the files."""
        self.vectors.close()
        self.keywords.close()

    def remove(self) -> None:
        """Close it and remove it; one that other processes may still search goes at the next start."""
        self.close()
        if not self.is_shared:
            shutil.rmtree(self.folder, ignore_errors=True)


def remove_closed(folder: Path, encoder: TextEncoder, chroma_url: str | None) -> None:
    """Remove an index that nobody uses; arguments as those of `OpenIndex`."""
    if chroma_url:
        with suppress(NotFoundError):
            _vectors(folder, encoder, chroma_url, create=False).remove()
    shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def damage_logged(folder: Path) -> Iterator[None]:
    """Turn whatever a damaged index raises (Chroma's core panics, too) into a warning."""
    try:
        yield
    except FrontdeskError:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        logger.warning("The index in %s is damaged (%s); it is rebuilt from the repository.", folder, error)


def _vectors(folder: Path, encoder: TextEncoder, chroma_url: str | None, *, create: bool) -> VectorIndex:
    if chroma_url:
        return VectorIndex.on_server(chroma_url, f"frontdesk-{folder.name}", encoder, create=create)
    return VectorIndex.in_folder(folder / "chroma", encoder)
