"""One way of writing for figures that are the same: what a sentence converts is then no other word."""

import re
from collections.abc import Callable

from agent.grounding.moments import with_clock_times
from agent.grounding.quantities import with_digits
from knowledge_base.normalisation import normalise

Form = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]


def _times(factor: int, unit: str) -> Callable[[re.Match[str]], str]:
    return lambda match: f"{factor * int(match[1])} {unit}"


def _whole(divisor: int, unit: str) -> Callable[[re.Match[str]], str]:
    """So many of a larger unit, if they are whole."""
    return lambda match: match[0] if int(match[1]) % divisor or not int(match[1]) else f"{int(match[1]) // divisor} {unit}"


WHOLE = r"(?<![\d.,-])(\d{1,4})"
FORMS: tuple[Form, ...] = (
    (re.compile(r"(?<=\d),(?=\d{3}\b)"), ""),
    (re.compile(r"(?<=\d)\s*(?:-|–|—|~|to|and|至|到)\s*(?=\d)"), "-"),
    (re.compile(r"(?<=\d)\s?(?:percent|per cent)\b|(?<=\d)\s+(?=%)"), lambda match: "" if match[0].isspace() else "%"),
    (re.compile(r"[$]\s?(\d+(?:\.\d+)?)"), r"\1 dollars"),
    (re.compile(r"€\s?(\d+(?:\.\d+)?)"), r"\1 eur"),
    (re.compile(r"£\s?(\d+(?:\.\d+)?)"), r"\1 gbp"),
    (re.compile(r"¥\s?(\d+(?:\.\d+)?)"), r"\1 cny"),
    (re.compile(r"(?<=\d)\s?(?:euros?(?![a-z])|欧元)"), " eur"),
    (re.compile(r"(?<=\d)\s?(?:pounds?(?![a-z])|英镑)"), " gbp"),
    (re.compile(r"(?<=\d)\s?(?:us dollars?(?![a-z])|美元|美金)"), " usd"),
    (re.compile(r"(?<=\d)\s?(?:元(?!月)|块钱?|圆|(?:yuan|rmb)(?![a-z]))"), " cny"),
    (
        re.compile(r"\b(within|in|after|for|takes?|up to|about|least|most|next|last|first) an? (?=(?:hour|day|week|month|year)(?![a-z]))"),
        r"\1 1 ",
    ),
    (re.compile(r"\b(?:per|a|each|every) (?:calendar )?day(?![a-z])|\bdaily(?![a-z])|每天|每日"), " each day "),
    (re.compile(r"\b(?:per|a|each|every) week(?![a-z])|\bweekly(?![a-z])|每周|每星期"), " each week "),
    (re.compile(r"\b(?:per|a|each|every) (?:calendar )?month(?![a-z])|\bmonthly(?![a-z])|每个?月"), " each month "),
    (re.compile(r"\b(?:per|a|each|every) (?:calendar )?year(?![a-z])|\b(?:yearly|annually)(?![a-z])|每年"), " each year "),
    (re.compile(r"\b(?:per|an|each|every) hour(?![a-z])|\bhourly(?![a-z])|每个?小时"), " each hour "),
    (re.compile(r"(?<=\d)-(?=(?:minute|hour|day|month)s?(?![a-z]))"), " "),
    (re.compile(r"\bworking days?(?![a-z])|(?<=\d)\s?个?(?:工作日|营业日)"), " business days"),
    (re.compile(r"(?<=\d)\s?(?:分钟|mins?(?![a-z]))"), " minutes"),
    (re.compile(r"(?<=\d)\s?(?:个?小时|个?钟头|hrs?(?![a-z]))"), " hours"),
    (re.compile(r"(?<=\d)\s?(?:个?自然日|天|calendar days?(?![a-z]))|(?<=\d)日(?=[内后前]|之内)"), " days"),
    (re.compile(r"(?<=\d)\s?个月"), " months"),
    (re.compile(r"(?<![\d.,-])(\d{1,2})(?:[\s-]?(?:years?|yrs?)(?![a-z])(?![\s-]old)|年(?!级|月|\d))"), _times(12, "months")),
    (re.compile(rf"{WHOLE}(?:\s?-?weeks?(?![a-z])|\s?周|个星期|个礼拜)"), _times(7, "days")),
    (re.compile(rf"{WHOLE}\sminutes?(?![a-z])"), _whole(60, "hours")),
    (re.compile(rf"{WHOLE}\shours?(?![a-z])"), _whole(24, "days")),
    (re.compile(r"\b(?:noon|midday)(?![a-z])|正午"), "12:00"),
    (re.compile(r"\bmidnight(?![a-z])|午夜"), "24:00"),
)


def canonical(text: str) -> str:
    """A text in which the same figures are written the same way, whatever its language: digits, ranges, a clock of 24 hours, units.

    >>> canonical("Within two weeks, or 3 to 5 working days; until 2 pm, for $1,000")
    'within 14 days, or 3-5 business days; until 14:00, for 1000 dollars'
    >>> canonical("24小时内，半年")
    '1 days内, 6 months'
    """
    text = with_clock_times(with_digits(normalise(text)))
    for pattern, form in FORMS:
        text = pattern.sub(form, text)
    return re.sub(r"\s+", " ", text).strip()
