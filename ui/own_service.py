"""A service on a shop of its own, in a process of its own, to measure."""

import contextlib
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import psutil

from agent.assembly import data_directory
from agent.commands import init
from agent.settings import Settings
from knowledge_base.database import Database
from ui.errors import AddressError
from ui.services import open_sites

UNLIMITED = {f"FRONTDESK_{name}_PER_MINUTE": "100000000" for name in ("SITE_REQUESTS", "ADDRESS_REQUESTS", "MESSAGES")}


@dataclass(frozen=True)
class OwnService:
    """A running service.

    Attributes:
        url: where it is.
        key: a portal's.
        process: it.
        database_url: where it keeps what it knows.
    """

    url: str
    key: str
    process: psutil.Process
    database_url: str


@contextlib.contextmanager
def own_service(settings: Settings) -> Iterator[OwnService]:
    """Start a service on a new demonstration shop, without limits and on a free port of this machine; it ends afterwards.

    Args:
        settings: all of them; those of a data directory, databases and workers are not taken.

    Raises:
        AddressError: it did not start.
    """
    cache = data_directory(settings).cache
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "data"
        own = settings.model_copy(update={"data_dir": place, "database_url": None, "chroma_url": None, "workers": 1})
        init(own, place, starter=True, cache=cache if cache.is_dir() else None)
        directory = data_directory(own)
        database = Database(directory.database_url)
        key = open_sites(database, directory).add("benchmark", [], "command line").key
        database.close()
        unshared = {"FRONTDESK_DATA_DIR": str(place), "FRONTDESK_DATABASE_URL": "", "FRONTDESK_CHROMA_URL": "", "FRONTDESK_WORKERS": "1"}
        with _serving(unshared) as (url, process):
            yield OwnService(url, key, process, directory.database_url)


@contextlib.contextmanager
def _serving(environment: Mapping[str, str]) -> Iterator[tuple[str, psutil.Process]]:
    """Gives the URL and the process."""
    quiet = {"FRONTDESK_HOST": "127.0.0.1", "FRONTDESK_PORT": "0", "FRONTDESK_LOG_LEVEL": "warning"}
    settings = {**os.environ, **UNLIMITED, **quiet, **environment}
    process = subprocess.Popen([sys.executable, "-m", "ui"], stdout=subprocess.PIPE, env=settings, text=True)
    try:
        line = process.stdout.readline() if process.stdout else ""
        found = re.search(r"http://\S+", line)
        if not found:
            raise AddressError("The service did not start; what it said stands above.")
        yield found[0], psutil.Process(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=60)


def megabytes(process: psutil.Process) -> int:
    """The memory of a process and of those that it started."""
    return int(sum(one.memory_info().rss for one in [process, *process.children(recursive=True)]) / 1e6)
