"""The learning loop beside a service: started once at a time, and by the schedule."""

import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from agent.data_directory import DataDirectory
from knowledge_base.database import Database
from training.loop.launching import LoopLauncher
from training.loop.runs import LoopRuns, Outcome

pytestmark = pytest.mark.slow  # each loop imports all of training


@pytest.fixture
def directory(tmp_path: Path, model_cache: Path) -> DataDirectory:
    """A data directory with nothing to learn from."""
    directory = DataDirectory(tmp_path / "data")
    directory.create(fill=lambda: directory.cache.symlink_to(model_cache, target_is_directory=True))
    return directory


def wait_for_end(launcher: LoopLauncher) -> None:
    """Wait until no loop is at work."""
    until = time.monotonic() + 120
    while launcher.is_running():
        assert time.monotonic() < until
        time.sleep(0.1)


def test_one_at_a_time_and_it_says_what_became_of_it(directory: DataDirectory) -> None:
    launcher = LoopLauncher(directory, Database(directory.database_url), None)
    assert launcher.log_tail() == ""
    assert launcher.start("lin")
    assert not launcher.start("wei")
    wait_for_end(launcher)
    (run,) = launcher.runs.all()
    assert (run.author, run.outcome) == ("lin", Outcome.FAILED)
    assert "nothing to learn from" in launcher.log_tail()
    assert "utterances/" in run.reason


def test_the_schedule(directory: DataDirectory) -> None:
    database = Database(directory.database_url)
    assert not LoopLauncher(directory, database, None).start_if_due()
    runs = LoopRuns(database)
    runs.end(runs.begin("lin", directory.current()), Outcome.KEPT, "no better")
    weekly = LoopLauncher(directory, database, 7.0)
    assert not weekly.start_if_due()
    assert weekly.start_if_due(datetime.now(UTC) + timedelta(days=8))
    wait_for_end(weekly)
    assert [run.author for run in runs.all()] == ["schedule", "lin"]


def test_an_interrupted_run_is_gone_on_with(directory: DataDirectory) -> None:
    database = Database(directory.database_url)
    run = LoopRuns(database).begin("lin", directory.current())
    launcher = LoopLauncher(directory, database, 7.0)
    assert launcher.start_if_due()
    wait_for_end(launcher)
    (ended,) = launcher.runs.all()
    assert (ended.id, ended.author, ended.outcome) == (run.id, "lin", Outcome.FAILED)
