"""Written replies as examples: what a model is shown, and what it should write."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.errors import DatasetError
from agent.prompting import Article, Depth
from agent.sentences import sentences, units
from knowledge_base.entry import EntryVariant, FAQEntry
from training.json_lines import json_line_files, rows_of

PART_MARK = re.compile(r"\[(\d+)\.(\d+)\]")
SHOP = "demonstration shop"  # of conversations over its entries
SINGLE_MARK = re.compile(r"\[(\d+)\]")


@dataclass(frozen=True)
class Example:
    """One reply to learn from.

    Attributes:
        depth: how much of it the model writes.
        language: ``en`` or ``zh``.
        articles: that it is shown.
        message: the customer's.
        before: earlier messages and replies, oldest first.
        reply: what it should write, with marks.
        entries: the ids of the articles.
        domain: what they are about.
    """

    depth: Depth
    language: str
    articles: tuple[Article, ...]
    message: str
    before: tuple[tuple[str, str], ...]
    reply: str
    entries: tuple[str, ...]
    domain: str


def read_examples(paths: Sequence[Path], entries: Sequence[FAQEntry]) -> list[Example]:
    """Read files of JSON lines, or all of folders, in their order.

    Two kinds of lines: an entry with its replies (``id, language, question, answer, replies: [{customer, woven, free}], unanswered``),
    and a conversation over entries (``entries, messages, woven, free``) whose ids stand in the same file before it or among ``entries``;
    its language is what the file's name begins with (``en`` or ``zh``). Other lines are for other uses and left out.

    Raises:
        DatasetError: a line lacks something, or names an unknown entry; file and line are named.
    """
    shop = {(entry.id, variant.language): variant for entry in entries for variant in entry.variants.values()}
    found: list[Example] = []
    for file in json_line_files(paths):
        known: dict[str, Article] = {}
        language, domain = file.stem[:2], SHOP
        for row, place in rows_of(file):
            try:
                if "answer" in row:
                    domain = row["domain"]
                    known[row["id"]] = Article(row["question"], tuple(row["answer"]))
                    found += _of_entry(row, known[row["id"]])
                elif "entries" in row:
                    found += _of_conversation(row, language, domain, known, shop)
            except (KeyError, TypeError, IndexError) as error:
                raise DatasetError(f"{place}: {error} is missing, unknown or of the wrong kind.") from error
    return found


def _of_entry(row: Mapping[str, Any], article: Article) -> Iterator[Example]:
    plain = Example(Depth.WOVEN, row["language"], (article,), "", (), "", (row["id"],), row["domain"])
    for reply in row.get("replies", ()):
        yield replace(plain, message=reply["customer"], reply=SINGLE_MARK.sub(r"[1.\1]", reply["woven"]))
        yield replace(plain, message=reply["customer"], reply=reply["free"], depth=Depth.FREE)
    if unanswered := row.get("unanswered"):
        for depth in (Depth.WOVEN, Depth.FREE):
            yield replace(plain, message=unanswered["customer"], reply=unanswered["reply"], depth=depth)


def _of_conversation(
    row: Mapping[str, Any], language: str, domain: str, known: Mapping[str, Article], shop: Mapping[tuple[str, str], EntryVariant]
) -> Iterator[Example]:
    articles, places = [], []
    for entry in row["entries"]:
        if entry in known:
            articles.append(known[entry])
            places.append({place: place for place in range(1, len(known[entry].parts) + 1)})
        else:
            variant = shop[entry, language]
            articles.append(Article.of(variant))
            places.append(_part_of_sentence(variant.answer))
    *earlier, message = row["messages"]
    before = tuple(zip(earlier[::2], earlier[1::2], strict=True))
    example = Example(
        Depth.WOVEN, language, tuple(articles), message, before, _with_parts(row["woven"], places), tuple(row["entries"]), domain
    )
    yield example
    yield replace(example, reply=row["free"], depth=Depth.FREE)


def _part_of_sentence(answer: str) -> dict[int, int]:
    """The part that each sentence of an answer belongs to; a list is one part."""
    found, part, left = {}, 0, ""
    parts = units(answer)
    for number, sentence in enumerate(sentences(answer), start=1):
        if not left:
            left, part = parts[part], part + 1
        found[number] = part
        left = left[len(sentence) :].lstrip("\n")
    return found


def _with_parts(woven: str, places: Sequence[Mapping[int, int]]) -> str:
    """A woven reply whose marks of sentences name parts; a part is named once."""
    seen: set[str] = set()

    def mark(match: re.Match[str]) -> str:
        """The mark of the part that a sentence belongs to."""
        named = f"[{match[1]}.{places[int(match[1]) - 1][int(match[2])]}]"
        if named in seen:
            return ""
        seen.add(named)
        return named

    return re.sub(r"  +", " ", PART_MARK.sub(mark, woven)).strip()
