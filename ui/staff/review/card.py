"""The message that is decided on, which the keyboard works."""

from pathlib import Path
from time import monotonic_ns
from typing import Any

import gradio as gr

SCRIPT = Path(__file__).with_name("keys.js").read_text(encoding="utf-8")
TEMPLATE = "<div>${cards}</div><div class='decisions'>${actions}</div><div>${words}</div>"


def card(elem_id: str) -> gr.HTML:
    """A component that shows the first of several messages, and the next one as soon as something is decided.

    Messages are ``<article data-item="NUMBER">``, with ``data-accept`` where there is something to accept.
    ``<button data-decision="NAME">`` and ``<button data-label="KEY">`` decide: that is the event ``decide`` with ``item``, ``decision``
    and ``label``, or the event ``undo``. ``<section data-words="NUMBER">`` is shown below its message. The component's value is the
    number of the message that is shown, or empty. While somebody types in a field, keys do nothing.

    Args:
        elem_id: its id on the page.
    """
    gaps = {"cards": "", "actions": "", "words": "", "back": "", "stamp": ""}
    # Only the gaps are filled in: what a template itself holds is run.
    return gr.HTML(value="", html_template=TEMPLATE, js_on_load=SCRIPT, padding=False, elem_id=elem_id, **gaps)  # type: ignore[arg-type]


def dealt(cards: str, actions: str, back: int | None = None) -> Any:
    """An update that shows other messages.

    Args:
        cards: their HTML, the next one first.
        actions: the buttons' HTML.
        back: the number of a message on which it was decided, and which is to be shown again.
    """
    return gr.HTML(cards=cards, actions=actions, back="" if back is None else str(back), stamp=str(monotonic_ns()))
