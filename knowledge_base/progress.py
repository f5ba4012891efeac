"""Shows how far long work has come."""

import sys
from collections.abc import Callable

from tqdm import tqdm

Progress = Callable[[int, str], Callable[[int], object]]  # takes a total and a title, gives what is called with counts of what is done


def silent(_total: int, _what: str) -> Callable[[int], object]:
    """A progress report for callers that want none."""
    return lambda _done: None


def bar(total: int, title: str) -> Callable[[int], object]:
    """A progress bar on stderr."""
    progress = tqdm(total=total, desc=title, file=sys.stderr)

    def advance(done: int) -> None:
        """Count pieces of work that are done."""
        progress.update(done)
        if progress.n >= total:
            progress.close()

    return advance
