"""The breaker in front of a language model that does not work."""

import threading
from collections.abc import Generator, Sequence

import pytest

from agent.errors import GenerationError
from agent.generation import ChatMessage, CircuitBreaker
from tests.agent.generating import QUESTION, collect, soon


class Scripted:
    """A model that works, fails at once, or fails after a piece, as told."""

    name = "scripted"

    def __init__(self) -> None:
        self.mood = "works"
        self.calls = 0

    def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int, deadline: float) -> Generator[str, None, None]:
        del messages, max_tokens, deadline
        self.calls += 1
        if self.mood == "fails":
            raise GenerationError("broken")
        yield "piece"
        if self.mood == "breaks off":
            raise GenerationError("broken off")
        yield "piece"


class Shop:
    """A breaker with a scripted model behind it and a clock that the test turns."""

    def __init__(self) -> None:
        self.now = 100.0
        self.model = Scripted()
        self.breaker = CircuitBreaker(self.model, failures=3, rest_s=30.0, clock=lambda: self.now)

    def ask(self, mood: str = "works") -> str:
        """ "ok", "failed" (the model was asked) or "refused" (it was not)."""
        self.model.mood = mood
        calls = self.model.calls
        error = collect(self.breaker)[1]
        if not error:
            return "ok"
        return "failed" if self.model.calls > calls else "refused"


def test_the_breaker_opens_after_failures_in_a_row() -> None:
    shop = Shop()
    assert shop.breaker.name == "scripted"
    assert [shop.ask(mood) for mood in ["fails", "fails", "works", "fails", "breaks off", "fails"]].count("refused") == 0
    assert shop.ask() == "refused"
    shop.now += 29.9
    assert shop.ask() == "refused"
    assert "scripted" in collect(shop.breaker)[1]


def test_a_good_trial_closes_the_breaker_and_a_bad_one_starts_another_rest() -> None:
    shop = Shop()
    for _ in range(3):
        shop.ask("fails")
    shop.now += 30
    assert [shop.ask("fails"), shop.ask()] == ["failed", "refused"]
    shop.now += 30
    assert [shop.ask(), shop.ask(), shop.ask("fails"), shop.ask("fails"), shop.ask()] == ["ok", "ok", "failed", "failed", "ok"]


def test_one_trial_at_a_time() -> None:
    shop = Shop()
    for _ in range(3):
        shop.ask("fails")
    shop.now += 30
    shop.model.mood = "works"
    trial = shop.breaker.stream(QUESTION, max_tokens=7, deadline=soon(1))
    next(trial)
    assert shop.ask() == "refused"
    trial.close()  # the model was delivering
    assert shop.ask() == "ok"


def test_a_late_result_from_before_the_rest_decides_nothing() -> None:
    shop = Shop()
    early = [shop.breaker.stream(QUESTION, max_tokens=7, deadline=soon(1)) for _ in range(2)]
    for pieces in early:
        next(pieces)
    for _ in range(3):
        shop.ask("fails")
    shop.now += 29
    early[0].close()
    assert shop.ask() == "refused"
    shop.model.mood = "breaks off"
    with pytest.raises(GenerationError):
        next(early[1])
    shop.now += 1
    assert shop.ask() == "ok"


def test_many_threads_get_one_trial() -> None:
    shop = Shop()
    for _ in range(3):
        shop.ask("fails")
    shop.now += 30
    calls = shop.model.calls
    barrier = threading.Barrier(8)

    def ask() -> None:
        barrier.wait()
        collect(shop.breaker)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert shop.model.calls - calls == 1
