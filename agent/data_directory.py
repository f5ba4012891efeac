"""The one folder that holds all state."""

import hmac
import os
import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from agent.errors import ReleaseError
from agent.release import Release, read_release
from agent.release_history import Action, Change, read_history, that_happened
from knowledge_base.errors import StorageError

BASE_RELEASE = Path(__file__).parent / "base_release"  # no classifier: routes on retrieval alone
LOCK_WAIT_S = 30.0  # a change of the release in service takes milliseconds


class DataDirectory:
    """Where the parts of a data directory are.

    Args:
        path: the folder.
        database_url: of a database elsewhere; None for SQLite in the folder.
    """

    def __init__(self, path: Path, database_url: str | None = None) -> None:
        self.path = path.expanduser().resolve()
        self.cache = self.path / "cache"
        self.index = self.path / "index"
        self.shop = self.path / "shop.yaml"
        self.utterances = self.path / "utterances"
        self.validation = self.path / "validation"
        self.golden = self.path / "golden"
        self.datasets = self.path / "datasets"
        self.learning = self.path / "learning"
        self.reports = self.path / "reports"
        self.is_local = database_url is None
        self.database_url = database_url or f"sqlite:///{self.path / 'frontdesk.db'}"
        self._releases = self.path / "releases"
        self._pointer = self._releases / "current"
        self._history = self._releases / "history.jsonl"
        self._key = self.path / "pseudonym.key"

    @property
    def exists(self) -> bool:
        """Whether `create` has finished here."""
        return self._pointer.is_file()

    def create(self, release: Path = BASE_RELEASE, fill: Callable[[], None] = lambda: None) -> None:
        """Make a data directory; in one that exists nothing changes. One that was left half made is completed.

        Args:
            release: the release that it serves with.
            fill: puts in what belongs to it, before it counts as made.

        Raises:
            ReleaseError: the release is damaged or none.
            StorageError: the folder is not empty and no data directory, or cannot be written.
        """
        read_release(release)  # what is refused changes nothing
        with self._writing():
            if self.path.is_dir() and any(self.path.iterdir()) and not self._key.exists():
                raise StorageError(f"{self.path} is not empty and is no Frontdesk data directory. Name an empty or a new folder.")
            self._releases.mkdir(parents=True, exist_ok=True)
            if not self._key.exists():
                self._key.touch(mode=0o600)
                self._key.write_bytes(secrets.token_bytes(32))
            if not self.exists:
                fill()
                self.install_release(release)

    def require(self) -> None:
        """Check that this is a data directory that can be written.

        Raises:
            StorageError: it is not.
        """
        if not self.exists:
            raise StorageError(f"{self.path} is no Frontdesk data directory. Make one with `python -m agent init {self.path}`.")
        if not os.access(self.path, os.W_OK):
            raise StorageError(f"The data directory {self.path} cannot be written. Check its permissions.")

    def release_ids(self) -> list[str]:
        """The releases that are here, by id."""
        return sorted(path.name for path in self._releases.iterdir() if path.is_dir() and not path.name.startswith("."))

    def current(self) -> str:
        """The id of the release in service.

        Raises:
            ReleaseError: the pointer cannot be read.
        """
        try:
            return self._pointer.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ReleaseError(f"{self._pointer}, which names the release in service, cannot be read: {error}.") from error

    def release(self, release_id: str | None = None) -> Release:
        """Read a release, the one in service where none is named.

        Raises:
            ReleaseError: it is missing or damaged.
        """
        return read_release(self._releases / (release_id or self.current()))

    def history(self) -> list[Change]:
        """The changes of the release in service, oldest first.

        Raises:
            ReleaseError: the history cannot be read.
        """
        return that_happened(read_history(self._history), self.current())

    def install_release(self, folder: Path) -> Release:
        """Copy a release in and serve with it, as a new directory does: no gate."""
        release = self.add_release(folder)
        self.serve_with(release.id, "init")
        return release

    def add_release(self, folder: Path) -> Release:
        """Copy a release in, whole or not at all; one that is here already stays as it is. It does not serve yet.

        Returns:
            The copy.

        Raises:
            ReleaseError: the release, or the copy that is here, is missing or damaged.
        """
        release = read_release(folder)
        place = self._releases / release.id
        with self._locked():
            if not place.exists():
                part = place.with_name(f".{release.id}.{secrets.token_hex(4)}")
                try:
                    for source in sorted(path for path in folder.rglob("*") if path.is_file()):
                        target = part / source.relative_to(folder)
                        target.parent.mkdir(parents=True, exist_ok=True)
                        shutil.copyfile(source, target)
                    read_release(part)
                    part.rename(place)
                finally:
                    shutil.rmtree(part, ignore_errors=True)
        return read_release(place)

    def serve_with(
        self,
        release_id: str,
        action: Action,
        *,
        instead_of: str | None = None,
        reason: str | None = None,
        gate: Mapping[str, Any] | None = None,
    ) -> None:
        """Make a release that is here the one in service. Nothing else moves the pointer.

        The history line is written before the pointer moves. A crash between the two leaves a line of what did not happen;
        the pointer is the truth, and such a line is left out when the history is read, see `that_happened`.

        Args:
            release_id: the release.
            action: what for.
            instead_of: the release that this was decided about; None to serve with it whatever is in service.
            reason: of an override.
            gate: figures that it was promoted on.

        Raises:
            ReleaseError: it is missing or damaged, is in service already, or another one than `instead_of` is in service.
            StorageError: somebody else keeps changing the release in service.
        """
        with self._locked():
            read_release(self._releases / release_id)
            before = self.current() if self.exists else None
            if instead_of and before != instead_of:
                raise ReleaseError(
                    f"Release {before} came into service meanwhile, in place of {instead_of}. Nothing was changed; try again."
                )
            if before == release_id:
                raise ReleaseError(f"Release {release_id} is in service already; nothing was changed.")
            time = datetime.now(UTC).isoformat(timespec="seconds")
            change = Change(time, release_id, before, action, reason, gate)
            lines = [*read_history(self._history), change]
            _write_whole(self._history, "".join(line.to_json() + "\n" for line in lines))
            _write_whole(self._pointer, release_id + "\n")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Keep others from changing the releases."""
        path = self._releases / "promotion.lock"
        with self._writing():
            try:
                lock = FileLock(path).acquire(timeout=LOCK_WAIT_S)
            except Timeout:
                raise StorageError(
                    f"Another promotion or rollback has kept {path} for {LOCK_WAIT_S:.0f} seconds. Nothing was changed. "
                    "Try again when it has ended, or end it."
                ) from None
            with lock:
                yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Say what to do where the disk refuses."""
        try:
            yield
        except OSError as error:
            raise StorageError(
                f"The data directory {self.path} cannot be written: {error}. Check its permissions and free space."
            ) from error

    def derived_key(self, purpose: str) -> bytes:
        """A secret of 32 bytes for one purpose: the same as long as the pseudonyms' key is.

        Raises:
            StorageError: that key cannot be read.
        """
        return hmac.digest(self.pseudonym_key(), purpose.encode(), "sha256")

    def pseudonym_key(self) -> bytes:
        """The secret that order numbers' pseudonyms are made with.

        Raises:
            StorageError: it cannot be read.
        """
        try:
            key = self._key.read_bytes()
        except OSError as error:
            raise StorageError(f"{self._key} cannot be read: {error}.") from error
        if len(key) < 32:
            raise StorageError(f"{self._key} is damaged. Restore it from a backup; with another key, order numbers get other pseudonyms.")
        return key


def _write_whole(path: Path, text: str) -> None:
    """Write a small file in one step: a reader, or a crash, finds the old text or the new one."""
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with part.open("w", encoding="utf-8") as stream:
            stream.write(text)
            stream.flush()
            os.fsync(stream.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
