"""Says what is written on components in the language of who opens the page."""

from collections.abc import Callable, Iterable
from html import escape
from typing import Any, TypeVar

import gradio as gr

from agent.language import Language
from ui.page_language import page_language

ENGLISH = Language("en")  # until the browser has said what it wants
Updates = dict[Any, Any]  # what becomes of each component
Values = dict[Any, Any]  # what each component holds
Worded = TypeVar("Worded", bound=gr.blocks.Block)


class Wording:
    """Keeps which text is written where.

    Args:
        say: gives a page's text in a language, by its key.
    """

    def __init__(self, say: Callable[[str, Language], str]) -> None:
        self.say = say
        self._texts: dict[gr.blocks.Block, dict[str, str]] = {}

    def put(self, component: Worded, **texts: str) -> Worded:
        """Write texts on a component, each by its key: ``label="search"``. Returns the component."""
        self._texts[component] = texts
        for attribute, key in texts.items():
            setattr(component, attribute, self.say(key, ENGLISH))
        return component

    @property
    def components(self) -> list[gr.blocks.Block]:
        """What has a text."""
        return list(self._texts)

    def updates(self, language: Language) -> Updates:
        """Every text, in a language."""
        return {
            component: {"__type__": "update"} | {attribute: self.say(key, language) for attribute, key in texts.items()}
            for component, texts in self._texts.items()
        }


def language_of(request: gr.Request) -> Language:
    """The language that who opened the page reads."""
    return page_language(request.headers.get("accept-language", ""))


def person_of(request: gr.Request) -> str:
    """Who is signed in; the mount lets nobody else in."""
    return str(request.username)


def notice(text: str) -> str:
    """HTML that says that something was done."""
    return f'<p class="done" role="status">{escape(text)}</p>'


def problem(text: str) -> str:
    """HTML that says that something was not done, and why."""
    return f'<p class="problem" role="alert">{escape(text)}</p>'


def bullets(lines: Iterable[str]) -> str:
    """An HTML list of texts."""
    return f"<ul>{''.join(f'<li>{escape(line)}</li>' for line in lines)}</ul>"
