"""When people are there, across time zones and days."""

from datetime import UTC, datetime

import pytest

from agent.opening_hours import OpeningHours

SHOP = OpeningHours.from_dict({"timezone": "Asia/Shanghai", "mon-fri": "09:00-18:00", "sat": ["10:00-12:00", "13:00-15:00"]})


@pytest.mark.parametrize(
    ("now", "opening"),
    [
        ("2026-11-27T01:00", None),  # Friday, 9:00 in Shanghai
        ("2026-11-27T10:00", "2026-11-28T10:00"),  # Friday, 18:00
        ("2026-11-28T04:30", "2026-11-28T13:00"),  # Saturday, 12:30
        ("2026-11-28T07:00", "2026-11-30T09:00"),  # Saturday, 15:00
        ("2026-11-29T23:00", "2026-11-30T09:00"),  # Sunday in London, Monday in Shanghai
    ],
)
def test_people_are_there_in_the_hours_or_come_back_at_their_beginning(now: str, opening: str | None) -> None:
    moment = datetime.fromisoformat(now).replace(tzinfo=UTC)
    found = SHOP.next_opening(moment)
    assert SHOP.are_open(moment) == (opening is None)
    assert (found.strftime("%Y-%m-%dT%H:%M") if found else None) == opening


def test_without_hours_somebody_is_always_there() -> None:
    assert OpeningHours().are_open(datetime.now(UTC))
    assert OpeningHours().next_opening(datetime.now(UTC)) is None


@pytest.mark.parametrize(
    ("card", "said"),
    [
        ({"timezone": "Nowhere/City"}, "time zone 'Nowhere/City' is unknown"),
        ({"everyday": "09:00-18:00"}, "'everyday' is no day"),
        ({"fri-mon": "09:00-18:00"}, "'fri-mon' is no day"),
        ({"mon": "9-18"}, "'9-18' are no hours"),
        ({"mon": "18:00-09:00"}, "end before they begin"),
    ],
)
def test_what_is_no_hours_is_named(card: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        OpeningHours.from_dict(card)
