"""Model folders that are either whole or absent: written beside their place, checked at every use."""

import hashlib
import json
import logging
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from filelock import FileLock
from safetensors import SafetensorError

from knowledge_base.errors import StorageError

logger = logging.getLogger(__name__)

CHECKSUMS = "checksums.json"
SETTLED_S = 2.0  # after its last change a file's times tell whether it changes again


def write_model_folder(folder: Path, write: Callable[[Path], None]) -> Path:
    """Write a model folder beside its place and move it there whole, with its checksums.

    Args:
        folder: where the finished folder goes; one that stands there already is replaced.
        write: fills the empty folder it is given.

    Returns:
        The finished folder.

    Raises:
        StorageError: the disk refused.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
        try:
            write(part)
            sums = {str(file.relative_to(part)): sha256_of(file) for file in sorted(part.rglob("*")) if file.is_file()}
            (part / CHECKSUMS).write_text(json.dumps(sums, indent=1), encoding="utf-8")
            if folder.exists():
                shutil.rmtree(folder)
            os.replace(part, folder)  # noqa: PTH105 - replaces in one step, which Path.rename does not promise
        finally:
            shutil.rmtree(part, ignore_errors=True)
    except (OSError, SafetensorError, RuntimeError) as error:  # safetensors and torch turn a full disk into errors of their own
        raise StorageError(f"Could not write the model folder {folder}: {error}. Check free space and permissions.") from error
    return folder


def restored(folder: Path, what: str, make: Callable[[], object]) -> Path:
    """Return a model folder that is there and whole; a missing or damaged one is made first, by one process at a time.

    Args:
        folder: a folder that `write_model_folder` makes.
        what: names the model to people, e.g. ``text encoder``.
        make: makes the folder.

    Raises:
        StorageError: the disk refused.
    """
    if is_intact(folder):
        return folder
    with _only_one(folder):
        if is_intact(folder):
            return folder
        if folder.exists():
            logger.warning("The %s in %s is damaged; it is made anew.", what, folder)
        logger.info("Preparing the %s (once) ...", what)
        make()
    return folder


@contextmanager
def _only_one(folder: Path) -> Iterator[None]:
    """Let one process at a time make a folder: a second one would replace it while the first one loads from it."""
    file = folder.parent / f".{folder.name}.lock"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(file).acquire()
    except OSError as error:
        raise StorageError(f"Could not write into {folder.parent}: {error}. Check free space and permissions.") from error
    with lock:
        try:
            yield
        finally:
            file.unlink(missing_ok=True)  # who waits for it finds the folder whole


def is_intact(folder: Path) -> bool:
    """Whether every file of a folder made by `write_model_folder` is still the one that was written."""
    try:
        sums = json.loads((folder / CHECKSUMS).read_text(encoding="utf-8"))
        return bool(sums) and all(sha256_of(folder / name) == known for name, known in sums.items())
    except (OSError, ValueError, AttributeError):
        return False


def link_to_twin(file: Path, cache: Path) -> None:
    """Replace a file by a hard link to one of the same name and content in another model folder, if there is one: it is large."""
    known = sha256_of(file)
    for twin in sorted(cache.glob(f"*/{file.name}")):
        if twin.parent != file.parent and twin.stat().st_size == file.stat().st_size and sha256_of(twin) == known:
            link = file.with_name(f".{file.name}")
            try:
                os.link(twin, link)
            except OSError:  # a file system without hard links: the copy stays
                return
            link.replace(file)
            return


def sha256_of(path: Path) -> str:
    """The file's SHA-256 as hexadecimal digits; a process reads a large file once, until it changes."""
    state = path.stat()
    if time.time() - state.st_mtime < SETTLED_S:  # a change in the same tick of the clock would not show
        return _digest(path)
    return _known_digest(path.resolve(), state.st_dev, state.st_ino, state.st_size, state.st_mtime_ns, state.st_ctime_ns)


@lru_cache(maxsize=4096)
def _known_digest(path: Path, *_state: int) -> str:
    """The digest of a file that is in this state."""
    return _digest(path)


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
