"""A running service takes up a promotion and a rollback by itself."""

import re
import time
from pathlib import Path

import httpx
import pytest

from agent.release import read_release
from tests.agent.copied_release import copy_directory, copy_release
from tests.ports import free_port
from tests.ui.test_serving import call, run
from training.registry import Registry

QUESTION = "How long does standard delivery take?"


def answered_by(client: httpx.Client) -> str:
    """Ask on the page; gives the release that the staff panel names."""
    customer, opened, *_ = call(client, "load", [None, None])
    text = str(call(client, "submit", [QUESTION, customer, opened]))
    (release,) = set(re.findall(r"\d{4}-\d\d-\d\d-[0-9a-f]{10}", text))
    return str(release)


def wait_for(client: httpx.Client, release: str) -> None:
    deadline = time.monotonic() + 120
    while answered_by(client) != release:
        assert time.monotonic() < deadline, f"{release} was not taken up"
        time.sleep(0.2)


@pytest.mark.slow
def test_a_promotion_is_taken_up_without_a_restart(starter_directory: Path, tmp_path: Path) -> None:
    other = copy_release(tmp_path / "other", "another")
    directory = copy_directory(starter_directory, tmp_path / "data")
    registry, first = Registry(directory), read_release(directory.release().folder).id
    process = run(directory.path, port=free_port(), staff_panel=True)
    try:
        assert process.stdout
        url = re.search(r"http://\S+", process.stdout.readline())
        assert url
        with httpx.Client(base_url=url.group(), timeout=60) as client:
            assert answered_by(client) == first
            registry.promote(str(tmp_path / "other"), override="the same but for a note")
            wait_for(client, other)
            registry.rollback()
            wait_for(client, first)
        process.terminate()
        _, error = process.communicate(timeout=60)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "Traceback" not in error
