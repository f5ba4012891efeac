"""The service as its operator runs it: a process of its own, with its log in a file."""

import contextlib
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from agent.data_directory import DataDirectory
from knowledge_base.database import Database
from tests.conftest import ROOT
from ui.access.customers import new_anonymous
from ui.own_service import UNLIMITED
from ui.services import open_sites

SITE = "shop"


@dataclass(frozen=True)
class ServiceProcess:
    """A service that takes requests.

    Attributes:
        url: the pages'.
        process: the service's.
        log: what it writes to its error output.
        key: a portal's.
    """

    url: str
    process: subprocess.Popen[str]
    log: Path
    key: str

    def customer(self, token: str | None = None) -> httpx.Client:
        """A customer, by the portal's server; a new one without a token."""
        headers = {"Authorization": f"Bearer {self.key}", "X-Customer-Token": token or new_anonymous()}
        return httpx.Client(base_url=self.url, headers=headers, timeout=60)

    def end(self, how: signal.Signals, timeout_s: float) -> int:
        """Send a signal and wait. Returns the exit code."""
        self.process.send_signal(how)
        return self.process.wait(timeout=timeout_s)


def copy_with_portal(starter_directory: Path, folder: Path) -> str:
    """Copy a data directory, and let a portal in; gives the portal's key."""
    # By another process: closing a file here would drop SQLite's locks on it.
    subprocess.run(["cp", "-a", str(starter_directory), str(folder)], check=True)
    return let_portal_in(folder)


def let_portal_in(folder: Path, database_url: str | None = None) -> str:
    """Let a portal in; gives its key."""
    directory = DataDirectory(folder, database_url)
    database = Database(directory.database_url)
    try:
        return open_sites(database, directory).add(SITE, [], actor="tests").key
    finally:
        database.close()


@contextlib.contextmanager
def service(folder: Path, key: str, log: Path, **settings: object) -> Iterator[ServiceProcess]:
    """Start the service on a free port, without limits; at the end it is killed if it still runs.

    Args:
        folder: the data directory.
        key: of a portal that it knows.
        log: takes its error output, after what is in it.
        settings: others, by their names without ``FRONTDESK_``.
    """
    environment = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}
    environment |= UNLIMITED | {"FRONTDESK_DATA_DIR": str(folder), "FRONTDESK_PORT": "0"}
    environment |= {f"FRONTDESK_{name.upper()}": str(value) for name, value in settings.items()}
    with log.open("a", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "ui"], cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=errors
        )
    with process:
        try:
            assert process.stdout
            found = re.search(r"http://\S+", process.stdout.readline())
            assert found, f"the service did not start:\n{log.read_text(encoding='utf-8')[-3000:]}"
            yield ServiceProcess(found[0], process, log, key)
        finally:
            process.kill()
