"""A folder in which a document's commands are run as a reader would run them."""

import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.conftest import ROOT

SERVES = re.compile(r"-m ui( portal .*)?$|chroma run")
STARTS_WITHIN_S, ENDS_WITHIN_S = 120, 900
# What a reader has beside Python. make is asked what it would do: it would install everything once more; there is no container engine.
SHIMS = {
    "make": f'exec /usr/bin/make --dry-run --directory {ROOT} "$@" >/dev/null',
    "curl": 'exec /usr/bin/curl --fail-with-body "$@"',
    "docker": "exit 0",
    "vllm": "exit 0",
}
# The same command, with the tests' converted models instead of a minute of converting them.
INIT = """
import sys, pathlib
from agent import commands
make = commands.init
commands.init = lambda *given, **options: make(*given, **options | {"cache": pathlib.Path(sys.argv[1])})
from agent.__main__ import main
sys.exit(main(sys.argv[2:]))
"""


@dataclass
class Sandbox:
    """The folder.

    Attributes:
        folder: where commands are run; it is their home, too.
        cache: converted models.
        replaced: what stands in a command, and what is run instead.
        environment: what ``export`` has set.
    """

    folder: Path
    cache: Path
    replaced: dict[str, str]
    environment: dict[str, str] = field(default_factory=dict)
    _running: list[subprocess.Popen[str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        for name, target in {".venv": Path(sys.prefix), "tests": ROOT / "tests"}.items():
            (self.folder / name).symlink_to(target)
        programs = self.folder / "bin"
        programs.mkdir()
        for name, script in SHIMS.items():
            (programs / name).write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
            (programs / name).chmod(0o755)
        clean = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}
        found = {"PATH": f"{programs}:{os.environ['PATH']}", "HOME": str(self.folder), "PYTHONPATH": str(ROOT)}
        self.environment = clean | found | self.environment

    def run(self, command: str) -> str:
        """Run a command, or start what serves and wait until it does. Returns what it printed."""
        for old, new in self.replaced.items():
            command = command.replace(old, new)
        if command.startswith("export "):
            self.environment |= dict(word.split("=", 1) for word in shlex.split(command)[1:])
            return ""
        if "-m agent init" in command:
            command = command.replace("-m agent init", f"-c {shlex.quote(INIT)} {shlex.quote(str(self.cache))} init")
        if SERVES.search(command.removesuffix("&").strip()):
            return self._start(command.removesuffix("&").strip())
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", command],
            cwd=self.folder,
            env=self.environment,
            input="hello\n",
            capture_output=True,
            text=True,
            timeout=ENDS_WITHIN_S,
            check=False,
        )
        assert done.returncode == 0, f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
        return done.stdout

    def end(self) -> None:
        """End what still serves."""
        for process in reversed(self._running):
            process.terminate()
            process.wait(timeout=60)

    def _start(self, command: str) -> str:
        log = self.folder / f"{len(self._running)}.log"
        with log.open("w") as output:
            process = subprocess.Popen(
                ["bash", "-c", f"exec env {command}"], cwd=self.folder, env=self.environment, text=True, stdout=output, stderr=output
            )
        self._running.append(process)
        deadline = time.monotonic() + STARTS_WITHIN_S
        while time.monotonic() < deadline:
            assert process.poll() is None, log.read_text()[-3000:]
            found = re.search(r"http://[\w.:]+", log.read_text())
            if found and answers(found[0]):
                return log.read_text()
            time.sleep(0.3)
        raise AssertionError(f"{command} does not serve.\n{log.read_text()[-3000:]}")


def answers(url: str) -> bool:
    """Whether there is a server."""
    try:
        httpx.get(url)
    except httpx.HTTPError:
        return False
    return True


def copied(shop: Path, folder: Path) -> Path:
    """A data directory of one's own."""
    return Path(shutil.copytree(shop, folder, symlinks=True))
