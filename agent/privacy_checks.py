"""Checks of numbers that a pattern found: is it a card, an identity number, a phone, an order?

Quick ones look at the digits; slow ones at a checksum or at the world's numbering plans.
"""

import re

from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban, luhn
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
SEPARATORS = " .()-+"
_NOT_DIGITS = str.maketrans("", "", ALPHANUMERIC[10:] + SEPARATORS + "转轉")
DATE = re.compile(
    r"(?:19|20)\d\d(?P<s>[-./ ])(?:0?[1-9]|1[0-2])(?:(?P=s)(?:0?[1-9]|[12]\d|3[01]))?(?!\d)"  # 2026-04-18, 2026-04
    r"|[0-3]?\d(?P<t>[-./ ])[0-3]?\d(?P=t)(?:19|20)\d\d(?!\d)"  # 18-04-2026
    r"|(?:19|20)\d\d-(?:19|20)\d\d(?!\d)"  # 2023-2024
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d-(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d(?!\d)"  # 20260418-20260420
)


def digits(number: str) -> str:
    """The digits alone."""
    return number.translate(_NOT_DIGITS)


def always(_: str) -> bool:
    """What needs no check."""
    return True


def is_card_long(number: str) -> bool:
    """12 to 19 digits."""
    return 12 <= len(digits(number)) <= 19


def begins_like_card(number: str) -> bool:
    """One in ten order numbers passes Luhn by chance, so without a cue a card must begin like one, too."""
    figures = digits(number)
    begin = r"4" if len(figures) == 13 else r"[3-6]|2[2-7]|2131|1800"
    return 13 <= len(figures) <= 19 and re.match(begin, figures) is not None


def is_phone_long(number: str) -> bool:
    """8 to 15 digits, without an extension."""
    return 8 <= len(digits(without_extension(number))) <= 15


def is_named_phone(number: str) -> bool:
    """After a word such as phone: 7 to 12 digits, and no date."""
    return 7 <= len(digits(without_extension(number))) <= 12 and not DATE.match(number)


def is_not_dated(number: str) -> bool:
    """Not a daily order number like 2026041800, which could be a phone number in Washington DC."""
    return not re.fullmatch(r"20\d\d(?:0[1-9]|1[0-2])[0-3]\d\d\d", number)


def is_numbered_order(number: str) -> bool:
    """After "order number": five figures, or letters and figures together."""
    figures, letters = digits(number), re.sub(r"[^A-Za-z]", "", number)
    if DATE.match(number) or re.fullmatch(r"1[3-9]\d{9}", number):
        return False
    return len(figures) >= (2 if letters.isupper() else 3) and len(figures) + len(letters) >= 5


def is_named_order(number: str) -> bool:
    """After "order" alone, where models and ranges stand, too."""
    if re.search(r"[A-Za-z]", number):
        return re.fullmatch(r"[A-Za-z]{1,5}[ -]?\d{5,}(?:-\d+)*|\d{4,}-[A-Z]{1,4}", number) is not None
    return is_numbered_order(number) and (len(digits(number)) >= 9 or re.match(r"\d{5}", number) is not None)


def is_long(number: str) -> bool:
    """10 digits or more, and no date."""
    return len(digits(number)) >= 10 and not DATE.match(number)


def is_iban(number: str) -> bool:
    """An IBAN by its checksum."""
    return bool(iban.is_valid(number, check_country=False))


def is_luhn(number: str) -> bool:
    """A card by its checksum."""
    return bool(luhn.is_valid(digits(number)))


def is_identity_number(number: str) -> bool:
    """A Chinese identity number by its check digit and day of birth."""
    compact = re.sub(r"[^0-9X]", "", number.upper())
    return len(compact) == 18 and ric.calc_check_digit(compact) == compact[-1] and is_born(compact)


def is_old_identity_number(number: str) -> bool:
    """15 digits without a check digit: a day of birth, in a place that existed while such numbers were issued."""
    return is_born(f"{number[:6]}19{number[6:]}") and any(is_place(f"{number[:6]}{year}0101") for year in (1984, 1990, 1999))


def is_born(number: str) -> bool:
    """Whether an identity number has a day of birth that exists."""
    try:
        return bool(ric.get_birth_date(number))
    except ValidationError:
        return False


def is_place(number: str) -> bool:
    """Whether an identity number begins with a place that existed."""
    try:
        return bool(ric.get_birth_place(number))
    except (ValidationError, KeyError):  # KeyError: a known province, but never such a county in it
        return False


def without_extension(number: str) -> str:
    """The number without "ext. 12" or 转12."""
    return re.split(r"\s?[xe转轉]", number.lower(), maxsplit=1)[0]


def is_issued_in(number: str, *regions: str | None, leniency: int = Leniency.VALID) -> bool:
    """Whether the whole of it is a phone number of one of the regions; None is for numbers that begin with `+`."""
    number = without_extension(number)
    matches = (match for region in regions for match in PhoneNumberMatcher(number, region, leniency, max_tries=1))
    return any(match.start == 0 and match.end == len(number) for match in matches)


def is_international(number: str) -> bool:
    """Issued, or written with a plus and not too short: countries issue new ranges, and people mistype."""
    plus = "+" + re.sub(r"^\(\+(\d+)\)|^00", r"\1", number).lstrip("+")
    possible = "+" in number and len(digits(number)) >= 10 and is_issued_in(plus, None, leniency=Leniency.POSSIBLE)
    return possible or is_issued_in(plus, None)


def is_area_code_and_number(number: str) -> bool:
    """Grouped as nothing else is, or known to a region."""
    return re.match(r"\(?0\d{2,4}[ .)-]|07\d{9}$", number) is not None or is_issued_in(number, "CN", "TW", "GB")


def is_regional(number: str) -> bool:
    """A phone number of mainland China, Hong Kong or North America, whichever its form suggests."""
    return is_issued_in(number, "CN" if re.match("[48]00", number) else "HK" if len(number) == 9 else "US")
