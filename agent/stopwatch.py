"""Milliseconds by step."""

import time


class Stopwatch:
    """Times the steps of one piece of work.

    Example:
        >>> watch = Stopwatch()
        >>> watch.lap("retrieve")
        >>> sorted(watch.result())
        ['retrieve', 'total']
    """

    def __init__(self) -> None:
        self._started = self._last = time.perf_counter()
        self._steps: dict[str, float] = {}

    def lap(self, step: str) -> None:
        """End a step: the time since the one before it is this step's."""
        now = time.perf_counter()
        self._steps[step] = round((now - self._last) * 1000, 3)
        self._last = now

    def result(self) -> dict[str, float]:
        """Milliseconds by step, and ``total``."""
        return {**self._steps, "total": round((time.perf_counter() - self._started) * 1000, 3)}
