"""Labelled sentences for the grounding check: what an entry supports and what it does not."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agent.errors import DatasetError
from agent.prompting import Depth
from agent.sentences import sentences
from training.composing.data import Example
from training.json_lines import json_line_files, rows_of

SUPPORTED, UNSUPPORTED, NO_CLAIM = "supported", "unsupported", "no_claim"
MARK = re.compile(r"\s*\[\d+(?:\.\d+)?\]")


@dataclass(frozen=True)
class Pair:
    """A sentence and the evidence that it is judged by.

    Attributes:
        sentence: what would be told.
        evidence: the entry's question and answer.
        label: ``supported``, ``unsupported`` or ``no_claim``.
        language: ``en`` or ``zh``.
        kind: of the error, empty for the others.
        domain: what the entry is about.
    """

    sentence: str
    evidence: str
    label: str
    language: str
    kind: str = ""
    domain: str = ""


def read_pairs(paths: Sequence[Path]) -> list[Pair]:
    """Read files of JSON lines, or all of folders, in their order.

    A line holds ``question``, ``answer`` (a list of sentences), ``language``, ``domain``, and any of ``supported`` and ``no_claim`` (lists
    of sentences), ``unsupported`` (a list of ``{"kind", "text"}``) and ``twins`` (a list of ``{"supported", "unsupported", "kind"}``).
    A line with ``text``, ``language`` and ``kind`` is a sentence that no evidence supports; its pair has none yet, see `variants`.
    Other lines are for other uses and left out.

    Raises:
        DatasetError: a file is missing or no such file; file and line are named.
    """
    files = json_line_files(paths)
    return [pair for file in files for row, place in rows_of(file) if "answer" in row or "text" in row for pair in _pairs(row, place)]


def pairs_of_replies(examples: Sequence[Example]) -> list[Pair]:
    """The sentences of written replies: those with a mark tell what an article says, the others are courtesy."""
    found = []
    for example in examples:
        evidence = "\n\n".join(article.evidence for article in example.articles)
        if example.depth is Depth.FREE:
            told = [(MARK.sub("", text), SUPPORTED if MARK.search(text) else NO_CLAIM) for text in sentences(example.reply)]
        else:
            told = [(text, NO_CLAIM) for text in sentences(MARK.sub("\n", example.reply))]
        found += [Pair(text, evidence, label, example.language, "", example.domain) for text, label in told]
    return found


def _pairs(row: dict[str, Any], place: str) -> Iterator[Pair]:
    try:
        if "text" in row:
            yield Pair(row["text"], "", UNSUPPORTED, row["language"], row["kind"])
            return
        language, domain = row["language"], row["domain"]
        evidence = row["question"] + "\n" + ("" if language == "zh" else " ").join(row["answer"])
        for label in (SUPPORTED, NO_CLAIM):
            for text in row.get(label, ()):
                yield Pair(text, evidence, label, language, "", domain)
        for wrong in row.get("unsupported", ()):
            yield Pair(wrong["text"], evidence, UNSUPPORTED, language, wrong["kind"], domain)
        for twin in row.get("twins", ()):
            yield Pair(twin["supported"], evidence, SUPPORTED, language, "", domain)
            yield Pair(twin["unsupported"], evidence, UNSUPPORTED, language, twin["kind"], domain)
    except (KeyError, TypeError) as error:
        raise DatasetError(f"{place}: {error} is missing or of the wrong kind.") from error
