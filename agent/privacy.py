"""Masks personal data before anything is stored, prompted to a model or trained on."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban, luhn
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from knowledge_base.errors import SettingsError

_BLANK = "\x00"  # stands for what is masked already; no shape contains it
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SEPARATORS = " .()-+转轉"
_NOT_DIGITS = str.maketrans("", "", _ALPHANUMERIC[10:] + _SEPARATORS)
_MAX_CONFIRMED = 500  # numbers by one rule in one message: it takes up to 0.1 ms each; in a longer flood the shape decides
_PLACEHOLDER = re.compile(r"\[(?:email|phone|card|id-number|iban|order-[0-9a-f]{6})\]")
_Check = Callable[[str], bool]


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
            for rule in _RULES:
                spans = list(_scan(rule, folded))
                findings += [
                    Finding(offsets[start], offsets[end - 1] + 1, self._placeholder(rule, folded[start:end])) for start, end in spans
                ]
                folded = _blank(folded, spans)
        return sorted(findings)

    def _placeholder(self, rule: "_Rule", number: str) -> str:
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


@dataclass(frozen=True)
class _Rule:
    """One way to write a kind of personal data.

    Attributes:
        kind: the placeholder's name.
        shape: a pattern with the number in its group `n`.
        accepts: a quick check of what the shape found.
        confirms: a slow one, by checksum or against the world's numbering plans.
    """

    kind: str
    shape: re.Pattern[str]
    accepts: _Check
    confirms: _Check | None


def _scan(rule: _Rule, text: str) -> Iterator[tuple[int, int]]:
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
            end = start + len(number[:-1].rstrip(_ALPHANUMERIC).rstrip(_SEPARATORS))


# Checks of what a shape found: quick ones, then those that need a checksum or a numbering plan.


def _digits(number: str) -> str:
    return number.translate(_NOT_DIGITS)


def _always(_: str) -> bool:
    return True


def _is_card_long(number: str) -> bool:
    return 12 <= len(_digits(number)) <= 19


def _begins_like_card(number: str) -> bool:
    """One in ten order numbers passes Luhn by chance, so without a cue a card must begin like one, too."""
    digits = _digits(number)
    begin = r"4" if len(digits) == 13 else r"[3-6]|2[2-7]|2131|1800"
    return 13 <= len(digits) <= 19 and re.match(begin, digits) is not None


def _is_phone_long(number: str) -> bool:
    return 8 <= len(_digits(_without_extension(number))) <= 15


def _is_named_phone(number: str) -> bool:
    return 7 <= len(_digits(_without_extension(number))) <= 12 and not _DATE.match(number)


def _is_not_dated(number: str) -> bool:
    """Not a daily order number like 2026041800, which could be a phone number in Washington DC."""
    return not re.fullmatch(r"20\d\d(?:0[1-9]|1[0-2])[0-3]\d\d\d", number)


def _is_numbered_order(number: str) -> bool:
    """After "order number": five digits, or letters and digits together."""
    digits, letters = _digits(number), re.sub(r"[^A-Za-z]", "", number)
    if _DATE.match(number) or re.fullmatch(r"1[3-9]\d{9}", number):
        return False
    return len(digits) >= (2 if letters.isupper() else 3) and len(digits) + len(letters) >= 5


def _is_named_order(number: str) -> bool:
    """After "order" alone, where models and ranges stand, too."""
    if re.search(r"[A-Za-z]", number):
        return re.fullmatch(r"[A-Za-z]{1,5}[ -]?\d{5,}(?:-\d+)*|\d{4,}-[A-Z]{1,4}", number) is not None
    return _is_numbered_order(number) and (len(_digits(number)) >= 9 or re.match(r"\d{5}", number) is not None)


def _is_long(number: str) -> bool:
    return len(_digits(number)) >= 10 and not _DATE.match(number)


def _is_iban(number: str) -> bool:
    return bool(iban.is_valid(number, check_country=False))


def _is_luhn(number: str) -> bool:
    return bool(luhn.is_valid(_digits(number)))


def _is_identity_number(number: str) -> bool:
    compact = re.sub(r"[^0-9X]", "", number.upper())
    return len(compact) == 18 and ric.calc_check_digit(compact) == compact[-1] and _is_born(compact)


def _is_old_identity_number(number: str) -> bool:
    """15 digits without a check digit: a day of birth, in a place that existed while such numbers were issued."""
    return _is_born(f"{number[:6]}19{number[6:]}") and any(_is_place(f"{number[:6]}{year}0101") for year in (1984, 1990, 1999))


def _is_born(number: str) -> bool:
    try:
        return bool(ric.get_birth_date(number))
    except ValidationError:
        return False


def _is_place(number: str) -> bool:
    try:
        return bool(ric.get_birth_place(number))
    except (ValidationError, KeyError):  # KeyError: a known province, but never such a county in it
        return False


def _without_extension(number: str) -> str:
    return re.split(r"\s?[xe转轉]", number.lower(), maxsplit=1)[0]


def _is_issued_in(number: str, *regions: str | None, leniency: int = Leniency.VALID) -> bool:
    """Whether the whole of it is a phone number of one of the regions; None is for numbers that begin with `+`."""
    number = _without_extension(number)
    matches = (match for region in regions for match in PhoneNumberMatcher(number, region, leniency, max_tries=1))
    return any(match.start == 0 and match.end == len(number) for match in matches)


def _is_international(number: str) -> bool:
    """Issued, or written with a plus and not too short: countries issue new ranges, and people mistype."""
    plus = "+" + re.sub(r"^\(\+(\d+)\)|^00", r"\1", number).lstrip("+")
    possible = "+" in number and len(_digits(number)) >= 10 and _is_issued_in(plus, None, leniency=Leniency.POSSIBLE)
    return possible or _is_issued_in(plus, None)


def _is_area_code_and_number(number: str) -> bool:
    """Grouped as nothing else is, or known to a region."""
    return re.match(r"\(?0\d{2,4}[ .)-]|07\d{9}$", number) is not None or _is_issued_in(number, "CN", "TW", "GB")


def _is_regional(number: str) -> bool:
    return _is_issued_in(number, "CN" if re.match("[48]00", number) else "HK" if len(number) == 9 else "US")


# Shapes, for folded text. Numbers stand glued to Han text, so a word begins wherever no ASCII letter or digit precedes.

_BEGIN, _END = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
_S = r"(?: ?[.-] ?| )?"  # one separator inside a number, or none
_IS = r"\s{0,3}(?:(?:is|was|are|是|为|為|[:=#-])\s{0,3}){0,3}[\"'“”「『【<(*]{0,3}?"  # between a cue and its number
_CODES = r"(?:CNY|RMB|USD|EUR|GBP|HKD|TWD|NTD|JPY)"
_NO_MONEY = rf"(?!\s?(?:元(?![旦宵])|[圆圓块塊%]|(?:{_CODES}|yuan|dollars?|euros?|pounds|bucks)\b))"
_NO_AMOUNT = _NO_MONEY + r"(?!\s?(?:[万萬亿億件箱多]|个(?!人)|台(?![湾灣北])|套(?!餐)|[积積]分|(?:points|pcs|pieces|units|items|copies)\b))"
_DATE = re.compile(
    r"(?:19|20)\d\d(?P<s>[-./ ])(?:0?[1-9]|1[0-2])(?:(?P=s)(?:0?[1-9]|[12]\d|3[01]))?(?!\d)"  # 2026-04-18, 2026-04
    r"|[0-3]?\d(?P<t>[-./ ])[0-3]?\d(?P=t)(?:19|20)\d\d(?!\d)"  # 18-04-2026
    r"|(?:19|20)\d\d-(?:19|20)\d\d(?!\d)"  # 2023-2024
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d-(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d(?!\d)"  # 20260418-20260420
)

_EMAIL = r"[\wÀ-ɏ.%+'-]{1,64}+@(?:[A-Za-z0-9À-ɏ-]{1,63}\.){1,8}[A-Za-z]{2,24}"
_IBAN = rf"{_BEGIN}[A-Z]{{2}}\d\d(?:[A-Z0-9]{{11,30}}|(?:[ -][A-Z0-9]{{4}}){{2,7}}(?:[ -][A-Z0-9]{{1,4}})?){_END}"
_IDENTITY = _S.join([r"\d"] * 6 + ["[12]", "[089]", r"\d", r"\d", "[01]", r"\d", "[0-3]"] + [r"\d"] * 4 + [r"[\dX]"])
_CARD = rf"(?P<n>\d{{12,19}}|\d{{4}}(?:{_S}\d{{4}}){{2,3}}(?:{_S}\d{{1,4}})?|\d{{4}}{_S}\d{{6}}{_S}\d{{4,5}}|\d{{6}}{_S}\d{{7,13}})(?!\d)"
_ONE_BY_ONE = r"(?<![A-Za-z0-9])(?<!\d[ .-])(?P<n>{first}(?P<s>[ .-]){second}(?:(?P=s)\d){{{count}}})(?![ .-]?\d)"  # 1 3 8 0 0 ...
_CARD_CUE = r"(?:(?<![A-Za-z])(?:card|cc|visa|mastercard|amex)(?:\s?(?:number|no\b\.?))?|(?:卡|[账帳][号號户戶])[号號]?[码碼]?)"

_EXTENSION = r"(?: ?(?:x|ext\.?|[转轉]) ?\d{1,6})?(?!\d)"
_INTERNATIONAL = rf"(?:(?<!\d)(?:\(\+\d{{1,3}}\)|\+\d)|{_BEGIN}00[1-9])(?:[ .()-]{{0,3}}\d){{7,14}}{_EXTENSION}"
_CHINESE_MOBILE = rf"{_BEGIN}(?:\(?86\)?[ -]?)?1[3-9](?:\d{_S}\d{{4}}{_S}\d{{4}}|\d\d[ -]\d{{4}}[ -]\d{{3}}|\d[ -]\d{{3}}[ -]\d{{5}})(?!\d)"
_WITHOUT_PLUS = rf"{_BEGIN}(?:852|853|886)[ -]?\d{{3,4}}[ -]?\d{{3,4}}(?:[ -]\d{{3}})?(?!\d)"
_REGIONAL = (
    rf"{_BEGIN}(?:[48]00[ -]?\d{{3,4}}[ -]?\d{{3,4}}|(?<!\d[ .-])[5-9]\d{{3}} \d{{4}}(?![ .-]\d)"
    rf"|(?:1[ .-]?)?(?:\([2-9]\d\d\) ?|[2-9]\d\d[ .-]?)[2-9]\d\d[ .-]?\d{{4}}){_EXTENSION}"
)
_ZERO_LED = rf"{_BEGIN}(?:0\d{{8,11}}|(?:\(0\d{{1,4}}\) ?|0\d{{1,4}}[ .-])\d{{2,8}}(?:[ .-]\d{{2,8}}){{0,3}}){_EXTENSION}"
_ANY_PHONE = rf"(?P<n>(?>(?:\(\d{{1,5}}\) ?\d{{2,11}}|\d{{1,12}})(?:[ .()-]{{1,3}}\d{{2,11}}(?:(?=x\d)|{_END})){{0,6}}){_EXTENSION})"
_PHONE_CUE = (
    r"(?:(?<![A-Za-z])(?:tel|(?:tele|cell)?phone|mobile|cell|fax|desk|office|hotline|whatsapp|call|text|reach|contact|registered|answering"
    r"|messages? to)|电话|電話|手机|手機|座机|座機|固话|热线|熱線|传真|傳真|联系方式|聯絡方式|联系|聯絡|致电|致電|拨打|撥打|打给)"
    r"(?:\s{0,2}(?:ing\b|numbers?|no\b\.?|me|us|him|her|them|back|at|on|号码|號碼|[号號我])){0,3}"
)
_PHONE_LABEL = r"[ -]\(?(?:office|fax|mobile|cell|home|work|desk)\b\)?(?=\s*(?:\Z|[\n,;.\\]))"

_TYPED_PARCEL = rf"{_BEGIN}(?:1Z(?: ?[A-Z0-9]){{16}}|[A-Z]{{2}}\d{{9}}[A-Z]{{2}}){_END}"  # UPS, the postal union
_SPACED_ORDER = rf"{_BEGIN}(?!{_CODES})[A-Z]{{2,5}}[ -]?\d{{6,8}}[ -]\d{{3,5}}(?!\d)"
_SPACED_PARCEL = rf"{_BEGIN}(?:SF|YT|JD|JT|ZT|ST|YD|EMS|DB|LP)(?:[ -]?\d{{3,5}}){{2,5}}(?!\d)"
_LETTERS_AND_DIGITS = rf"{_BEGIN}(?!{_CODES}\d)[A-Z]{{1,5}}-?\d{{6,}}(?:-\d{{2,8}}){{0,4}}(?!\d)"
_NOUN = (
    r"(?:(?<![A-Za-z])(?:pre-?)?(?:orders?|tracking|parcels?|packages?|shipments?|waybills?|consignments?)"
    r"|订单|訂單|运单|運單|包裹|快递|快遞|物流|快件|工单|工單)"
)
_NUMBERED = (
    rf"(?:(?:{_NOUN}|(?<![A-Za-z])(?:case|ticket|return|refund|delivery|invoice|reference|rma))[\s_-]?"
    r"(?:#|№|(?:numbers?|nos?|nr|num|id|code|ref)(?![A-Za-z])\.?|的?(?:编号|編號|号码|號碼|[号號]))"
    r"|[单單](?:[号號][码碼]?|编号|編號))"
)
_TOKEN = (
    rf"(?P<n>\d{{10,}}+|[A-Z]{{1,4}} \d{{5,}}(?:[ -]\d{{3,}})?{_END}|\d{{4}}(?: \d{{4}})+(?: \d{{1,3}})?{_END}"
    rf"|[A-Za-z0-9]{{1,30}}(?:(?:-|\.(?=\d{{3}}))[A-Za-z0-9]{{1,30}}){{0,6}}{_END})(?![.-]\d){_NO_AMOUNT}"
)
_LONG = rf"(?<!\d)(?<![¥￥$€£])(?<![¥￥$€£] )(?P<n>\d{{10,}}+|\d{{6,}}(?:-\d{{2,}}){{1,5}})(?!\d){_NO_MONEY}"
_DASHED = rf"{_BEGIN}[1-9]\d{{3,}}(?:-\d{{4,}}){{2,4}}(?:-\d{{1,4}})?(?!\d)"


def _rule(kind: str, shape: str, accepts: _Check = _always, confirms: _Check | None = None, *, capitals: bool = False) -> _Rule:
    named = shape if "(?P<n>" in shape else f"(?P<n>{shape})"
    return _Rule(kind, re.compile(named, re.ASCII if capitals else re.ASCII | re.IGNORECASE), accepts, confirms)


_RULES = (  # the more specific first: with a checksum, then named by a cue, then of a shape of its own, then just long
    _rule("email", _EMAIL),
    _rule("iban", _IBAN, lambda number: len(number) >= 15, _is_iban),
    _rule("id-number", rf"(?<!\d){_IDENTITY}(?!\d)", _is_identity_number),
    _rule("card", _CARD_CUE + _IS + _CARD, _is_card_long, _is_luhn),
    _rule("card", _BEGIN + _CARD, _begins_like_card, _is_luhn),
    _rule("card", _ONE_BY_ONE.format(first=r"\d", second=r"\d", count="11,17"), _begins_like_card, _is_luhn),
    _rule("id-number", r"(?<!\d)\d{8}[01]\d[0-3]\d{4}(?!\d)", _is_old_identity_number),
    _rule("order", _CARD_CUE + _IS + _CARD, _is_long),  # a card number with a typing error is as private
    _rule("phone", _INTERNATIONAL, _is_phone_long, _is_international),
    _rule("phone", _PHONE_CUE + _IS + _ANY_PHONE + _END + r"(?![.-]\d)" + _NO_AMOUNT, _is_named_phone),
    _rule("phone", _BEGIN + _ANY_PHONE + _PHONE_LABEL, _is_named_phone),
    _rule("order", _TYPED_PARCEL),
    _rule("order", _SPACED_ORDER, capitals=True),
    _rule("order", _SPACED_PARCEL, _is_long, capitals=True),
    _rule("order", _LETTERS_AND_DIGITS),
    _rule("order", _NUMBERED + _IS + _TOKEN, _is_numbered_order),
    _rule("order", _NOUN + _IS + _TOKEN, _is_named_order),
    _rule("phone", _CHINESE_MOBILE),
    _rule("phone", _ONE_BY_ONE.format(first="1", second="[3-9]", count="9")),
    _rule("phone", _WITHOUT_PLUS, _is_phone_long, lambda number: _is_issued_in("+" + number, None)),
    _rule("phone", _REGIONAL, _is_not_dated, _is_regional),
    _rule("order", _DASHED, _is_long),
    _rule("phone", _ZERO_LED, lambda number: 9 <= len(_digits(_without_extension(number))) <= 12, _is_area_code_and_number),
    _rule("order", _LONG, _is_long),
)
