"""Several processes that serve the API at one address."""

import logging
import signal
import socket
import subprocess
import sys
import threading
import types

logger = logging.getLogger(__name__)

RESTART_S = 2.0  # before a process that ended is started again


class Workers:
    """Starts processes that share a listening socket, replaces those that die, and ends them in order.

    Args:
        number: how many.
        listener: the socket; each process takes connections from it.
    """

    def __init__(self, number: int, listener: socket.socket) -> None:
        self.number, self.listener = number, listener
        self._stop = threading.Event()
        self._processes: list[subprocess.Popen[bytes]] = []

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT; replies in progress are finished first."""
        for each in (signal.SIGTERM, signal.SIGINT):
            signal.signal(each, self._end)
        self._processes = [self._start() for _ in range(self.number)]
        try:
            while not self._stop.wait(RESTART_S):
                for place, process in enumerate(self._processes):
                    if process.poll() is not None:
                        logger.error("Worker %d ended (%s); another one takes its place.", process.pid, process.returncode)
                        self._processes[place] = self._start()
        finally:
            for process in self._processes:
                process.terminate()
            for process in self._processes:
                process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        descriptor = self.listener.fileno()
        # In a group of its own: Ctrl-C in the terminal reaches this process, which ends the others. The pipe breaks if it is killed.
        return subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "ui", "--listener", str(descriptor)], pass_fds=[descriptor], process_group=0, stdin=subprocess.PIPE
        )

    def _end(self, _signal: int, _frame: types.FrameType | None) -> None:
        self._stop.set()


def end_with_parent() -> None:
    """Have this worker end when the process that started it does, however that came."""

    def wait() -> None:
        """Wait for the end of the pipe."""
        sys.stdin.buffer.read()
        signal.raise_signal(signal.SIGTERM)

    threading.Thread(target=wait, name="parent", daemon=True).start()
