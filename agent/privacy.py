"""Masks personal data before anything is stored, prompted to a model or trained on."""

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from phonenumbers import Leniency, PhoneNumberMatcher
from stdnum import iban, luhn
from stdnum.cn import ric
from stdnum.exceptions import ValidationError

from knowledge_base.errors import SettingsError

_BLANK = "\x00"  # stands for what is masked already; no shape contains it
_ALPHANUMERIC = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_SEPARATORS = " .()-"
_MAX_CHECKS = 1000  # of one rule in one message, so that a flood of near-numbers costs milliseconds; then the shape decides
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
        '订单[order-2ee14b]，电话[phone]'
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
                findings += [Finding(offsets[start], offsets[end - 1] + 1, self._placeholder(rule, folded[start:end])) for start, end in spans]
                folded = _blank(folded, spans)
        return sorted(findings)

    def _placeholder(self, rule: "_Rule", number: str) -> str:
        if rule.kind != "order":
            return f"[{rule.kind}]"
        normalised = re.sub(r"[^A-Z0-9]", "", number.upper())
        return f"[order-{hmac.new(self._key, normalised.encode(), hashlib.sha256).hexdigest()[:6]}]"


# Reading: one plain character for each character that is seen, so that a shape need not know how a number was typed.


def _fold(text: str) -> tuple[str, Iterable[int]]:
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
    """One way to write a kind of personal data: a shape with the number in its group `n`, and a check of what it found."""

    kind: str
    shape: re.Pattern[str]
    accepts: Callable[[str], bool]


def _scan(rule: _Rule, text: str) -> Iterator[tuple[int, int]]:
    """Where the rule applies: at each place the longest run of groups that its check accepts."""
    position = checks = 0
    while match := rule.shape.search(text, position):
        start, end = match.span("n")
        position = match.start() + 1
        while end > start:
            checks += 1
            if checks > _MAX_CHECKS or rule.accepts(text[start:end]):
                yield start, end
                position = end
                break
            end = start + len(text[start:end].rstrip(_ALPHANUMERIC).rstrip(_SEPARATORS))


# Checks of what a shape found.


def _digits(number: str) -> str:
    return re.sub(r"[^0-9]", "", number)


def _always(number: str) -> bool:  # noqa: ARG001 - the shape says it all
    return True


def _is_iban(number: str) -> bool:
    return bool(iban.is_valid(number, check_country=False))


def _is_identity_number(number: str) -> bool:
    compact = re.sub(r"[^0-9X]", "", number.upper())
    if len(compact) != 18 or ric.calc_check_digit(compact) != compact[-1]:
        return False
    try:
        return date(1850, 1, 1) < ric.get_birth_date(compact) <= date.today()  # noqa: DTZ011 - a day more or less is no matter
    except ValidationError:
        return False


def _is_old_identity_number(number: str) -> bool:
    """15 digits, no check digit: the place must have existed in the year of birth, too."""
    if len(number) != 15:
        return False
    longer = f"{number[:6]}19{number[6:]}0"
    return bool(ric.is_valid(longer[:-1] + ric.calc_check_digit(longer)))


def _is_card(number: str) -> bool:
    """Luhn, and a first digit that cards have: one in ten order numbers passes Luhn by chance."""
    digits = _digits(number)
    known = re.match(r"[3-6]|2[2-7]|2131|1800", digits) and (len(digits) > 13 or digits[0] == "4")
    return bool(13 <= len(digits) <= 19 and known and luhn.is_valid(digits))


def _is_named_card(number: str) -> bool:
    digits = _digits(number)
    return bool(12 <= len(digits) <= 19 and luhn.is_valid(digits))


_DATE = re.compile(
    r"(?:19|20)\d\d(?P<s>[-./ ])(?:0?[1-9]|1[0-2])(?:(?P=s)(?:0?[1-9]|[12]\d|3[01]))?(?!\d)"  # 2026-04-18, 2026-04
    r"|[0-3]?\d(?P<t>[-./ ])[0-3]?\d(?P=t)(?:19|20)\d\d(?!\d)"  # 18-04-2026
    r"|(?:19|20)\d\d-(?:19|20)\d\d(?!\d)"  # 2023-2024
    r"|(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d-(?:19|20)\d\d(?:0[1-9]|1[0-2])[0-3]\d(?!\d)"  # 20260418-20260420
)
_MOBILE = re.compile(r"1[3-9]\d{9}")


def _is_phone_in(*regions: str | None) -> Callable[[str], bool]:
    def accepts(number: str) -> bool:
        return any(_covers(number, region, Leniency.VALID) for region in regions)

    return accepts


def _covers(number: str, region: str | None, leniency: int) -> bool:
    match = next(iter(PhoneNumberMatcher(number, region, leniency=leniency, max_tries=1)), None)
    return match is not None and (match.start, match.end) == (0, len(number))


def _is_international(number: str) -> bool:
    """Valid anywhere; a number that no country issues (yet) must at least be grouped and long enough."""
    plus = re.sub(r"^00", "+", number)
    return _covers(plus, None, Leniency.VALID) or (len(_digits(number)) >= 10 and _covers(plus, None, Leniency.POSSIBLE))


def _is_zero_led(number: str) -> bool:
    """An area code and a number: known to a region, or grouped as nothing but phone numbers are."""
    digits = _digits(number)
    grouped = re.match(r"\(?0\d{2,4}[ .)-]", number) and 9 <= len(digits) <= 12
    return bool(grouped or re.fullmatch(r"07\d{9}", digits) or _is_phone_in("CN", "TW", "GB")(number))


def _is_american(number: str) -> bool:
    dated = re.fullmatch(r"20\d\d(?:0[1-9]|1[0-2])[0-3]\d\d\d", number)  # an order number of the day, not Washington DC
    return not dated and _is_phone_in("US")(number)


def _is_named_phone(number: str) -> bool:
    return 7 <= len(_digits(number)) <= 12 and not _DATE.match(number)


def _is_numbered_order(number: str) -> bool:
    """After "order number": five digits, or letters and digits together."""
    digits, letters = _digits(number), re.sub(r"[^A-Za-z]", "", number)
    if _DATE.match(number) or _MOBILE.fullmatch(number):
        return False
    if not letters:
        return len(digits) >= 5
    return len(digits) + len(letters) >= 5 and len(digits) >= (2 if letters.isupper() else 3)


def _is_order(number: str) -> bool:
    """After "order" alone, where amounts, models and dates stand as well."""
    digits = _digits(number)
    if _DATE.match(number) or _MOBILE.fullmatch(number):
        return False
    if re.search(r"[A-Za-z]", number):
        return re.fullmatch(r"[A-Za-z]{1,5}[ -]?\d{5,}(?:-\d+)*|\d{4,}-[A-Z]{1,4}", number) is not None
    return len(digits) >= 9 or re.match(r"\d{5}", number) is not None


def _is_long_number(number: str) -> bool:
    return len(_digits(number)) >= 10 and not _DATE.match(number)


# The shapes, on folded text. A number may be glued to Han text, so a word begins where no ASCII letter or digit precedes.

_BEGIN, _END = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
_S = r"(?: ?[.-] ?| )?"  # a separator within a number
_IS = r"\s{0,3}(?:(?:is|was|are|是|为|為|[:=#-])\s{0,3}){0,3}[\"'“”「『【<(*]{0,3}"
_MONEY = r"(?!\s?(?:元(?![旦宵])|圆|块|塊|%|(?:CNY|RMB|USD|EUR|GBP|HKD|TWD|NTD|JPY|yuan|dollars?|euros?|pounds|bucks)\b))"
_AMOUNT = _MONEY + r"(?!\s?(?:[万萬亿億件箱多]|个(?!人)|台(?![湾灣北])|套(?!餐)|[积積]分|(?:points|pcs|pieces|units|items|copies)\b))"
_NO_PRICE = r"(?<![¥￥$€£])(?<![¥￥$€£] )"

_CARD_CUE = r"(?:\b(?:card|cc|visa|mastercard|amex)(?:\s?(?:number|no)\b\.?)?|\bnumber is|卡|[账帳][号號户戶])(?:[号號][码碼]?)?"
_PHONE_CUE = (
    r"(?:\b(?:tel|telephone|(?:tele|cell)?phone|mobile|cell|fax|desk|office|hotline|whatsapp|registered|call(?:ing)?|ring|text(?:ing)?"
    r"|reach|contact|answering|messages? to)\.?|电话|電話|手机|手機|座机|座機|固话|热线|熱線|传真|傳真|联系方式|聯繫方式|联系|致电|致電|拨打|打给)"
    r"(?:\s{0,2}(?:number|no\.?|me|us|him|her|them|back|at|on|to|via|号码|號碼|[号號我]))*?"
).replace("*?", "{0,3}")
_NOUN = (
    r"(?:(?<![A-Za-z])(?:pre-?)?(?:orders?|tracking|parcels?|packages?|shipments?|waybills?|consignments?)"
    r"|订单|訂單|运单|運單|包裹|快递|快遞|物流|快件|工单|工單)"
)
_NUMBERED = (
    rf"(?:(?:{_NOUN}|(?<![A-Za-z])(?:case|ticket|return|refund|delivery|invoice|reference|rma))[\s_-]?"
    r"(?:#|№|(?:numbers?|nos?|nr|num|id|code|ref)(?![A-Za-z])\.?|的?(?:编号|編號|号码|號碼|[号號]))|[单單](?:[号號][码碼]?|编号|編號))"
)
_TOKEN = (
    rf"(?P<n>\d{{10,}}(?!\d)|[A-Z]{{1,4}} \d{{5,}}(?:[ -]\d{{3,}})?{_END}|\d{{4}}(?: \d{{4}})+(?: \d{{1,3}})?{_END}"
    rf"|[A-Za-z0-9]{{1,30}}(?:(?:-|\.(?=\d{{3}}))[A-Za-z0-9]{{1,30}}){{0,6}}{_END})(?![.-]\d)"
)
_IDENTITY = _S.join([r"\d"] * 6 + ["[12]", "[089]", r"\d", r"\d", "[01]", r"\d", "[0-3]"] + [r"\d"] * 4 + [r"[\dXx]"])


def _rule(kind: str, shape: str, accepts: Callable[[str], bool] = _always, *, exact_case: bool = False) -> _Rule:
    named = shape if "(?P<n>" in shape else f"(?P<n>{shape})"
    return _Rule(kind, re.compile(named, re.ASCII if exact_case else re.ASCII | re.IGNORECASE), accepts)


_RULES = (  # the more specific first: what has a checksum, what is named, what has a shape of its own, long numbers
    _rule("email", r"[A-Za-z0-9À-ɏ._%+'-]{1,64}@(?:[A-Za-z0-9À-ɏ-]{1,63}\.){1,8}[A-Za-z]{2,24}"),
    _rule("iban", rf"{_BEGIN}[A-Z]{{2}}\d\d(?:[A-Z0-9]{{11,30}}|(?:[ -][A-Z0-9]{{4}}){{2,7}}(?:[ -][A-Z0-9]{{1,4}})?){_END}", _is_iban),
    _rule("id-number", rf"(?<!\d){_IDENTITY}(?!\d)", _is_identity_number),
    _rule("card", rf"{_CARD_CUE}{_IS}(?P<n>\d{{12,19}}|\d{{4}}(?:{_S}\d{{4}}){{2,3}}(?:{_S}\d{{1,4}})?)(?!\d)", _is_named_card),
    _rule("card", rf"{_BEGIN}(?:\d{{13,19}}|\d{{4}}(?:{_S}\d{{4}}){{2,3}}(?:{_S}\d{{1,4}})?)(?!\d)", _is_card),
    _rule("card", rf"{_BEGIN}(?:\d{{4}}{_S}\d{{6}}{_S}\d{{4,5}}|\d{{6}}{_S}\d{{7,13}})(?!\d)", _is_card),
    _rule("card", r"(?<![A-Za-z0-9])(?<!\d[ .-])(?P<n>\d(?P<s>[ .-])\d(?:(?P=s)\d){11,17})(?![ .-]?\d)", _is_card),
    _rule("id-number", r"(?<!\d)\d{8}[01]\d[0-3]\d{4}(?!\d)", _is_old_identity_number),
)
