"""Cuts a message into the pieces that may each ask something."""

import re
from itertools import pairwise

from knowledge_base.normalisation import normalise

MOST_PIECES = 5
SHORTEST = 8.0  # weighed characters; a Han character counts three
SENTENCE_ENDS = re.compile(r"(?<=[!?。;])(?![!?。;])|(?<=\.)\s+|\n")
# Where one question ends and another begins within a sentence.
JOINTS = re.compile(
    r",?\s+(?=(?:and|but|plus|also|oh)\s+(?:also\s+|then\s+)?(?:how|what|when|where|which|who|why|can|could|do|does|did|is|are|will|would|should|if|i|my|"
    r"the|one)\b)|"
    r",\s+(?=(?:how|what|when|where|which|who|why|can|could|do|does|is|are|will|would|also|plus|btw|by the way|oh)\b)|"
    r"\s+(?=(?:by the way|btw|one more thing|another thing|separately|secondly)\b)|"
    r"[，,、]\s*|\s+(?=[\u4e00-\u9fff])|(?=(?:另外|还有|顺便|对了|再问|以及|顺带|还想问))"
)


def pieces(text: str) -> list[str]:
    """Cut a message at sentence ends and where another question seems to begin; what is too short stays with its neighbour.

    Returns:
        At most five pieces in their order; the whole text as one where nothing can be cut.

    >>> pieces("where is my parcel, and how do I return a kettle?")
    ['where is my parcel', 'and how do i return a kettle?']
    >>> pieces("普通快递几天到，运费多少？")
    ['普通快递几天到', '运费多少?']
    """
    text = "\n".join(map(normalise, text.splitlines()))
    cuts = {match.end() for match in SENTENCE_ENDS.finditer(text)} | {match.end() for match in JOINTS.finditer(text)}
    places = sorted({0, *cuts, len(text)})
    found: list[str] = []
    for start, end in pairwise(places):
        # What is too short goes with what follows it, the last piece with what is before it.
        if found and (_weight(found[-1]) < SHORTEST or (end == len(text) and _weight(text[start:end]) < SHORTEST)):
            found[-1] += text[start:end]
        else:
            found.append(text[start:end])
    while len(found) > MOST_PIECES:  # join the shortest neighbours
        place = min(range(len(found) - 1), key=lambda i: len(found[i]) + len(found[i + 1]))
        found[place : place + 2] = [found[place] + found[place + 1]]
    return [piece for part in found if (piece := part.strip(" ,，、\n"))]


def _weight(text: str) -> float:
    return sum(3.0 if "\u4e00" <= character <= "\u9fff" else character.isalnum() for character in text)
