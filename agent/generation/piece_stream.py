"""Hands pieces of text from work in the background to the caller who waits for them."""

import queue
import time
from collections.abc import Generator
from concurrent.futures import Future

from agent.errors import GenerationError


def pieces_until(deadline: float, work: "Future[None]", pieces: "queue.Queue[str | None]", name: str) -> Generator[str, None, None]:
    """Yield what the work puts into the queue until it is done; cancel it when the caller stops or the deadline passes.

    Args:
        deadline: `time.monotonic()` moment in seconds.
        work: the running work; it decides in the end whether the pieces were a whole reply.
        pieces: where the work puts its pieces, and None once it is done.
        name: the model's name, for messages.

    Yields:
        The non-empty pieces.

    Raises:
        GenerationError: the deadline passed, or the work failed.
    """
    try:
        while (piece := pieces.get(timeout=max(0.0, deadline - time.monotonic()))) is not None:
            if piece:
                yield piece
    except queue.Empty:
        raise deadline_passed(name) from None
    finally:
        work.cancel()
    try:
        work.result()
    except GenerationError:
        raise
    except Exception as error:
        raise GenerationError(f"The language model {name} failed while writing: {type(error).__name__}: {error}") from error


def deadline_passed(name: str) -> GenerationError:
    """The error for a reply that was not finished in time."""
    return GenerationError(
        f"The language model {name} did not finish before the deadline. Allow it more time, ask for fewer tokens, or use a faster one."
    )
