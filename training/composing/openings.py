"""Plain openings for woven replies: what a small model can learn to say, and what the check lets pass."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from agent.errors import DatasetError
from agent.grounding.courtesy import only_courtesy
from agent.prompting import Depth
from agent.sentences import sentences
from training.composing.data import PART_MARK, Example
from training.json_lines import json_line_files, rows_of

PIECE = re.compile(rf"({PART_MARK.pattern.replace('(', '(?:')})")


def read_openings(paths: Sequence[Path]) -> dict[str, str]:
    """Read files of JSON lines, or all of folders: ``{customer, opening}``.

    Raises:
        DatasetError: a line lacks something; file and line are named.
    """
    found = {}
    for file in json_line_files(paths):
        for row, place in rows_of(file):
            try:
                found[row["customer"]] = row["opening"]
            except KeyError as error:
                raise DatasetError(f"{place}: {error} is missing.") from error
    return found


def with_openings(examples: Sequence[Example], openings: Mapping[str, str], vocabulary: Mapping[str, Collection[str]]) -> list[Example]:
    """Woven replies that begin plainly, and say nothing of their own that the check would refuse; other replies as they are.

    Woven replies that tell nothing of an article are left out: a model that has seen them refuses to answer what the article answers.

    Args:
        examples: written replies.
        openings: by the customer's message.
        vocabulary: of courtesy, by language, see `training.grounding.courtesy`.
    """
    telling = [one for one in examples if one.depth is Depth.WOVEN and PART_MARK.search(one.reply)]
    woven = [_plain(one, openings, vocabulary.get(one.language, ())) for one in telling]
    return [*woven, *(one for one in examples if one.depth is not Depth.WOVEN)]


def _plain(example: Example, openings: Mapping[str, str], vocabulary: Collection[str]) -> Example:
    """A reply without what the check would refuse, and with the opening that was written for its message."""
    pieces = []
    for place, piece in enumerate(PIECE.split(example.reply)):
        if place % 2:
            pieces.append(piece)
        else:
            said = openings.get(example.message, piece) if place == 0 else piece
            pieces += [one for one in sentences(said) if only_courtesy(one, example.message, vocabulary)]
    return replace(example, reply=" ".join(pieces))
