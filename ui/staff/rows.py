"""Rows that can be chosen and opened, which Gradio has no component for that is at ease on a phone."""

from pathlib import Path

import gradio as gr

SCRIPT = Path(__file__).with_name("rows.js").read_text(encoding="utf-8")


def rows(elem_id: str) -> gr.HTML:
    """A component that shows rows; they are plain HTML, so the keyboard and screen readers know what they are.

    ``<input type="checkbox" data-row="KEY">`` chooses a row, and the component's value are the keys of those that are chosen;
    ``<input type="checkbox" data-all>`` chooses all. ``<button data-open="KEY">`` is told as the event ``select``,
    ``<button data-apply="KEY">`` as the event ``apply``.

    Args:
        elem_id: its id on the page.

    Example:
        >>> table = rows("entries")
        >>> gr.HTML(rows='<p><button data-open="hours">When are you open?</button></p>', value=[])  # from a handler
    """
    # Only `rows` is a template's gap: what a template itself holds is run.
    return gr.HTML(value=[], rows="", html_template="${rows}", js_on_load=SCRIPT, padding=False, elem_id=elem_id)
