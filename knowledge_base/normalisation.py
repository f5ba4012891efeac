"""One form for matching: what classifier, vectors and keywords see. Never what people are shown."""

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from opencc import OpenCC

# Masked data says what kind of thing stood there; which order it was does not help to understand the message.
PSEUDONYM = re.compile(r"\[(email|phone|card|id-number|iban|order)(-[0-9a-f]+)?\]")
UNSEEN = re.compile(r"[\u200b-\u200f\u2028-\u202e\u2060-\u2064\ufe00-\ufe0f\ufeff\x00-\x08\x0b-\x1f\x7f]")
KEPT_IN_NAMES = "乾吒"  # traditional characters that simplified texts write too: 乾隆, 哪吒


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
    """Whether a Chinese text is written in traditional characters: more of them than simplified ones.

    Characters that both scripts use (后, 里, 台, 只) say nothing; a draw is simplified.

    >>> is_traditional("請問訂單"), is_traditional("请问陳先生的订单"), is_traditional("皇后大道")
    (True, False, False)
    """
    return sum(script_of(character) * count for character, count in Counter(text).items()) > 0


@lru_cache(maxsize=16384)
def script_of(character: str) -> int:
    """1 for a character only traditional texts have, -1 for one only simplified texts have, 0 for every other."""
    if not "\u3400" <= character <= "\u9fff" or character in KEPT_IN_NAMES:
        return 0
    if converter("t2s").convert(character) != character:
        return 1
    # Big5 is what traditional texts are made of: it has 后, 里, 台 and 只, but not 们 or 发.
    return -1 if converter("s2t").convert(character) != character and not character.encode("big5", "ignore") else 0


def to_traditional(text: str) -> str:
    """The text in traditional characters as they are written in Taiwan."""
    return str(converter("s2tw").convert(text))
