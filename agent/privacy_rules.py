"""How personal data is written: patterns for folded text, and which check each of them needs."""

import re
from collections.abc import Callable
from dataclasses import dataclass

from agent import privacy_checks as checks

Check = Callable[[str], bool]


@dataclass(frozen=True)
class Rule:
    """One way to write a kind of personal data.

    Attributes:
        kind: the placeholder's name.
        shape: a pattern with the number in its group `n`.
        accepts: a quick check of what the shape found.
        confirms: a slow one, by checksum or against the world's numbering plans.
    """

    kind: str
    shape: re.Pattern[str]
    accepts: Check
    confirms: Check | None


# Shapes, for folded text. Numbers stand glued to Han text, so a word begins wherever no ASCII letter or digit precedes.

_BEGIN, _END = r"(?<![A-Za-z0-9])", r"(?![A-Za-z0-9])"
_S = r"(?: ?[.-] ?| )?"  # one separator inside a number, or none
_IS = r"\s{0,3}(?:(?:is|was|are|是|为|為|[:=#-])\s{0,3}){0,3}[\"'“”「『【<(*]{0,3}?"  # between a cue and its number
_CODES = r"(?:CNY|RMB|USD|EUR|GBP|HKD|TWD|NTD|JPY)"
_NO_MONEY = rf"(?!\s?(?:元(?![旦宵])|[圆圓块塊%]|(?:{_CODES}|yuan|dollars?|euros?|pounds|bucks)\b))"
_NO_AMOUNT = _NO_MONEY + r"(?!\s?(?:[万萬亿億件箱多]|个(?!人)|台(?![湾灣北])|套(?!餐)|[积積]分|(?:points|pcs|pieces|units|items|copies)\b))"

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


def rule(kind: str, shape: str, accepts: Check = checks.always, confirms: Check | None = None, *, capitals: bool = False) -> Rule:
    """A rule; a pattern without a group `n` is the number as a whole."""
    named = shape if "(?P<n>" in shape else f"(?P<n>{shape})"
    return Rule(kind, re.compile(named, re.ASCII if capitals else re.ASCII | re.IGNORECASE), accepts, confirms)


RULES = (  # the more specific first: with a checksum, then named by a cue, then of a shape of its own, then just long
    rule("email", _EMAIL),
    rule("iban", _IBAN, lambda number: len(number) >= 15, checks.is_iban),
    rule("id-number", rf"(?<!\d){_IDENTITY}(?!\d)", checks.is_identity_number),
    rule("card", _CARD_CUE + _IS + _CARD, checks.is_card_long, checks.is_luhn),
    rule("card", _BEGIN + _CARD, checks.begins_like_card, checks.is_luhn),
    rule("card", _ONE_BY_ONE.format(first=r"\d", second=r"\d", count="11,17"), checks.begins_like_card, checks.is_luhn),
    rule("id-number", r"(?<!\d)\d{8}[01]\d[0-3]\d{4}(?!\d)", checks.is_old_identity_number),
    rule("order", _CARD_CUE + _IS + _CARD, checks.is_long),  # a card number with a typing error is as private
    rule("phone", _INTERNATIONAL, checks.is_phone_long, checks.is_international),
    rule("phone", _PHONE_CUE + _IS + _ANY_PHONE + _END + r"(?![.-]\d)" + _NO_AMOUNT, checks.is_named_phone),
    rule("phone", _BEGIN + _ANY_PHONE + _PHONE_LABEL, checks.is_named_phone),
    rule("order", _TYPED_PARCEL),
    rule("order", _SPACED_ORDER, capitals=True),
    rule("order", _SPACED_PARCEL, checks.is_long, capitals=True),
    rule("order", _LETTERS_AND_DIGITS),
    rule("order", _NUMBERED + _IS + _TOKEN, checks.is_numbered_order),
    rule("order", _NOUN + _IS + _TOKEN, checks.is_named_order),
    rule("phone", _CHINESE_MOBILE),
    rule("phone", _ONE_BY_ONE.format(first="1", second="[3-9]", count="9")),
    rule("phone", _WITHOUT_PLUS, checks.is_phone_long, lambda number: checks.is_issued_in("+" + number, None)),
    rule("phone", _REGIONAL, checks.is_not_dated, checks.is_regional),
    rule("order", _DASHED, checks.is_long),
    rule(
        "phone", _ZERO_LED, lambda number: 9 <= len(checks.digits(checks.without_extension(number))) <= 12, checks.is_area_code_and_number
    ),
    rule("order", _LONG, checks.is_long),
)
