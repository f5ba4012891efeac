"""The index of the FAQ, a projection of the repository that can be rebuilt at any time."""

import copy
import errno
import logging
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path

from filelock import FileLock, Timeout
from sqlalchemy import delete, insert, select

from knowledge_base.encoder import TextEncoder
from knowledge_base.entry import FAQEntry
from knowledge_base.errors import FrontdeskError, StorageError
from knowledge_base.held_entries import HeldEntries, today_in_utc
from knowledge_base.index_progress import IndexProgress
from knowledge_base.keywords import KeywordIndex
from knowledge_base.open_index import OpenIndex, damage_logged, remove_closed
from knowledge_base.progress import Progress, silent
from knowledge_base.repository import FAQRepository
from knowledge_base.spelling import Spelling
from knowledge_base.tables import IndexTaskRow, LiveIndexRow
from knowledge_base.text_owners import texts_of
from knowledge_base.vectors import VectorIndex, index_fingerprint

logger = logging.getLogger(__name__)
SPACE, SPACE_A_TEXT = 5_000_000, 6_000  # bytes on disk while an index is built
OWNER_WAIT_S = 30.0  # a command that runs beside may own the index for a moment


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
        today: tells the day, which decides what is valid.

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
        today: Callable[[], date] = today_in_utc,
    ) -> None:
        self.folder, self.repository, self.encoder, self.progress = folder, repository, encoder, progress
        self.chroma_url = chroma_url
        self._used: OpenIndex
        self._held = HeldEntries([], today)
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

    @property
    def held(self) -> HeldEntries:
        """All that is indexed, valid today or not."""
        return self._held

    @property
    def entries(self) -> Mapping[str, FAQEntry]:
        """What is found, by id, as it was when it was indexed: the entries that are valid today."""
        return self._held.valid

    @property
    def intents(self) -> frozenset[str]:
        """That at least one of these answers."""
        return self._held.intents

    @property
    def vectors(self) -> VectorIndex:
        """Searches by meaning."""
        return self._used.vectors

    @property
    def keywords(self) -> KeywordIndex:
        """Searches by words."""
        return self._used.keywords

    @property
    def spelling(self) -> Spelling:
        """Corrects messages."""
        return self._used.spelling

    @property
    def name(self) -> str:
        """Of the index that is searched, one of those in the folder."""
        return self._used.name

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
        for _ in self._used.replace(ids, entries, self.progress):
            pass
        self._held = self._held.replaced(ids, entries)
        with self.repository.database.transaction() as connection:
            connection.execute(delete(IndexTaskRow).where(IndexTaskRow.id <= tasks[-1].id))
        return len(ids)

    def rebuild(self) -> None:
        """Build a new index from the repository, then move the pointer to it.

        Raises:
            StorageError: another process owns the index.
        """
        if not self.is_owner:
            raise StorageError(
                f"A service owns the index in {self.folder}. Stop it first; at its start it repairs by itself what is damaged."
            )
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
        self._used.remove()

    def close(self) -> None:
        """Close the files and give the ownership back."""
        self._used.close()
        self.lock.release()

    def _open(self) -> None:
        live = self._live()
        if live:
            with damage_logged(self.folder / live):
                if self.is_owner:
                    self._used = OpenIndex.checked(self.folder / live, self.encoder, self.chroma_url)
                    self._tidy()
                    with self.repository.database.reading() as connection:
                        changed = set(connection.execute(select(IndexTaskRow.entry_id)).scalars())
                    self._hold([entry for entry in self.repository.all() if entry.id not in changed])
                    if self.refresh():
                        self.vectors.prune()
                    self._used.require(list(self._held.all.values()))
                else:
                    self._use(live)
                    self._hold(self.repository.all())
                return
        if not self.is_owner:
            raise StorageError("Another process is using this data directory and its index is not ready yet. Try again when it is.")
        self.rebuild()

    def _live(self) -> str | None:
        """The folder that the pointer names, if that index is one of this encoder."""
        with self.repository.database.reading() as connection:
            live = connection.execute(select(LiveIndexRow.folder, LiveIndexRow.fingerprint)).one_or_none()
        return live.folder if live and live.fingerprint == index_fingerprint(self.encoder) else None

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
        elif live and self._used.follow():
            self._hold(self.repository.all())
        return live is not None

    def _tidy(self) -> None:
        """Remove the indexes that are no longer used, as far as this data directory made them; another encoder's may be unfinished."""
        for old in self.folder.iterdir():
            kept = old.name == self.name or (IndexProgress.is_unfinished(old) and not old.name.startswith(self._prefix))
            if old.is_dir() and not kept:
                remove_closed(old, self.encoder, self.chroma_url)

    def _build(self) -> None:
        """Fill a new index from the repository, or go on with one that was begun; it does not count yet."""
        with self.repository.database.reading() as connection:
            self.built_to = connection.execute(select(IndexTaskRow.id).order_by(IndexTaskRow.id.desc()).limit(1)).scalar() or 0
        entries = self.repository.all()
        begun = IndexProgress.unfinished(self.folder, self._prefix)
        if begun:
            with damage_logged(self.folder / begun):
                self._used = OpenIndex.checked(self.folder / begun, self.encoder, self.chroma_url)
                self._fill(entries)
                self._used.require(entries)
                return
            shutil.rmtree(self.folder / begun)
        self._use(f"{self._prefix}{uuid.uuid4().hex[:8]}")
        self._fill(entries)

    def _fill(self, entries: Sequence[FAQEntry]) -> None:
        """Index what is not yet in an index that is being built."""
        progress = IndexProgress(self.folder / self.name)
        done = progress.begin()
        if done:
            logger.info("The index %s was begun before: %d of %d entries are in it.", self.name, len(done), len(entries))
        todo = [entry for entry in entries if done.get(entry.id) != entry.version]
        self.vectors.hold(entry for entry in entries if done.get(entry.id) == entry.version)
        # An interrupted build has entries, too, that it had no time to note.
        old = {*done, *(entry.id for entry in todo)} - {entry.id for entry in entries if done.get(entry.id) == entry.version}
        self._require_space(todo)
        for part in self._used.replace(sorted(old), todo, self.progress):
            progress.note(part)
        self.vectors.prune()
        self._held = HeldEntries(entries, self._held.today)

    def _require_space(self, entries: Sequence[FAQEntry]) -> None:
        """Refuse to begin what the disk has no space for: in the midst of it, Chroma's core would wait for ever."""
        needed = SPACE + SPACE_A_TEXT * sum(1 for entry in entries for _ in texts_of(entry))
        free = shutil.disk_usage(self.folder).free
        if self.chroma_url is None and free < needed:
            raise OSError(errno.ENOSPC, f"{needed / 1e6:,.0f} MB are needed, and {free / 1e6:,.0f} MB are free")

    @property
    def _prefix(self) -> str:
        """What the names of this encoder's indexes begin with."""
        return f"{index_fingerprint(self.encoder)[:12]}-"

    def _go_live(self) -> None:
        """Move the pointer to what was built; later changes of the repository are still to be applied."""
        with self.repository.database.transaction() as connection:
            connection.execute(delete(LiveIndexRow))
            connection.execute(insert(LiveIndexRow).values(id=1, folder=self.name, fingerprint=index_fingerprint(self.encoder)))
            connection.execute(delete(IndexTaskRow).where(IndexTaskRow.id <= self.built_to))
        IndexProgress(self.folder / self.name).end()

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
        self._used = OpenIndex(self.folder / name, self.encoder, self.chroma_url, create=self.is_owner)

    def _hold(self, entries: Sequence[FAQEntry]) -> None:
        """Say which entries the index has."""
        self.vectors.hold(entries)
        self._held = HeldEntries(entries, self._held.today)
