"""Loads a service with customers, people who answer and a curator, and tells how it did."""

import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path

from knowledge_base.database import Database
from knowledge_base.errors import FrontdeskError
from knowledge_base.machine import machine
from ui.own_service import OwnService, megabytes
from ui.soak.records import Record, by_route, read_records
from ui.soak.staff import Answering, Curating, Worker

CUSTOMERS = Path(__file__).with_name("customers.py")
ROOT = Path(__file__).parents[2]
SAMPLE_S = 10.0
LEAVE_S = 90  # for visits that are going on at the end
NEW_PER_S = 2  # customers, until all are there


class SoakError(FrontdeskError):
    """The soak cannot be run, or did not run to its end."""


@dataclass(frozen=True)
class Soak:
    """How a service did.

    Attributes:
        minutes: how long it was loaded.
        customers: how many at once.
        routes: as `by_route` gives them.
        errors: the first of them, in words.
        answered: conversations that people had and ended.
        published: entries that were published, found, changed and taken back.
        memory: the service's, as (second, MB).
        machine: what it ran on.
    """

    minutes: float
    customers: int
    routes: dict[str, dict[str, float]]
    errors: list[str]
    answered: int
    published: int
    memory: list[tuple[float, int]]
    machine: str

    @property
    def failed(self) -> int:
        """How many requests did."""
        return int(sum(route["errors"] for route in self.routes.values()))

    @property
    def growth_mb(self) -> int:
        """By how much the memory grew from the middle of the run to its end, each as the mean of a tenth of it."""
        figures = [figure for _, figure in self.memory]
        tenth, middle = max(1, len(figures) // 10), len(figures) // 2
        return round(sum(figures[-tenth:]) / tenth - sum(figures[middle : middle + tenth]) / len(figures[middle : middle + tenth]))

    def document(self) -> dict[str, object]:
        """All of it as JSON has it."""
        return asdict(self) | {"failed": self.failed, "growth_mb": self.growth_mb}


def soak(
    service: OwnService, messages: Sequence[str], minutes: float, customers: int, folder: Path, progress: Callable[[int], object]
) -> tuple[Soak, list[Record]]:
    """Load a service.

    Args:
        service: which, with a demonstration shop.
        messages: what customers write.
        minutes: how long.
        customers: how many at once.
        folder: gets files while it runs.
        progress: called with the seconds that passed, each time some have.

    Returns:
        How it did, and every single record.

    Raises:
        SoakError: locust is not installed, or ended early.
    """
    if find_spec("locust") is None:
        raise SoakError("A soak needs locust: pip install -r requirements-dev.txt")
    (folder / "messages.json").write_text(json.dumps(list(messages)), encoding="utf-8")
    requests = folder / "requests.jsonl"
    requests.touch()
    database = Database(service.database_url)
    staff, curator = Answering(database), Curating(database, service.url, service.key)
    try:
        with _working(staff, curator):
            memory = _load(service, minutes, customers, folder, requests, progress)
    finally:
        database.close()
    records = sorted([*read_records(requests), *staff.records, *curator.records], key=lambda record: record.at)
    errors = list(dict.fromkeys(f"{record.name}: {record.error}" for record in records if record.error))
    done = Soak(minutes, customers, by_route(records), errors[:10], staff.answered, curator.published, memory, machine())
    return done, records


def _load(
    service: OwnService, minutes: float, customers: int, folder: Path, requests: Path, progress: Callable[[int], object]
) -> list[tuple[float, int]]:
    """Have customers come, and watch the service's memory meanwhile."""
    files = ["--key", service.key, "--messages", str(folder / "messages.json"), "--requests", str(requests)]
    how = ["--headless", "--only-summary", "--users", str(customers), "--spawn-rate", str(NEW_PER_S), "--host", service.url]
    until = ["--run-time", f"{round(60 * minutes)}s", "--stop-timeout", str(LEAVE_S), "--exit-code-on-error", "0"]
    log = folder / "locust.log"
    with log.open("w") as output:
        command = [sys.executable, "-m", "locust", "-f", str(CUSTOMERS), *how, *until, *files]
        process = subprocess.Popen(command, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT)  # noqa: S603 - our own file
        began, memory = time.monotonic(), [(0.0, megabytes(service.process))]
        try:
            while not _ended(process):
                memory.append((round(time.monotonic() - began, 1), megabytes(service.process)))
                progress(round(memory[-1][0] - memory[-2][0]))
        finally:
            process.terminate()
            process.wait()
    if process.returncode:
        raise SoakError(f"locust ended with {process.returncode}:\n{log.read_text()[-2000:]}")
    return memory


def _ended(process: subprocess.Popen[bytes]) -> bool:
    try:
        process.wait(SAMPLE_S)
    except subprocess.TimeoutExpired:
        return False
    return True


@contextmanager
def _working(*workers: Worker) -> Iterator[None]:
    for worker in workers:
        worker.start()
    try:
        yield
    finally:
        for worker in workers:
            worker.end()
