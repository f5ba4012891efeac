"""The figures in a text, each with what it measures, so that 24 months are two years and 14:00 is 2 pm."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations

from agent.grounding.number_words import digits_for_words

NUMBER = r"\d+(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
# What a unit measures, and how much of it.
UNITS: dict[str, dict[str, Fraction | int]] = {
    "minutes": {
        "s|sec|secs|second|seconds|秒|秒钟": Fraction(1, 60),
        "min|mins|minute|minutes|分钟|分鐘": 1,
        "h|hr|hrs|hour|hours|小时|个小时|钟头|个钟头|钟": 60,
        "d|day|days|calendar day|calendar days|天|日|自然日|个自然日": 1440,
        "night|nights|晚|夜": 1440,
        "week|weeks|周|星期|个星期|礼拜|个礼拜": 10_080,
        "fortnight|fortnights": 20_160,
    },
    "months": {
        "month|months|mo|个月|月|个自然月": 1,
        "quarter|quarters|季度|个季度": 3,
        "year|years|yr|yrs|年|周年": 12,
    },
    "working days": {"business day|business days|working day|working days|weekdays|工作日|个工作日|营业日|个营业日": 1},
    "percent": {"%|percent|per cent|pct|％": 1},
    "years of age": {"岁|周岁": 1},
    "grams": {"g|gram|grams|克": 1, "kg|kilo|kilos|kilogram|kilograms|公斤|千克": 1000, "斤": 500, "t|ton|tons|tonnes|吨": 1_000_000},
    "metres": {
        "mm|毫米": Fraction(1, 1000),
        "cm|centimetre|centimetres|centimeter|centimeters|厘米|公分": Fraction(1, 100),
        "m|metre|metres|meter|meters|米": 1,
        "km|kilometre|kilometres|kilometer|kilometers|公里|千米": 1000,
        "里": 500,
        "mile|miles|英里": Fraction(1609),
    },
    "inches": {"inch|inches|英寸|寸": 1, "ft|foot|feet|英尺": 12},
    "litres": {"ml|毫升": Fraction(1, 1000), "l|litre|litres|liter|liters|升": 1},
    "bytes": {"kb": Fraction(1, 1024), "mb": 1, "gb|g流量": 1024, "tb": 1024 * 1024},
    "watts": {"w|watt|watts|瓦": 1, "kw|千瓦": 1000},
    "kWh": {"kwh|度电": 1},
    "degrees": {"°c|°|degrees|degree|度|摄氏度": 1},
    "usd": {"usd|us dollar|us dollars|美元|美金": 1},
    "dollars": {"dollar|dollars|$": 1},
    "eur": {"eur|euro|euros|€|欧元": 1, "euro cents|eurocent|eurocents": Fraction(1, 100)},
    "gbp": {"gbp|pound|pounds|pounds sterling|£|英镑": 1, "pence": Fraction(1, 100)},
    "cny": {"cny|rmb|yuan|元|元人民币|块|块钱|人民币|圆": 1, "角|毛": Fraction(1, 10)},
    "jpy": {"jpy|yen|日元": 1},
    "hkd": {"hkd|港元|港币": 1},
    "chf": {"chf|swiss francs|francs": 1},
    "cad": {"cad|canadian dollars|canadian dollar": 1},
    "aud": {"aud|australian dollars|australian dollar": 1},
    "cents": {"cent|cents|¢": 1},
}
MEASURES = {
    name: (measure, Fraction(factor)) for measure, units in UNITS.items() for names, factor in units.items() for name in names.split("|")
}
SIGNS = {"$": "dollars", "€": "eur", "£": "gbp", "¥": "cny", "us$": "usd", "hk$": "hkd"}
WORDS = sorted(MEASURES, key=len, reverse=True)
UNIT = "|".join(re.escape(word) + (r"(?![a-z])" if word[-1].isascii() and word[-1].isalpha() else "") for word in WORDS)
FIGURE = re.compile(
    rf"(?P<sign>us\$|hk\$|[$€£¥])?\s?(?<![\d.])(?P<number>{NUMBER})(?:st|nd|rd|th)?(?:\s?(?P<scale>k|m)(?![a-z]))?(?:[\s-]?(?P<unit>{UNIT}))?"
)
CODE_FIRST = re.compile(rf"\b(usd|eur|gbp|cny|rmb|jpy|hkd|chf|cad|aud)\s?({NUMBER})")
ELLIPSIS = re.compile(r"\s*(?:[,.;、，。；]|$|\b(?:and|or|to|till|until|through|for)\b|[-–~至到或和])")
HYPOTHETICAL = re.compile(r"\b\d+[- ](?:year|month|week|day)s?[- ]olds?\b")  # someone of that age, and no rule
ONE = re.compile(rf"\b(?:within|in|after|for|of|every|than|takes?|up to|about|least|most|next|valid)\s+an?\s+(?P<unit>{UNIT})")
HALVES = (
    (re.compile(r"\b(?:an|1) hour and a half\b|1个半(?:小时|钟头)"), "90 minutes"),
    (re.compile(r"(\d+)个半小时"), r"\g<1>.5 hours"),
    (re.compile(r"\bhalf an hour\b|\bhalf-hour\b|半个?小时|半个?钟头?"), "30 minutes"),
    (re.compile(r"\bhalf a year\b|\bhalf-year\b|半年"), "6 months"),
    (re.compile(r"\bhalf a day\b|半天"), "12 hours"),
    (re.compile(r"\ba quarter of an hour\b|1刻钟"), "15 minutes"),
    (re.compile(r"\b(?:a year|1 year) and a half\b|1年半"), "18 months"),
    (re.compile(r"半个月"), "15 days"),
    (re.compile(r"(\d+)个半月"), r"\g<1>.5 months"),
    (re.compile(r"\ba fortnight\b"), "14 days"),
    (re.compile(r"\b24/7\b"), "24 hours every day"),
    (
        re.compile(
            r"(?:对折|半价|\bhalf[ -]price\b|\bhalf (?:of )?(?:the|its|their|your) (?:price|fee|amount|cost|value|sum)\b|\bhalf off\b)"
        ),
        "50%",
    ),
    (re.compile(r"一半|\bhalf\b(?! past)"), "50%"),
)
# What happens every day happens once in one day.
RATES = (
    (re.compile(r"\b(?:per|a|each|every) (?:calendar )?day\b|\bdaily\b|每天|每日|每晚|按[天日]"), "minutes", Fraction(1440)),
    (re.compile(r"\b(?:per|a|each|every) week\b|\bweekly\b|每周|每星期|按周"), "minutes", Fraction(10_080)),
    (re.compile(r"\b(?:per|an|each|every|started) hour\b|\bhourly\b|每小时|按小时"), "minutes", Fraction(60)),
    (re.compile(r"\b(?:per|a|each|every) minute\b|每分钟"), "minutes", Fraction(1)),
    (
        re.compile(r"\b(?:per|a|each|every|next|following) (?:calendar )?month\b|\bmonthly\b|每月|每个月|按月|次月|当月|月租"),
        "months",
        Fraction(1),
    ),
    (re.compile(r"\b(?:per|a|each|every|calendar) year\b|\b(?:yearly|annual|annually)\b|每年|按年|年费|全年"), "months", Fraction(12)),
)
DISCOUNT = re.compile(r"(?<!\d)(\d(?:\.\d)?|\d{2})折")
DOLLARS = {"usd", "hkd", "cad", "aud"}


@dataclass(frozen=True)
class Quantity:
    """A figure.

    Attributes:
        measure: what it measures, e.g. ``minutes``; ``count`` where no unit is known, ``moment`` for the hour of a time.
        value: in that measure.
        number: as it stands before the unit.
        elliptical: whether its unit may be another figure's: 3 in "3 to 5 days", or in "ten years, for motors 3".
    """

    measure: str
    value: Fraction
    number: Fraction
    elliptical: bool = False

    def follows_from(self, known: Sequence["Quantity"]) -> bool:
        """Whether one of these figures says the same."""
        measures = {one.measure for one in known}
        return any(self._same(one) or (one.elliptical and self.number == one.number and self.measure in measures) for one in known)

    def _same(self, other: "Quantity") -> bool:
        pair = {self.measure, other.measure}
        if pair == {"count", "years of age"} or (pair == {"count", "moment"} and self.elliptical):
            return self.number == other.number
        return self.value == other.value and (len(pair) == 1 or ("dollars" in pair and bool(pair & DOLLARS)))


def quantities(text: str) -> list[Quantity]:
    """The figures of a normalised text from which times, dates, links and phone numbers were taken out.

    >>> [(one.measure, int(one.value)) for one in quantities("two years, or 500 points worth 5 usd")]
    [('months', 24), ('count', 500), ('usd', 5)]
    """
    return list(_found(with_digits(text)))


def with_digits(text: str) -> str:
    """A normalised text with its number words as digits, and halves as figures."""
    text = digits_for_words(text)
    for pattern, figure in HALVES:
        text = pattern.sub(f" {figure} ", text)
    return DISCOUNT.sub(lambda match: f" {_tenths(match[1])}% ", text)


def _found(text: str) -> Iterator[Quantity]:
    text = CODE_FIRST.sub(r"\2 \1", text)
    text = HYPOTHETICAL.sub(" ; ", text)
    for match in FIGURE.finditer(text):
        value = Fraction(match["number"].replace(",", "")) * {"k": 1000, "m": 1}.get(match["scale"] or "", 1)
        unit = match["unit"] or ("m" if match["scale"] == "m" else None)
        if match["sign"]:
            yield Quantity(SIGNS[match["sign"]], value, value)
        elif unit:
            measure, factor = MEASURES[unit]
            yield Quantity(measure, value * factor, value)
        else:
            yield Quantity("count", value, value, bool(ELLIPSIS.match(text, match.end())))
    for pattern, measure, value in RATES:
        if pattern.search(text):
            yield Quantity(measure, value, Fraction(1))
    for match in ONE.finditer(text):
        measure, factor = MEASURES[match["unit"]]
        yield Quantity(measure, factor, Fraction(1))


def unsupported_quantity(said: Sequence[Quantity], known: Sequence[Quantity], evidence: str) -> Quantity | None:
    """The first figure that the evidence does not have; None if it has all.

    Besides equal figures, one proportion is allowed (500 points where 100 are worth 1 USD; 10 of 2,000 where it is 0.5 %), and
    doubling where the evidence speaks of it.
    """
    missing = [one for one in said if not one.follows_from(known)]
    if not missing:
        return None
    if re.search(r"\b(twice|double|doubled|two times)\b|双倍|翻倍|2倍|两倍", evidence):
        missing = [one for one in missing if not any(_doubled(one, other) for other in known)]
    if missing and any(_in_proportion(one, two, known) for one, two in permutations(said, 2) if one in missing or two in missing):
        missing = []
    return missing[0] if missing else None


def _doubled(one: Quantity, other: Quantity) -> bool:
    return one.measure == other.measure and one.value == 2 * other.value


def _in_proportion(one: Quantity, two: Quantity, known: Sequence[Quantity]) -> bool:
    """Whether two figures stand to each other as two of the evidence's that measure the same things, or as one of its percentages says."""
    if one.measure == two.measure:
        return any(x.measure == "percent" and one.value * x.value == two.value * 100 for x in known)
    return any(
        one.measure == x.measure and two.measure == y.measure and x.value and y.value and one.value * y.value == two.value * x.value
        for x, y in permutations(known, 2)
        if x.measure != y.measure
    )


def _tenths(digits: str) -> str:
    """What is paid: 8折 is 80 %, 85折 is 85 %."""
    value = Fraction(digits) * (10 if len(digits) != 2 else 1)
    return str(value.numerator) if value.denominator == 1 else str(float(value))
