"""Clock times, dates and days of the week in a text, in English and Chinese."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agent.grounding.number_words import chinese_number

MONTHS = ["january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december"]
DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
MONTH = "|".join([*MONTHS, r"jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"])
DAY = "|".join([*(day + "s?" for day in DAYS), r"mon|tues?|wed|thurs?|fri|sat|sun"])
HAN_DAYS = "一二三四五六日天"
HAN_DAY = r"(?:周|星期|礼拜)([一二三四五六日天])"
TO = r"\s*(?:to|till|until|through|and|至|到|-|–|—|~)\s*"
CLOCK = re.compile(
    r"(?P<part>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚间|夜里|当晚|早|晚)?\s?(?<![\d.])(?:"
    r"(?P<hour>[01]?\d|2[0-4])[:：](?P<minute>[0-5]\d)(?!\d)(?:\s?(?P<half>a\.?m\b\.?|p\.?m\b\.?))?|"
    r"(?P<hour2>1[0-2]|0?\d)\s?(?P<half2>a\.?m\b\.?|p\.?m\b\.?)|"
    r"(?P<hour3>1[0-2]|\d)\s?(?:o'?clock|(?=\s(?:in the (?:morning|afternoon|evening)|at night)\b))|"
    r"(?P<hour4>[01]?\d|2[0-4])[点时](?!间|效)(?:(?P<minute4>[0-5]?\d|[二三四五]?十[一二三四五六七八九]?)分?|(?P<han>半|1刻|3刻|一刻|三刻|整))?)"
    r"(?P<after>\s(?:in the (?:morning|afternoon|evening)|at night))?"
)
SPOKEN = re.compile(r"\b(?P<kind>half past|quarter past|quarter to) (?P<hour>1[0-2]|[1-9])\b(?:\s?(?P<half>a\.?m|p\.?m)\b)?")
HAN_MINUTES = {"半": 30, "1刻": 15, "一刻": 15, "3刻": 45, "三刻": 45}
NAMED = {"noon": 720, "midday": 720, "midnight": 1440, "正午": 720, "午夜": 1440, "零点": 1440}
DAY_OF_MONTH = r"[12]\d|3[01]|0?[1-9]"
MAY_BE_ALLOWED = (
    r"(?!\s(?:not|only|be|also|still|swim|travel|fly|use|have|go|get|take|bring|join|enter|come)\b)"  # "a child of ten may swim"
)
DATE = re.compile(
    rf"\b(?P<year>\d{{4}})[-/.](?P<month>\d{{1,2}})[-/.](?P<day>\d{{1,2}})\b|"
    rf"(?:(?P<year2>\d{{4}})年)?(?P<month2>1[0-2]|0?[1-9])月(?P<day2>{DAY_OF_MONTH})[日号]|"
    rf"\b(?P<name>{MONTH})\.?\s(?P<day3>{DAY_OF_MONTH})(?:st|nd|rd|th)?\b(?:,?\s(?P<year3>\d{{4}}))?|"
    rf"(?<!aged )(?<!of )(?<!over )(?<!under )\b(?P<day4>{DAY_OF_MONTH})(?:st|nd|rd|th)?\s(?:of\s)?(?P<name4>{MONTH})\b{MAY_BE_ALLOWED}"
    rf"(?:,?\s(?P<year4>\d{{4}}))?|"
    rf"每月(?P<day5>{DAY_OF_MONTH})[日号]"
)
LONG_MONTH = "|".join(month for month in MONTHS if month not in {"may", "march"})
MONTH_ALONE = re.compile(
    rf"\b(?P<name>{LONG_MONTH})\b|\b(?:in|of|since|until|by) (?P<short>may|march)\b|(?<!个)(?<!\d)(?P<number>1[0-2]|[1-9])月(?!内|后|前|以)"
)
DAY_RANGE = re.compile(rf"\b(?P<first>{DAY}){TO}(?P<last>{DAY})\b|{HAN_DAY}{TO}{HAN_DAY}")
DAY_ALONE = re.compile(rf"\b(?P<day>{'|'.join(day + 's?' for day in DAYS)})\b|{HAN_DAY}")
GROUPS = {r"\bweekdays?\b|工作日": range(5), r"\bweekends?\b|周末|双休日": range(5, 7)}
EVERY = re.compile(r"\bevery day\b|\bdaily\b|\bseven days a week\b|\b24/7\b|每天|每日|全年无休|\bany day\b")


@dataclass(frozen=True)
class Moments:
    """What a text says about when.

    Attributes:
        times: minutes after midnight, each with the other one that it may mean without am and pm.
        dates: month and day (0 where one is not said).
        days: of the week, 0 for Monday; groups and ranges count as all their days.
        rest: the text without times and dates.
    """

    times: tuple[frozenset[int], ...]
    dates: tuple[tuple[int, int], ...]
    days: frozenset[int]
    rest: str


def moments(text: str) -> Moments:
    """Find them in a normalised text whose numbers are digits.

    >>> found = moments("open from 9 am to 5:30 pm, monday to friday, closed on 24 december")
    >>> [sorted(time) for time in found.times], found.dates, sorted(found.days)
    ([[540], [1050]], ((12, 24),), [0, 1, 2, 3, 4])
    """
    dates: list[tuple[int, int]] = []

    def date(match: re.Match[str]) -> str:
        """Note a date and take it out."""
        name = match["name"] or match["name4"]
        month = int(match["month"] or match["month2"] or 0) or (_month(name) if name else 0)
        dates.append((month, int(match["day"] or match["day2"] or match["day3"] or match["day4"] or match["day5"])))
        year = match["year"] or match["year2"] or match["year3"] or match["year4"]
        return f" {year} " if year else " ; "

    text = DATE.sub(date, text)

    def month(match: re.Match[str]) -> str:
        """Note a month and take it out."""
        dates.append((_month(name) if (name := match["name"] or match["short"]) else int(match["number"]), 0))
        return " ; "

    text = MONTH_ALONE.sub(month, text)
    times: list[frozenset[int]] = []

    def time(match: re.Match[str]) -> str:
        """Note a time and take it out."""
        times.append(_time(match))
        return " ; "

    def spoken(match: re.Match[str]) -> str:
        """Note a time that is told as people speak."""
        minutes = int(match["hour"]) * 60 + {"half past": 30, "quarter past": 15, "quarter to": -15}[match["kind"]]
        times.append(_in_half(minutes, match["half"]))
        return " ; "

    text = CLOCK.sub(time, SPOKEN.sub(spoken, text))
    for name, minutes in NAMED.items():
        if re.search(rf"\b{name}\b" if name.isascii() else name, text):
            times.append(frozenset({minutes, minutes % 1440}))
    return Moments(tuple(times), tuple(dates), frozenset(_days(text)), text)


def with_clock_times(text: str) -> str:
    """A normalised text with its times as on a clock of 24 hours, wherever it is sure which is meant; 9:30 alone is taken as such a time.

    >>> with_clock_times("from 9 am or 9:30 to half past 5, 下午2点半")
    'from 09:00 or 09:30 to half past 5, 14:30'
    """

    def clock(match: re.Match[str]) -> str:
        """One time."""
        meant = _time(match)
        if len(meant) > 1 and match["hour"]:
            return f" {int(match['hour']):02}:{match['minute']}"
        return f" {min(meant) // 60:02}:{min(meant) % 60:02}" if len(meant) == 1 else match[0]

    return re.sub(r"  +", " ", CLOCK.sub(clock, text))


def _time(match: re.Match[str]) -> frozenset[int]:
    hour = int(match["hour"] or match["hour2"] or match["hour3"] or match["hour4"])
    minute = int(match["minute"] or chinese_number(match["minute4"] or "0")) or HAN_MINUTES.get(match["han"] or "", 0)
    half = match["half"] or match["half2"]
    part, after = match["part"] or "", match["after"] or ""
    if not half and (
        part in {"下午", "傍晚", "晚上", "晚间", "当晚", "晚", "夜里"} or "afternoon" in after or "evening" in after or "night" in after
    ):
        half = "pm"
    elif not half and (part in {"凌晨", "清晨", "早上", "早晨", "上午", "早"} or "morning" in after):
        half = "am"
    elif part == "中午":
        half = "pm" if hour < 3 or hour == 12 else None
    sure = bool(match["hour"]) and (hour > 12 or hour == 0 or match["hour"].startswith("0"))
    return _in_half(hour * 60 + minute, half, sure=sure)


def _in_half(minutes: int, half: str | None, *, sure: bool = False) -> frozenset[int]:
    """The minutes after midnight that are meant, or may be."""
    if half:
        pm = half.startswith("p")
        hour = minutes // 60
        if hour < 12 and pm:
            minutes += 720
        elif hour == 12 and not pm:
            minutes -= 720
        return frozenset({minutes})
    if sure or minutes >= 780:
        return frozenset({minutes, minutes % 1440})
    return frozenset({minutes, (minutes + 720) % 1440})


def _days(text: str) -> Iterator[int]:
    for pattern, days in GROUPS.items():
        if re.search(pattern, text):
            yield from days
    for match in DAY_RANGE.finditer(text):
        first = _day(match["first"]) if match["first"] else _han_day(match[3])
        last = _day(match["last"]) if match["last"] else _han_day(match[4])
        yield from (day % 7 for day in range(first, last + 1 if last >= first else last + 8))
    for match in DAY_ALONE.finditer(text):
        yield _day(match["day"]) if match["day"] else _han_day(match[2])


def _month(name: str) -> int:
    return next(place for place, month in enumerate(MONTHS, start=1) if month.startswith(name[:3]))


def _day(name: str) -> int:
    return next(place for place, day in enumerate(DAYS) if day.startswith(name[:3]))


def _han_day(character: str) -> int:
    return min(HAN_DAYS.index(character), 6)
