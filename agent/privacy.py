"""Masks personal data before anything is stored, prompted to a model or trained on."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from agent.privacy_checks import ALPHANUMERIC, SEPARATORS
from agent.privacy_rules import RULES, Rule
from knowledge_base.errors import SettingsError

_BLANK = "\x00"  # stands for what is masked already; no shape contains it
_MAX_CONFIRMED = 500  # numbers by one rule in one message: it takes up to 0.1 ms each; in a longer flood the shape decides
_PLACEHOLDER = re.compile(r"\[(?:email|phone|card|id-number|iban|order-[0-9a-f]{6})\]")


class Finding(NamedTuple):
    """Personal data at `text[start:end]`, and the placeholder that takes its place."""

    start: int
    end: int
    placeholder: str


class Masker:
    """Replaces personal data in messages by placeholders, and leaves everything else as it was.

    E-mail addresses, phone numbers, bank cards, Chinese identity numbers and IBANs become `[email]`, `[phone]`, `[card]`,
    `[id-number]` and `[iban]`. Order and parcel numbers become a pseudonym like `[order-3fa2b1]`: the same number always
    gets the same one, so that a conversation can be followed, and the number cannot be computed from it without the key.
    Placeholders stay as they are: masking twice is masking once. No text makes it raise.

    Args:
        key: the secret of the pseudonyms. Another key gives other pseudonyms.

    Raises:
        SettingsError: the key is empty.

    Example:
        >>> Masker(b"a secret").mask("订单NL20260418-3317，电话13812345678")
        '订单[order-227bfb]，电话[phone]'
    """

    def __init__(self, key: bytes) -> None:
        if not key:
            raise SettingsError("The masking key is empty: order pseudonyms would be open to anyone. Set a random one of 16 bytes or more.")
        self._key = key

    def mask(self, text: str) -> str:
        """The text with each piece of personal data replaced by its placeholder."""
        pieces, done = [], 0
        for start, end, placeholder in self.find(text):
            pieces += [text[done:start], placeholder]
            done = end
        return "".join(pieces) + text[done:]

    def find(self, text: str) -> list[Finding]:
        """The personal data in the text, from left to right, without overlaps; positions count characters of `text`."""
        folded, offsets = _fold(text)
        folded = _blank(folded, (match.span() for match in _PLACEHOLDER.finditer(folded)))
        findings: list[Finding] = []
        before = -1
        while len(findings) > before:  # what one number hid may show beside it, so the last round finds nothing
            before = len(findings)
            for rule in RULES:
                spans = list(_scan(rule, folded))
                findings += [
                    Finding(offsets[start], offsets[end - 1] + 1, self._placeholder(rule, folded[start:end])) for start, end in spans
                ]
                folded = _blank(folded, spans)
        return sorted(findings)

    def _placeholder(self, rule: Rule, number: str) -> str:
        if rule.kind != "order":
            return f"[{rule.kind}]"
        normalised = re.sub(r"[^A-Z0-9]", "", number.upper())
        return f"[order-{hmac.new(self._key, normalised.encode(), hashlib.sha256).hexdigest()[:6]}]"


# Reading: one plain character for each character that is seen, so that a shape need not know how a number was typed.


def _fold(text: str) -> tuple[str, Sequence[int]]:
    """The text in plain ASCII digits, letters, spaces and dashes where it has any, and where each character came from."""
    if text.isascii():
        return text, range(len(text))
    plain = [_plain(character) for character in text]
    return "".join(plain), [i for i, character in enumerate(plain) if character]


@lru_cache(maxsize=4096)
def _plain(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Cf" or character in "\ufe0f\u20e3":  # zero-width and direction marks, parts of keycap emoji
        return ""
    if category in {"Zs", "Pd"} or character in "\u2212\u30fc":
        return " " if category == "Zs" else "-"
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if "\uff01" <= character <= "\uff5e":  # full-width ASCII
        return chr(ord(character) - 0xFEE0)
    return "." if character in "·•・" else character


def _blank(text: str, spans: Iterable[tuple[int, int]]) -> str:
    pieces, done = [], 0
    for start, end in spans:
        pieces += [text[done:start], _BLANK * (end - start)]
        done = end
    return "".join(pieces) + text[done:]


def _scan(rule: Rule, text: str) -> Iterator[tuple[int, int]]:
    """Where the rule applies: at each place the longest run of groups that its checks accept."""
    done = position = confirmed = 0  # what is done is cut off: it must not be the neighbour that hides the next number
    while match := rule.shape.search(text, position):
        start, end = match.span("n")
        position = match.start() + 1
        while end > start:
            number = text[start:end]
            if rule.accepts(number):
                confirmed += rule.confirms is not None
                if rule.confirms is None or confirmed > _MAX_CONFIRMED or rule.confirms(number):
                    yield done + start, done + end
                    text, done, position = text[end:], done + end, 0
                    break
            end = start + len(number[:-1].rstrip(ALPHANUMERIC).rstrip(SEPARATORS))
