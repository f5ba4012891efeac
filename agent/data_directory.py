"""The one folder that holds all state."""

import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path

from agent.errors import ReleaseError
from agent.release import Release, read_release
from knowledge_base.errors import StorageError

BASE_RELEASE = Path(__file__).parent / "base_release"  # no classifier: routes on retrieval alone


class DataDirectory:
    """Where the parts of a data directory are.

    Args:
        path: the folder.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.expanduser().resolve()
        self.cache = self.path / "cache"
        self.index = self.path / "index"
        self.shop = self.path / "shop.yaml"
        self.database_url = f"sqlite:///{self.path / 'frontdesk.db'}"
        self._releases = self.path / "releases"
        self._pointer = self._releases / "current"
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
        try:
            if self.path.is_dir() and any(self.path.iterdir()) and not self._key.exists():
                raise StorageError(f"{self.path} is not empty and is no Frontdesk data directory. Name an empty or a new folder.")
            self._releases.mkdir(parents=True, exist_ok=True)
            if not self._key.exists():
                self._key.touch(mode=0o600)
                self._key.write_bytes(secrets.token_bytes(32))
            if not self.exists:
                fill()
                self.install_release(release)
        except OSError as error:
            raise StorageError(
                f"The data directory {self.path} cannot be written: {error}. Check its permissions and free space."
            ) from error

    def require(self) -> None:
        """Check that this is a data directory that can be written.

        Raises:
            StorageError: it is not.
        """
        if not self.exists:
            raise StorageError(f"{self.path} is no Frontdesk data directory. Make one with `python -m agent init {self.path}`.")
        if not os.access(self.path, os.W_OK):
            raise StorageError(f"The data directory {self.path} cannot be written. Check its permissions.")

    def install_release(self, folder: Path) -> Release:
        """Copy a release in and make it the one in service, in one step."""
        release = read_release(folder)
        place = self._releases / release.id
        if not place.exists():
            part = place.with_name(f".{release.id}.{secrets.token_hex(4)}")
            try:
                for source in sorted(path for path in folder.rglob("*") if path.is_file()):
                    target = part / source.relative_to(folder)
                    target.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(source, target)
                part.rename(place)
            finally:
                shutil.rmtree(part, ignore_errors=True)
        pointer = self._pointer.with_name(f".current.{secrets.token_hex(4)}")
        pointer.write_text(release.id + "\n", encoding="utf-8")
        pointer.replace(self._pointer)
        return release

    def release(self) -> Release:
        """Read the release in service.

        Raises:
            ReleaseError: it is missing or damaged.
        """
        try:
            name = self._pointer.read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ReleaseError(f"{self._pointer}, which names the release in service, cannot be read: {error}.") from error
        return read_release(self._releases / name)

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
