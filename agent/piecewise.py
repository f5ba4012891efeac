"""Replies that come in pieces: generators that yield text and return what it was in the end."""

import contextlib
from collections.abc import Callable, Generator
from typing import TypeVar

T = TypeVar("T")


def passed_on(pieces: Generator[str, None, T], change: Callable[[str], str]) -> Generator[str, None, T]:
    """Yield each piece as it is changed; closing this closes what it comes from."""
    with contextlib.closing(pieces):
        while True:
            try:
                piece = next(pieces)
            except StopIteration as end:
                result: T = end.value
                return result
            yield change(piece)


def whole(pieces: Generator[str, None, T]) -> T:
    """What a generator returns in the end, its pieces left aside."""
    while True:
        try:
            next(pieces)
        except StopIteration as end:
            result: T = end.value
            return result
