"""Starts the learning loop beside a service: when somebody asks for it, and by a schedule."""

import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

from filelock import FileLock, Timeout

from agent.data_directory import DataDirectory
from knowledge_base.database import Database
from knowledge_base.errors import StorageError
from training.loop.runs import LoopRuns

ROOT = Path(__file__).parents[2]
LOG = "loop.log"
POLITE = 10  # on the scale of `nice`: customers come first


class LoopLauncher:
    """Runs ``python -m training loop`` in a process of its own, one at a time; the service may end before it.

    Args:
        directory: the service's; settings that are no part of it come with the environment.
        database: the directory's.
        every_days: how often it starts by itself; None for never.
    """

    def __init__(self, directory: DataDirectory, database: Database, every_days: float | None) -> None:
        self.directory, self.runs, self.every_days = directory, LoopRuns(database), every_days
        self._process: subprocess.Popen[bytes] | None = None

    def is_running(self) -> bool:
        """Whether a loop is at work in this data directory, whoever started it."""
        if self._process and self._process.poll() is None:
            return True
        lock = self.directory.learning / "training.lock"
        if not lock.exists():
            return False
        try:
            with FileLock(lock, timeout=0):
                return False
        except Timeout:
            return True

    def start(self, author: str) -> bool:
        """Start one, or go on with one that was interrupted. Returns False where one is at work already.

        Raises:
            StorageError: its log cannot be written.
        """
        if self.is_running():
            return False
        command = [sys.executable, "-m", "training", "loop", "--author", author, "--data-dir", str(self.directory.path)]
        try:
            self.directory.learning.mkdir(exist_ok=True)
            with (self.directory.learning / LOG).open("ab") as log:
                self._process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=log, start_new_session=True)  # noqa: S603 - our own
            os.setpriority(os.PRIO_PROCESS, self._process.pid, POLITE)
        except OSError as error:
            raise StorageError(f"The learning loop cannot be started: {error}. Check free space and permissions.") from error
        return True

    def start_if_due(self, now: datetime | None = None) -> bool:
        """Start one if the schedule wants it, or one was interrupted. Returns whether it did.

        Args:
            now: the time, UTC.
        """
        if self.every_days is None:
            return False
        newest = next(iter(self.runs.all(1)), None)
        due = newest is None or newest.outcome is None or newest.started_at + timedelta(days=self.every_days) <= (now or datetime.now(UTC))
        return due and self.start("schedule")

    def log_tail(self, lines: int = 20) -> str:
        """The last lines of what the newest loops said, empty where there was none."""
        try:
            with (self.directory.learning / LOG).open("rb") as log:
                log.seek(0, os.SEEK_END)
                log.seek(max(log.tell() - 20_000, 0))
                return "\n".join(log.read().decode("utf-8", "replace").splitlines()[-lines:])
        except FileNotFoundError:
            return ""
