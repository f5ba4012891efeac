"""What two texts share."""

import re

STOP_WORDS = frozenset("the and for are you your our with from can will this that".split())


def overlap(one: str, other: str) -> int:
    """How many words, or pairs of Han characters, two texts share.

    >>> overlap("You pay the fee.", "The fee is 5 USD; pay by card.")
    2
    """
    return len(_pieces(one) & _pieces(other))


def _pieces(text: str) -> set[str]:
    found = set(re.findall(r"[a-z]{3,}", text.lower())) - STOP_WORDS
    han = "".join(re.findall(r"[\u4e00-\u9fff]", text))
    return found | {han[place : place + 2] for place in range(len(han) - 1)}
