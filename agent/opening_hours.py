"""When people are there."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
RANGE = re.compile(r"([01]\d|2[0-4]):([0-5]\d)-([01]\d|2[0-4]):([0-5]\d)")


@dataclass(frozen=True)
class OpeningHours:
    """When people answer; without any hours somebody always may.

    Attributes:
        timezone: where the hours are meant.
        hours: by day of the week, 0 for Monday, the times from and to in minutes after midnight.

    Example:
        >>> hours = OpeningHours.from_dict({"timezone": "Asia/Shanghai", "mon-fri": "09:00-18:00"})
        >>> hours.are_open(datetime(2026, 11, 28, 4, 0, tzinfo=UTC))  # a Saturday
        False
    """

    timezone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    hours: Mapping[int, tuple[tuple[int, int], ...]] = field(default_factory=dict)

    @classmethod
    def from_dict(cls, card: Mapping[str, Any]) -> "OpeningHours":
        """Read ``{timezone: Asia/Shanghai, mon-fri: "09:00-18:00", sat: ["10:00-12:00", "13:00-15:00"]}``.

        Raises:
            ValueError: the time zone is unknown, or a part is none of these.
        """
        rest = dict(card)
        try:
            timezone = ZoneInfo(str(rest.pop("timezone", "UTC")))
        except (ZoneInfoNotFoundError, ValueError):
            raise ValueError(f"the time zone {card.get('timezone')!r} is unknown; one is Asia/Shanghai") from None
        hours: dict[int, tuple[tuple[int, int], ...]] = {}
        for days, ranges in rest.items():
            for day in _days(str(days)):
                hours[day] = tuple(_minutes(str(one)) for one in (ranges if isinstance(ranges, list) else [ranges]))
        return cls(timezone, hours)

    def are_open(self, now: datetime) -> bool:
        """Whether somebody is there at a moment."""
        local = now.astimezone(self.timezone)
        minute = local.hour * 60 + local.minute
        return not self.hours or any(start <= minute < end for start, end in self.hours.get(local.weekday(), ()))

    def next_opening(self, now: datetime) -> datetime | None:
        """When somebody is there again, in the hours' own time zone; None where they are there now, or never."""
        if self.are_open(now):
            return None
        local = now.astimezone(self.timezone)
        for ahead in range(8):
            day = local.date() + timedelta(days=ahead)
            for start, _end in sorted(self.hours.get(day.weekday(), ())):
                opening = datetime.combine(day, time(start // 60, start % 60), self.timezone)
                if opening > local:
                    return opening
        return None


def _days(text: str) -> range:
    first, _, last = text.strip().lower().partition("-")
    if first not in DAYS or (last and last not in DAYS) or (last and DAYS.index(last) < DAYS.index(first)):
        raise ValueError(f"{text!r} is no day; days are {', '.join(DAYS)}, or a range such as mon-fri")
    return range(DAYS.index(first), DAYS.index(last or first) + 1)


def _minutes(text: str) -> tuple[int, int]:
    match = RANGE.fullmatch(text.strip())
    if not match:
        raise ValueError(f"{text!r} are no hours; they look like 09:00-18:00")
    start, end = int(match[1]) * 60 + int(match[2]), int(match[3]) * 60 + int(match[4])
    if not start < end <= 1440:
        raise ValueError(f"{text!r} end before they begin; hours past midnight belong to two days")
    return start, end
