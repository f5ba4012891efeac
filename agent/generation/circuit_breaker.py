"""Keeps customers from waiting for a language model that does not work."""

import threading
import time
from collections.abc import Callable, Generator, Sequence

from agent.errors import GenerationError
from agent.generation.base import ChatMessage, LanguageModel


class CircuitBreaker:
    """A language model that gives another one a rest after several failures in a row.

    While it rests, every call is refused at once, so that replies fall back to the entry's own words without a wait. Then one
    trial goes through: if it succeeds all calls do again, if it fails the rest starts anew. A reply that the caller closes early
    counts as a success, since the model was delivering. Safe to share between threads.

    Args:
        model: the model behind the breaker.
        failures: how many failures in a row open the breaker.
        rest_s: how long calls are refused, in seconds.
        clock: tells the time in seconds.
    """

    def __init__(
        self, model: LanguageModel, *, failures: int = 3, rest_s: float = 30.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.name = model.name
        self._model = model
        self._limit = failures
        self._rest_s = rest_s
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0  # in a row; at the limit, the breaker is open
        self._rest_ends = 0.0
        self._trial_running = False

    def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int, deadline: float) -> Generator[str, None, None]:
        """Yield the other model's pieces, or refuse; see `LanguageModel.stream`."""
        is_trial = self._admit()
        failed = False
        try:
            yield from self._model.stream(messages, max_tokens=max_tokens, deadline=deadline)
        except Exception:
            failed = True
            raise
        finally:
            self._record(is_trial=is_trial, failed=failed)

    def _admit(self) -> bool:
        """Let a call through, and say whether it is the trial after a rest."""
        with self._lock:
            if self._failures < self._limit:
                return False
            wait_s = self._rest_ends - self._clock()
            if wait_s > 0 or self._trial_running:
                when = f"is tried again in {wait_s:.0f} s" if wait_s > 0 else "is being tried again"
                raise GenerationError(f"The language model {self.name} failed {self._failures} times in a row and {when}.")
            self._trial_running = True
            return True

    def _record(self, *, is_trial: bool, failed: bool) -> None:
        with self._lock:
            if is_trial:
                self._trial_running = False
            elif self._failures >= self._limit:
                return  # it started before the breaker opened: only the trial decides now
            self._failures = self._failures + 1 if failed else 0
            if self._failures >= self._limit:
                self._rest_ends = self._clock() + self._rest_s
