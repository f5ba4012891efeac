"""What a text becomes on the page, read back as a browser would."""

from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.conversation import Reply, RouteKind, Source, Turn
from agent.language import Language
from ui.markdown import markdown_html
from ui.rendering import literal
from ui.timeline import Timeline

PATIENCE_S = 28.0
SAFE_TAGS = {"p", "br", "strong", "em", "s", "a", "code", "pre", "ul", "ol", "li", "blockquote", "hr"}
SAFE_TAGS |= {"h1", "h2", "h3", "h4", "h5", "h6", "table", "thead", "tbody", "tr", "th", "td"}
# Pieces that attacks are made of, so that Hypothesis finds their combinations.
PIECES = [
    "<img src=x onerror=alert(1)>",
    "![a](http://evil.example/x.png)",
    "[a](javascript:alert(1))",
    "<script>",
    "</span>",
    "&lt;",
    "&#60;b&#62;",
]
PIECES += [
    "<http://evil.example>",
    "[x]: data:text/html,1\n",
    "[x]",
    "`",
    "```html\n",
    "|",
    "\n\n",
    "](",
    "//evil.example",
    "\\",
    '"',
    "'",
    "<!--",
]


class Page(HTMLParser):
    """The text and the elements of some HTML."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.elements = "", list[tuple[str, dict[str, str | None]]]()
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_comment(self, data: str) -> None:
        raise AssertionError(f"a comment: {data}")


@given(st.lists(st.sampled_from(PIECES) | st.text(), max_size=8).map("".join))
def test_a_customers_text_is_shown_as_it_is(text: str) -> None:
    page = Page(literal(text))
    assert page.text == text
    assert page.elements == [("span", {"class": "literal"})]


@given(st.lists(st.sampled_from(PIECES) | st.text(), max_size=12).map("".join))
def test_an_entrys_text_becomes_harmless_elements_only(text: str) -> None:
    for tag, attributes in Page(markdown_html(text)).elements:
        assert tag in SAFE_TAGS
        assert set(attributes) <= {"href", "title", "class", "start", "style"}
        if tag == "a":
            assert str(attributes["href"]).lower().startswith(("http:", "https:", "mailto:"))


def test_markdown_is_rendered() -> None:
    page = Page(
        markdown_html(
            "**Free** over 49:\n\n- one\n- two\n\n[help](https://shop.example/?a=1&b=2) or <help@shop.example>\n\n|a|b|\n|-|-|\n|1|2|"
        )
    )
    tags = [tag for tag, _ in page.elements]
    assert {"strong", "ul", "li", "table", "td"} <= set(tags)
    assert [attributes["href"] for tag, attributes in page.elements if tag == "a"] == [
        "https://shop.example/?a=1&b=2",
        "mailto:help@shop.example",
    ]


@pytest.mark.parametrize(
    ("markdown", "text"),
    [
        ("![the *green* box](http://evil.example/x.png)", "the green box"),
        ("![box](/images/box.png)", "box"),
        ("[My orders](/account) and [more](javascript:alert(1))", "My orders and more"),
        ("[![box](x.png)](data:text/html,1)", "box"),
        ("<img src=x> <b>bold</b>", "<img src=x> <b>bold</b>"),
    ],
)
def test_what_is_refused_keeps_its_words(markdown: str, text: str) -> None:
    page = Page(markdown_html(markdown))
    assert page.text.strip() == text
    assert page.elements == [("p", {})]


def test_lines_of_an_answer_stay_lines() -> None:
    assert [tag for tag, _ in Page(markdown_html("one\ntwo")).elements] == ["p", "br"]


@pytest.mark.parametrize(
    ("language", "composed", "texts"),
    [
        ("en", False, ["Source: Delivery <b>", "Help article delivery, version 3", "own text"]),
        ("en", True, ["Source: Delivery <b>", "wrote the answer from"]),
        ("zh", False, ["来源：Delivery <b>", "帮助文章 delivery，第 3 版", "原文"]),
    ],
)
def test_a_reply_names_its_source(language: str, composed: bool, texts: list[str]) -> None:
    turn = make_turn(reply=make_reply(language=language, composed=composed, sources=(Source("delivery", 3, 0.9, "Delivery <b>"),)))
    page = Page(html_of([turn])[1])
    assert ("details", {"class": "source"}) in page.elements
    for text in texts:
        assert text in page.text


def test_a_reply_in_traditional_characters_names_its_source_in_them() -> None:
    turn = make_turn(reply=make_reply(language="zh", text="退貨要在 30 天內", sources=(Source("returns", 1, 0.9, "退貨"),)))
    assert "幫助文章 returns" in Page(html_of([turn])[1]).text


def html_of(turns: list[Turn]) -> list[str]:
    return [
        part.text for message in Timeline(turns, (), PATIENCE_S, Language("en")).messages for part in message.content if part.type == "text"
    ]


def make_turn(reply: Reply | None = None, feedback: int | None = None, age_s: float = 0.0, message: str = "how long?") -> Turn:
    return Turn(1, message, reply, feedback, datetime.now(UTC) - timedelta(seconds=age_s))


def make_reply(
    text: str = "30 days.",
    language: str = "en",
    sources: tuple[Source, ...] = (),
    suggestions: tuple[str, ...] = (),
    composed: bool = False,
) -> Reply:
    return Reply(text, language, RouteKind.ANSWER, None, sources, suggestions, composed, False, "release", {"total": 1.0})
