"""One form for matching: what classifier, vectors and keywords see. Never what people are shown."""

import re
import unicodedata
from functools import lru_cache

from opencc import OpenCC

# Masked data says what kind of thing stood there; which order it was does not help to understand the message.
PSEUDONYM = re.compile(r"\[(email|phone|card|id-number|iban|order)(-[0-9a-f]+)?\]")
UNSEEN = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\x00-\x08\x0b-\x1f\x7f]")


@lru_cache(maxsize=4)
def converter(scheme: str) -> OpenCC:
    """OpenCC's converter for a scheme such as ``t2s`` or ``s2tw``; loaded once."""
    return OpenCC(scheme)


def normalise(text: str) -> str:
    """Return the text as it is matched: NFKC, simplified Chinese, lower case, single spaces.

    Full and half width, traditional and simplified, and case therefore never decide what a customer gets.

    >>> normalise("請問ＵＳＢ－Ｃ  線 [order-1a2b3c]")
    '请问usb-c 线 [order]'
    """
    text = unicodedata.normalize("NFKC", UNSEEN.sub("", text).encode("utf-8", "replace").decode("utf-8"))
    text = converter("t2s").convert(text).lower()
    return " ".join(PSEUDONYM.sub(r"[\1]", text).split())


def is_traditional(text: str) -> bool:
    """Whether a Chinese text is written in traditional characters (some differ from their simplified form)."""
    simplified = converter("t2s").convert(text)
    traditional = converter("s2t").convert(text)
    return sum(a != b for a, b in zip(text, simplified, strict=False)) > sum(a != b for a, b in zip(text, traditional, strict=False))


def to_traditional(text: str) -> str:
    """The text in traditional characters as they are written in Taiwan."""
    return converter("s2tw").convert(text)
