"""How far long work has come, for who waits for it."""

from collections.abc import Callable

import gradio as gr

from knowledge_base.progress import Progress


def shown_by(progress: gr.Progress, text: str) -> Progress:
    """A progress report that the page shows.

    Args:
        progress: Gradio's, of the event's handler.
        text: what is being done, in the reader's language.
    """

    def begin(total: int, _what: str) -> Callable[[int], object]:
        """Show that nothing is done yet."""
        done = 0

        def advance(more: int) -> None:
            """Show that more is done."""
            nonlocal done
            done += more
            progress((done, total), desc=text)

        progress((0, total), desc=text)
        return advance

    return begin
