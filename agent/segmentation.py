"""Cuts a message into the pieces that may each ask something."""

import re

from knowledge_base.normalisation import normalise

MOST_PIECES = 5
SHORTEST = 4.0  # weighed characters; a Han character counts three
SENTENCE_ENDS = re.compile(r"(?<=[!?。！？；;\n])|(?<=\.)\s+|\n")
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
    cut = [part.strip(" ,，、") for sentence in SENTENCE_ENDS.split(text) for part in JOINTS.split(sentence)]
    found: list[str] = []
    carried = ""
    for part in filter(None, cut):
        carried = f"{carried} {part}".strip()
        if _weight(carried) >= SHORTEST * 2:
            found.append(carried)
            carried = ""
    if carried and found:
        found[-1] = f"{found[-1]} {carried}"
    elif carried:
        found.append(carried)
    while len(found) > MOST_PIECES:  # join the shortest neighbours
        place = min(range(len(found) - 1), key=lambda i: len(found[i]) + len(found[i + 1]))
        found[place : place + 2] = [f"{found[place]} {found[place + 1]}"]
    return found


def _weight(text: str) -> float:
    return sum(3.0 if "\u4e00" <= character <= "\u9fff" else character.isalnum() for character in text)
