"""Questions and answers in Markdown: a heading with text below it, under the heading of its category."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from markdown_it import MarkdownIt

from knowledge_base.entry import LONGEST_QUESTION
from knowledge_base.errors import EntryError
from knowledge_base.importing.decoding import DecodedText
from knowledge_base.importing.questions import is_question
from knowledge_base.importing.rows import Row

FRONT_MATTER = re.compile(r"---[ \t]*\n.*?\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)


@dataclass(frozen=True)
class _Heading:
    """A heading; its own text are the lines from `end` to the next heading."""

    level: int
    text: str
    start: int
    end: int


def markdown_rows(decoded: DecodedText) -> Iterator[Row]:
    """The questions of a page.

    A heading with text below it is a question. The deeper headings below it belong to its answer, unless they ask something
    themselves. A heading without text names the category of what is below it.

    Raises:
        EntryError: it has no heading with text.
    """
    text = re.sub(r"\r\n?", "\n", decoded.text)
    if front := FRONT_MATTER.match(text):
        text = "\n" * front.group().count("\n") + text[front.end() :]
    lines = text.split("\n")
    headings = _headings(text)
    if not headings:
        raise EntryError("it has no headings; each question must be one (## How do I ...?), with its answer below.")
    ends = [heading.start for heading in headings[1:]] + [len(lines)]
    categories: list[_Heading] = []
    place = 0
    while place < len(headings):
        heading = headings[place]
        categories = [category for category in categories if category.level < heading.level]
        if not "".join(lines[heading.end : ends[place]]).strip():
            categories.append(heading)
            place += 1
            continue
        last = place
        while last + 1 < len(headings) and headings[last + 1].level > heading.level and not is_question(headings[last + 1].text):
            last += 1
        lost = decoded.unreadable_in(heading.start + 1, ends[last])
        yield Row(
            f"line {heading.start + 1}",
            (heading.text,),
            "\n".join(lines[heading.end : ends[last]]).strip(),
            fields={"category": categories[-1].text} if categories else {},
            problem=f"line {lost} is neither UTF-8 nor GB18030; save the file as UTF-8." if lost else "",
        )
        place = last + 1


def _headings(text: str) -> list[_Heading]:
    parser = MarkdownIt("commonmark")
    parser.core.ruler.enableOnly(["normalize", "block"])  # of the texts only the headings' are needed
    tokens = parser.parse(text)
    found = []
    for token, content in pairwise(tokens):
        if token.type == "heading_open" and token.level == 0 and token.map:
            found.append(_Heading(int(token.tag[1]), _plain(content.content), *token.map))
    return found


def _plain(markdown: str) -> str:
    """A heading's text without its marks; one too long for a question is not worth the time."""
    if len(markdown) > LONGEST_QUESTION:
        return markdown
    inline = MarkdownIt("commonmark").parseInline(markdown)[0].children or []
    return " ".join("".join(" " if "break" in token.type else token.content for token in inline if token.type != "html_inline").split())
