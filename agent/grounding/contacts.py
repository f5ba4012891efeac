"""Links, e-mail addresses and phone numbers in a text."""

import re
from dataclasses import dataclass

LINK = re.compile(
    r"(?:https?://|www\.)[^\s<>()\[\]，。；、）】》\"']+|\b(?:[a-z0-9-]+\.)+(?:com|org|net|example|io|cn|eu|de|uk|app|shop|dev|edu|gov)\b(?:/[^\s<>()\[\]，。；、）】》\"']*)?"
)
TARGET = re.compile(r"\]\(\s*<?([^)\s>]+)")  # of a link or image in Markdown
EMAIL = re.compile(r"[a-z0-9_.+-]+@[a-z0-9-]+(?:\.[a-z0-9-]+)+")
PHONE = re.compile(
    r"(?<![a-z0-9.,-])(?:\+|00)?\(?\d{2,5}\)?(?:[\s./-]\(?\d{2,8}\)?){1,5}(?![a-z0-9-])|(?<!\d)1[3-9]\d{9}(?!\d)|(?<!\d)(?:400|800)\d{7}(?!\d)|(?<!\d)9\d{4}(?!\d)"
)
MIN_DIGITS = 7


@dataclass(frozen=True)
class Contacts:
    """How to reach someone or something.

    Attributes:
        links: without scheme, ``www.`` and closing punctuation.
        emails: the addresses.
        phones: their digits.
        rest: the text without them.
    """

    links: frozenset[str]
    emails: frozenset[str]
    phones: frozenset[str]
    rest: str


def contacts(text: str) -> Contacts:
    """Find them in a normalised text.

    >>> found = contacts("write to help@shop.example, call 400-555-0132 or see https://www.shop.example/returns.")
    >>> sorted(found.links), sorted(found.emails), sorted(found.phones)
    (['shop.example/returns'], ['help@shop.example'], ['4005550132'])
    """
    emails = frozenset(match.rstrip(".") for match in EMAIL.findall(text))
    text = EMAIL.sub(" ; ", text)
    links = frozenset(plain_link(match) for match in [*LINK.findall(text), *TARGET.findall(text)])
    text = LINK.sub(" ; ", text)
    phones = set()

    def phone(match: re.Match[str]) -> str:
        """Note a phone number and take it out; what is too short is a figure or a range."""
        digits = re.sub(r"\D", "", match[0])
        if len(digits) < MIN_DIGITS and not re.fullmatch(r"9\d{4}", match[0]):
            return match[0]
        phones.add(digits)
        return " ; "

    text = PHONE.sub(phone, text)
    return Contacts(links, emails, frozenset(phones), text)


def plain_link(link: str) -> str:
    """A link without scheme, ``www.`` and what closes a sentence."""
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", link).rstrip(".,;:!?/*_")
