"""Questions and answers in HTML: as schema.org marks them up, or as headings, details and lists of terms show them."""

import json
from collections.abc import Callable, Iterator
from copy import copy

from bs4 import Tag
from bs4.element import PageElement
from bs4.filter import SoupStrainer

from knowledge_base.errors import EntryError
from knowledge_base.importing.html_text import HEADINGS, Page, parse, plain, to_markdown
from knowledge_base.importing.questions import is_question
from knowledge_base.importing.rows import Row

DEEPEST = 20  # objects of JSON-LD in each other


def html_rows(html: str, base: str = "") -> list[Row]:
    """The questions of a page: those of its markup for search engines, or else those that people see.

    Args:
        html: the page.
        base: its address, for relative links; or empty.

    Raises:
        EntryError: it has none, or is nested too deeply.
    """
    page = parse(html, base)
    rows = [*_json_ld(html, base), *_microdata(page)]
    if not rows:
        rows = [*_details(page), *_term_lists(page), *_headings(page)]
        rows.sort(key=lambda row: int(row.place.removeprefix("line ")))
    if not rows:
        raise EntryError("it has no questions: no FAQPage markup, no heading that asks something, no <details>, no list of terms.")
    return rows


def _json_ld(html: str, base: str) -> Iterator[Row]:
    number = 0
    scripts = Page(html, SoupStrainer("script"))
    for script in scripts.find_all("script", type="application/ld+json"):
        place = f"line {script.sourceline}"
        try:
            document = json.loads(script.get_text(), strict=False)
        except (ValueError, RecursionError) as error:
            yield Row(place, problem=f"its JSON-LD cannot be read: {type(error).__name__}: {str(error)[:100]}")
            continue
        for question in _questions(document, DEEPEST):
            number += 1
            yield _marked_up(f"entry {number}", question, base)


def _questions(value: object, depth: int, *, in_page: bool = False) -> Iterator[dict[str, object]]:
    """The questions in JSON-LD: a FAQ page's main entities, wherever the page is."""
    if depth == 0:
        return
    if isinstance(value, list):
        for one in value:
            yield from _questions(one, depth - 1, in_page=in_page)
    elif isinstance(value, dict):
        kinds = {str(kind).rpartition("/")[2] for kind in _as_list(value.get("@type"))}
        if in_page and "Question" in kinds:
            yield value
        for key in ("@graph", "mainEntity", "hasPart", "mainEntityOfPage"):
            if key in value:
                yield from _questions(value[key], depth - 1, in_page=in_page or "FAQPage" in kinds)


def _marked_up(place: str, question: dict[str, object], base: str) -> Row:
    answers = [*_as_list(question.get("acceptedAnswer")), *_as_list(question.get("suggestedAnswer"))]
    texts = [str(answer["text"]) for answer in answers if isinstance(answer, dict) and answer.get("text")]
    name = plain(parse(str(question.get("name") or question.get("text") or "")))
    language = question.get("inLanguage")
    return Row(place, (name,), _answer_text(texts[0], base) if texts else "", language=language if isinstance(language, str) else "")


def _answer_text(text: str, base: str) -> str:
    """Markdown of a text with tags, or of one without, whose lines are kept."""
    page = parse(text, base)
    return to_markdown(page) if page.find(True) else page.get_text().strip()


def _as_list(value: object) -> list[object]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _microdata(page: Page) -> Iterator[Row]:
    for question in page.find_all(itemtype=_is_type("Question")):
        name, answer = question.find(itemprop="name"), question.find(itemtype=_is_type("Answer"))
        text = answer and (answer.find(itemprop="text") or answer)
        if question.find_parent(itemtype=_is_type("FAQPage")) and name:
            yield Row(f"line {question.sourceline}", (plain(name),), to_markdown(text) if text else "")


def _is_type(name: str) -> Callable[[str | None], bool]:
    return lambda value: bool(value) and str(value).rstrip("/").rpartition("/")[2] == name


def _details(page: Page) -> Iterator[Row]:
    for details in reversed(page.find_all("details")):  # the inner ones before those that they are in
        summary = details.find("summary")
        if summary:
            place, question = f"line {details.sourceline}", plain(summary.extract())
            answer = to_markdown(details)
            if answer:  # one that had others in it alone is a group
                yield Row(place, (question,), answer)
        details.extract()


def _term_lists(page: Page) -> Iterator[Row]:
    """Lists of terms one of which asks something; several terms before an answer ask the same."""
    for terms in page.find_all("dl"):
        parts = terms.find_all(["dt", "dd"])
        if not any(part.name == "dt" and is_question(plain(part)) for part in parts):
            continue
        questions: list[Tag] = []
        answers: list[Tag] = []
        for part in [*parts, None]:
            if questions and answers and (part is None or part.name == "dt"):
                yield Row(f"line {questions[0].sourceline}", tuple(map(plain, questions)), "\n\n".join(map(to_markdown, answers)))
                questions, answers = [], []
            if part is not None:
                (questions if part.name == "dt" else answers).append(part)
        terms.extract()


def _headings(page: Page) -> Iterator[Row]:
    """Headings that ask something, each with what follows until the next heading; one that does not is its category."""
    category = ""
    for heading in page.find_all(HEADINGS):
        question = plain(heading)
        if not is_question(question):
            category = question
            continue
        answer = page.new_tag("div")
        for part in _following(heading):
            answer.append(copy(part))
        yield Row(f"line {heading.sourceline}", (question,), to_markdown(answer), fields={"category": category} if category else {})


def _following(heading: Tag) -> Iterator[PageElement]:
    """The largest parts of the page between a heading and the next one, in order."""
    element = _next_outside(heading)
    while element is not None:
        if isinstance(element, Tag) and element.name in HEADINGS:
            return
        if isinstance(element, Tag) and element.find(HEADINGS):
            element = element.next_element  # its first child
        else:
            yield element
            element = _next_outside(element)


def _next_outside(element: PageElement | None) -> PageElement | None:
    """What comes after an element and all that is in it."""
    while element is not None and element.next_sibling is None:
        element = element.parent
    return element.next_sibling if element is not None else None
