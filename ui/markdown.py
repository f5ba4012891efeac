"""Markdown of replies and entries as HTML that is safe to show: what a text contains never becomes markup of its own."""

from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markdown_it.utils import EnvType, OptionsDict

LINK_SCHEMES = {"http", "https", "mailto"}


def markdown_html(text: str) -> str:
    """HTML of an entry's Markdown: HTML in it is shown, not obeyed; images are their alt text; links lead to the web or to mail."""
    return str(_MARKDOWN.render(text))


class _AnyLinkMarkdown(MarkdownIt):
    """Takes every link for one; `_unlink` decides, and keeps the text of what it refuses."""

    def validateLink(self, url: str) -> bool:  # noqa: ARG002, N802 - markdown-it's name
        """Take it."""
        return True


def _markdown() -> MarkdownIt:
    markdown = _AnyLinkMarkdown("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    markdown.core.ruler.push("unlink", _unlink)
    markdown.add_render_rule("image", _alt_text)
    return markdown


def _unlink(state: StateCore) -> None:
    for block in state.tokens:
        is_safe, kept = True, []
        for token in block.children or []:
            if token.type == "link_open":
                is_safe = _is_safe(str(token.attrGet("href")))
            if is_safe or token.type not in {"link_open", "link_close"}:
                kept.append(token)
        block.children = kept if block.children else block.children


def _is_safe(url: str) -> bool:
    try:
        return urlsplit(url).scheme.lower() in LINK_SCHEMES
    except ValueError:
        return False


def _alt_text(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: OptionsDict, env: EnvType) -> str:
    return escape(renderer.renderInlineAsText(tokens[index].children or [], options, env))


_MARKDOWN = _markdown()
