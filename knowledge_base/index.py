"""The index: vectors and keywords, a projection of the repository that can be rebuilt at any time."""

import copy
import logging
import shutil
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from chromadb.errors import NotFoundError
from filelock import FileLock, Timeout
from sqlalchemy import delete, insert, select

from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import FAQEntry
from knowledge_base.errors import FrontdeskError, StorageError
from knowledge_base.keywords import KeywordIndex, entry_words
from knowledge_base.repository import FAQRepository
from knowledge_base.spelling import Spelling
from knowledge_base.tables import IndexTaskRow, LiveIndexRow
from knowledge_base.vectors import VectorIndex

logger = logging.getLogger(__name__)
OWNER_WAIT_S = 30.0  # a command that runs beside may own the index for a moment
Progress = Callable[[int, str], Callable[[int], object]]


def silent(_total: int, _what: str) -> Callable[[int], object]:
    """A progress report for callers that want none."""
    return lambda _done: None


class FAQIndex:
    """Opens the live index, builds or repairs it where needed, and applies changes of the repository.

    Embedded Chroma is not safe for several writing processes, so the index has one owner, who holds a file
    lock. A process that comes second reads what is there and changes nothing. On a Chroma server the vectors are shared:
    those who read follow what the owner does, and one of them takes its place when it ends.

    Args:
        folder: the folder of the indexes; made if missing.
        repository: what is indexed.
        encoder: whose vectors are used; another encoder means another index, built beside this one.
        progress: called with a total and a title, returns a function that is called with counts of texts done.
        must_own: whether this is a service without a Chroma server, which has to follow the repository's changes itself.
        chroma_url: a Chroma server's; None for Chroma in this process, with its files in the folder.

    Attributes:
        entries: what is found, by id, as it was when it was indexed.
        intents: that at least one entry answers.

    Raises:
        SettingsError: the URL is none.
        StorageError: the Chroma server does not answer, the folder cannot be written, or the index is being built by another process.
    """

    def __init__(
        self,
        folder: Path,
        repository: FAQRepository,
        encoder: TextEncoder,
        progress: Progress = silent,
        *,
        must_own: bool = False,
        chroma_url: str | None = None,
    ) -> None:
        self.folder, self.repository, self.encoder, self.progress = folder, repository, encoder, progress
        self.chroma_url = chroma_url
        self.name: str
        self.vectors: VectorIndex
        self.keywords: KeywordIndex
        self.spelling: Spelling
        self.entries: Mapping[str, FAQEntry] = {}
        self.intents: frozenset[str] = frozenset()
        self._seen: int  # what of the keywords' changes was learned
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self.lock = FileLock(folder / "owner.lock", thread_local=False)  # the service refreshes in a thread of its own
            self.lock.acquire(timeout=OWNER_WAIT_S if must_own else 0)
        except Timeout:
            if must_own:
                raise StorageError(f"Another Frontdesk service is using {folder.parent}. Stop it, or use another data directory.") from None
            logger.info("Another process owns the index; this one only reads it.")
        except OSError as error:
            raise StorageError(f"The index folder {folder} cannot be written: {error}.") from error
        try:
            with self._building():
                self._open()
        except FrontdeskError:
            self.lock.release()
            raise

    @property
    def is_owner(self) -> bool:
        """Whether this process may change the index."""
        return self.lock.is_locked

    def refresh(self) -> int:
        """Apply the repository's pending changes. Returns how many entries were indexed anew (0 for a reader).

        Raises:
            StorageError: the database or the Chroma server does not answer.
        """
        if not self.is_owner:
            self._follow()
        if not self.is_owner:
            return 0
        with self.repository.database.reading() as connection:
            tasks = connection.execute(select(IndexTaskRow.id, IndexTaskRow.entry_id).order_by(IndexTaskRow.id)).all()
        if not tasks:
            return 0
        ids = list(dict.fromkeys(task.entry_id for task in tasks))
        entries = list(self.repository.get(ids).values())
        self._replace(ids, entries)
        with self.repository.database.transaction() as connection:
            connection.execute(delete(IndexTaskRow).where(IndexTaskRow.id <= tasks[-1].id))
        return len(ids)

    def rebuild(self) -> None:
        """Build a new index from the repository beside the live one, then move the pointer to it."""
        self._build()
        self._go_live()
        self._tidy()

    @contextmanager
    def beside(self, encoder: TextEncoder) -> Iterator["FAQIndex"]:
        """Build an index for another encoder beside this one, which goes on serving; at the end of the block that one is the live one.

        Where another process owns the index, that one builds it, and this one uses it once it is live.

        It takes the ownership over. From then on only that one may be refreshed and closed, and this one is to be removed once nobody
        searches it any more. An exception in the block removes the new one, and nothing has changed.

        Args:
            encoder: whose vectors the new index has.

        Raises:
            StorageError: the index could not be built, or another process has to build it and has not yet.
        """
        other = copy.copy(self)
        other.encoder = encoder
        if not self.is_owner:
            if self.chroma_url is None or not other._use_live():  # noqa: SLF001 - of the same class
                raise StorageError(f"Another process owns the index in {self.folder}; that one builds an index for another encoder.")
            yield other
            return
        try:
            with self._building():
                other._build()  # noqa: SLF001 - of the same class
            yield other
            other._go_live()  # noqa: SLF001
        except BaseException:
            if other.name != self.name:
                other.remove()
            raise

    def remove(self) -> None:
        """Close an index that another one has replaced, and remove it; one that other processes may still search goes at the next start."""
        self.vectors.close()
        self.keywords.close()
        if self.chroma_url is None:
            shutil.rmtree(self.folder / self.name, ignore_errors=True)

    def close(self) -> None:
        """Close the files and give the ownership back."""
        self.vectors.close()
        self.keywords.close()
        self.lock.release()

    def _open(self) -> None:
        live = self._live()
        if live:
            with _damage_logged(self.folder / live):
                if not (self.folder / live).is_dir():
                    raise FileNotFoundError("its folder is missing")
                if self.is_owner:
                    self._use_checked(live)
                    self._tidy()
                else:
                    self._use(live)
                self._hold(self.repository.all())
                self.refresh()
                self._check()
                return
        if not self.is_owner:
            raise StorageError("Another process is using this data directory and its index is not ready yet. Try again when it is.")
        self.rebuild()

    def _live(self) -> str | None:
        """The folder that the pointer names, if that index is one of this encoder."""
        with self.repository.database.reading() as connection:
            live = connection.execute(select(LiveIndexRow.folder, LiveIndexRow.fingerprint)).one_or_none()
        return live.folder if live and live.fingerprint == self.encoder.fingerprint else None

    def _follow(self) -> None:
        """For a reader of a shared index: take the owner's place if it has ended, and see what it did."""
        if self.chroma_url is None:
            return
        with suppress(Timeout):
            self.lock.acquire(timeout=0)
        self._use_live()

    def _use_live(self) -> bool:
        """Use the index that the pointer names, and learn its words. Returns whether it is one of this encoder."""
        live = self._live()
        if live and live != self.name:
            self._use(live)
            self._hold(self.repository.all())
        elif live and self.keywords.changes() != self._seen:
            self._seen = self.keywords.changes()
            self.spelling.learn(self.keywords.vocabulary())
            self._hold(self.repository.all())
        return live is not None

    def _tidy(self) -> None:
        """Remove the indexes that are no longer used, as far as this data directory made them."""
        for old in self.folder.iterdir():
            if old.is_dir() and old.name != self.name:
                if self.chroma_url:
                    with suppress(NotFoundError):
                        self._vectors(old.name, create=False).remove()
                shutil.rmtree(old, ignore_errors=True)

    def _build(self) -> None:
        """Fill a new index from the repository; it does not count yet."""
        with self.repository.database.reading() as connection:
            self.built_to = connection.execute(select(IndexTaskRow.id).order_by(IndexTaskRow.id.desc()).limit(1)).scalar() or 0
        entries = self.repository.all()
        self._use(f"{self.encoder.fingerprint[:12]}-{uuid.uuid4().hex[:8]}")
        self._hold([])
        self._replace([], entries)

    def _go_live(self) -> None:
        """Move the pointer to what was built; later changes of the repository are still to be applied."""
        with self.repository.database.transaction() as connection:
            connection.execute(delete(LiveIndexRow))
            connection.execute(insert(LiveIndexRow).values(id=1, folder=self.name, fingerprint=self.encoder.fingerprint))
            connection.execute(delete(IndexTaskRow).where(IndexTaskRow.id <= self.built_to))

    @contextmanager
    def _building(self) -> Iterator[None]:
        """Say what to do where an index cannot be built."""
        try:
            yield
        except FrontdeskError:
            raise
        except Exception as error:  # Chroma and SQLite raise many kinds, for a full disk among other reasons
            raise StorageError(f"The index in {self.folder} could not be built: {error}. Check free space and permissions.") from error

    def _use(self, name: str) -> None:
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        vectors, keywords = self._vectors(name, create=self.is_owner), KeywordIndex(folder / "keywords.db")
        self._seen = keywords.changes()
        self.name, self.vectors, self.keywords, self.spelling = name, vectors, keywords, Spelling(keywords.vocabulary())

    def _vectors(self, name: str, *, create: bool) -> VectorIndex:
        if self.chroma_url:
            return VectorIndex.on_server(self.chroma_url, f"frontdesk-{name}", self.encoder, create=create)
        return VectorIndex.in_folder(self.folder / name / "chroma", self.encoder)

    def _use_checked(self, name: str) -> None:
        """Open an index and read through it. A damaged file may kill the process in Chroma's core; the mark tells the next start."""
        mark = self.folder / name / "opening"
        if mark.exists():
            raise RuntimeError("the process died when it was last opened")
        mark.touch()
        try:
            self._use(name)
            self.vectors.check()
            self.keywords.check()
        finally:
            mark.unlink()

    def _replace(self, ids: list[str], entries: list[FAQEntry]) -> None:
        report = self.progress(sum(_texts(entry) for entry in entries), "Indexing FAQ texts")
        self.vectors.replace(ids, entries, report)
        self.keywords.replace(ids, entries)
        self.spelling.learn(entry_words(entries))
        gone = set(ids)
        self._hold([*(entry for entry in self.entries.values() if entry.id not in gone), *entries])

    def _hold(self, entries: Iterable[FAQEntry]) -> None:
        """Keep the entries at hand: a search needs several, thousands of times a minute."""
        self.entries = {entry.id: entry for entry in entries}
        self.intents = frozenset(entry.intent for entry in self.entries.values() if entry.intent)

    def _check(self) -> None:
        """Raise if the index does not hold what the repository holds."""
        entries = self.entries.values()
        vectors, documents = sum(_texts(entry) for entry in entries), sum(len(entry.variants) for entry in entries)
        if self.is_owner and (self.vectors.count(), self.keywords.count()) != (vectors, documents):
            raise ValueError(f"it holds {self.vectors.count()} of {vectors} vectors and {self.keywords.count()} of {documents} documents")


def _texts(entry: FAQEntry) -> int:
    return sum(len(variant.questions) + 1 for variant in entry.variants.values())


@contextmanager
def _damage_logged(folder: Path) -> Iterator[None]:
    """Turn whatever a damaged index raises (Chroma's core panics, too) into a warning."""
    try:
        yield
    except FrontdeskError:
        raise
    except BaseException as error:
        if isinstance(error, KeyboardInterrupt | SystemExit | GeneratorExit):
            raise
        logger.warning("The index in %s is damaged (%s); it is rebuilt from the repository.", folder, error)
