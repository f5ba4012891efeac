"""Where a training writes: a new folder, and a place beside it for work that one training at a time has."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from knowledge_base.errors import SettingsError


@contextmanager
def only_one(work: Path) -> Iterator[None]:
    """Refuse a second training beside one that writes to the same place; the processes of one training are let through.

    Raises:
        SettingsError: there is another one.
    """
    from accelerate import PartialState

    work.mkdir(parents=True, exist_ok=True)
    if not PartialState().is_main_process:
        yield
        return
    lock = FileLock(work / "training.lock", timeout=0)
    try:
        lock.acquire()
    except Timeout:
        raise SettingsError(f"Another training writes to {work} already. Wait for it, or name another --output.") from None
    with lock:
        yield
