"""HTML that is safe to take texts from, and answers in it as Markdown."""

import re
from typing import Any
from urllib.parse import urljoin

from bs4 import BeautifulSoup, Comment, Tag
from bs4.filter import SoupStrainer
from markdownify import MarkdownConverter

from knowledge_base.errors import EntryError

DEEPEST = 200  # tags in each other; Markdown is made recursively
MOST_TAGS = 30_000  # taking one out of its page takes the longer the more there are
HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
UNREAD = "script style template noscript iframe object embed svg math canvas audio video input select textarea nav footer title".split()
INVISIBLE = re.compile(r"display\s*:\s*none|visibility\s*:\s*hidden", re.IGNORECASE)
SAFE_SCHEMES = {"http", "https", "mailto", "tel"}
SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
BLOCKS = set(
    "address article aside blockquote details div dl fieldset figure footer header hr main ol p pre section table ul".split()
) | set(HEADINGS)
# An open tag that another one ends where its end is not written: by the tag that opens, what it ends and where that stops.
IMPLIED_ENDS = {
    "li": ({"li"}, {"ol", "ul"}),
    "dt": ({"dt", "dd"}, {"dl"}),
    "dd": ({"dt", "dd"}, {"dl"}),
    "tr": ({"tr"}, {"table"}),
    "td": ({"td", "th"}, {"tr", "table"}),
    "th": ({"td", "th"}, {"tr", "table"}),
} | {block: ({"p"}, BLOCKS - {"p"} | {"li", "dd", "td", "th"}) for block in BLOCKS}


class Page(BeautifulSoup):
    """A page as browsers read it: ends that are not written are where they must be.

    Args:
        html: the source.
        only: what of it is kept, None for all.

    Raises:
        EntryError: it is nested too deeply, or has too many tags.
    """

    opened = 0  # tags

    def __init__(self, html: str, only: SoupStrainer | None = None) -> None:
        super().__init__(_closed(html), "html.parser", parse_only=only)

    def handle_starttag(self, name: str, *args: Any, **kwargs: Any) -> Tag | None:
        """Open a tag."""
        ends, boundary = IMPLIED_ENDS.get(name, (set(), set()))
        for tag in reversed(self.tagStack if ends else []):
            if tag.name in ends:
                self.handle_endtag(tag.name)
                break
            if tag.name in boundary:
                break
        return super().handle_starttag(name, *args, **kwargs)

    def pushTag(self, tag: Tag) -> None:  # noqa: N802 - Beautiful Soup's name
        """Keep an open tag.

        Raises:
            EntryError: too many are open, or were.
        """
        super().pushTag(tag)
        self.opened += 1
        if self.opened > MOST_TAGS:
            raise EntryError(f"it has more than {MOST_TAGS:,} tags; split it.")
        if len(self.tagStack) > DEEPEST:
            raise EntryError(f"its tags are nested more than {DEEPEST} deep.")


def _closed(html: str) -> str:
    """Without what begins and never ends: the parser would look for its end again and again, which takes hours."""
    html = html.replace("<![", "<!-[")  # a marked section, which HTML does not have
    commented = html.rfind("-->") + 1
    html = html[:commented] + html[commented:].replace("<!--", "<!- -")
    tagged = html.rfind(">") + 1
    return html[:tagged] + html[tagged:].replace("<", "&lt;")


class _Converter(MarkdownConverter):
    """Markdown in which no text becomes a link, a tag or code."""

    def escape(self, text: str, parent_tags: set[str]) -> str:
        """A text as Markdown shows it."""
        return re.sub(r"([\[\]<`])", r"\\\1", str(super().escape(text, parent_tags)))  # type: ignore[misc]


def parse(html: str, base: str = "") -> Page:
    """Read a page or a part of one, without what nobody sees and links that do not lead to a page.

    Args:
        html: the source.
        base: the address that relative links start from, or empty.

    Raises:
        EntryError: it is nested too deeply.
    """
    page = Page(html)
    for comment in page.find_all(string=lambda text: isinstance(text, Comment)):
        comment.extract()
    for tag in page.find_all(_is_unseen):
        tag.extract()
    for button in page.find_all("button"):  # of a question that unfolds
        if button.find(HEADINGS) or button.find_parent([*HEADINGS, "summary", "dt"]):
            button.unwrap()
        else:
            button.extract()
    for image in page.find_all("img"):
        image.replace_with(str(image.get("alt") or ""))
    for link in page.find_all("a"):
        target = _safe_target(str(link.get("href") or ""), base)
        if target:
            link.attrs = {"href": target}
        else:
            link.unwrap()
    page.smooth()
    return page


def to_markdown(tag: Tag) -> str:
    """A part of a page that was parsed, as Markdown."""
    tag.name = "div"  # its own kind, such as <dd>, would leave a mark
    for term in tag.find_all(["dt", "dd"]):
        term.name = "p"
    text = re.sub(r"[ \t]+\n(?!\S)", "\n", _Converter(heading_style="ATX", bullets="-").convert_soup(tag))
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def plain(tag: Tag) -> str:
    """The text alone, on one line."""
    return " ".join(tag.get_text().split())


def _is_unseen(tag: Tag) -> bool:
    return (
        tag.name in UNREAD
        or tag.has_attr("hidden")
        or tag.get("aria-hidden") == "true"
        or bool(INVISIBLE.search(str(tag.get("style") or "")))
    )


def _safe_target(href: str, base: str) -> str:
    """Where a link leads, empty where it is no place to send people; browsers read past blanks in a scheme."""
    href = re.sub(r"[\x00-\x1f\x7f]+", "", href).strip().replace(" ", "%20")
    try:
        target = urljoin(base, href) if base else href
    except ValueError:
        return ""
    scheme = SCHEME.match(target)
    if target.startswith("#") or (scheme and scheme[1].lower() not in SAFE_SCHEMES):
        return ""
    return target.replace("(", "%28").replace(")", "%29").replace("<", "%3C").replace(">", "%3E")
