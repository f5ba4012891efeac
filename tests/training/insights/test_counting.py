"""What became of messages and conversations is counted by day, intent and language, and rates say what they are said to say."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from agent.conversation import Manner, RouteKind
from agent.handover.desk import Desk
from agent.handover.rules import HandOverReason
from agent.intents import OUT_OF_SCOPE
from tests.training.insights.log_book import LogBook
from training.insights import traffic
from training.insights.counting import Cell, Counts, Traffic, TrafficCounter
from training.insights.report import Insights, read_insights
from training.insights.traffic import handed_over, read_messages

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
DAY = timedelta(days=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def counted(book: LogBook, start: datetime = NOON - DAY, end: datetime = NOON + DAY) -> Traffic:
    counter = TrafficCounter(start, end, SHANGHAI, handed_over(book.log.database, start))
    for message in read_messages(book.log.database, start):
        counter.add(message)
    return counter.traffic()


def insights(book: LogBook, days: int = 7, now: datetime = NOON) -> Insights:
    return read_insights(book.log.database, days, now, SHANGHAI, None)


def test_messages_are_read_page_by_page_without_what_people_answered(book: LogBook, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traffic, "PAGE", 2)
    book.write(NOON - 3 * DAY)
    book.write(NOON, language="fr", intent="coupon", confidence=0.4, feedback=-1)
    opened = book.write(NOON, language="zh", is_rejected=True, route=RouteKind.DECLINE)
    book.write(NOON, within=opened, intent=None, route=RouteKind.PERSON)
    book.write(NOON, within=opened, intent=None, route=RouteKind.CLARIFY, looked_up=True, resolved=True)
    first, second, third = read_messages(book.log.database, NOON - DAY)
    assert (first.language, first.intent, first.feedback) == ("fr", "coupon", -1)
    assert first.confidence == pytest.approx(0.4)
    assert (second.language, second.intent, second.route, second.is_answered) == ("zh", OUT_OF_SCOPE, RouteKind.DECLINE, False)
    assert (third.intent, third.confidence, third.is_answered, third.resolved) == (traffic.UNREAD, None, True, True)
    assert (first.at, first.began, first.release, first.is_question) == (NOON, NOON, "release-1", True)


@pytest.mark.parametrize(
    ("message", "settled"),
    [
        ({}, 1),
        ({"route": RouteKind.DECLINE}, 0),
        ({"route": RouteKind.CLARIFY}, 0),
        ({"route": RouteKind.CLARIFY, "looked_up": True}, 1),
        ({"feedback": -1}, 0),
        ({"feedback": -1, "resolved": True}, 1),
        ({"route": RouteKind.DECLINE, "resolved": True}, 1),
        ({"resolved": False}, 0),
    ],
)
def test_a_conversation_is_settled_if_the_customer_says_so_or_leaves_with_an_answer(
    book: LogBook, message: dict[str, Any], settled: int
) -> None:
    book.write(NOON, **message)
    total = counted(book).total()
    assert (total.conversations, total.asking, total.settled) == (1, 1, settled)
    assert total.resolution == settled


def test_the_last_question_decides_and_courtesy_is_none(book: LogBook) -> None:
    declined = book.write(NOON, route=RouteKind.DECLINE)
    book.write(NOON, within=declined)
    book.write(NOON, within=declined, intent="thanks", route=RouteKind.SOCIAL)
    book.write(NOON, within=declined, intent="thanks", route=RouteKind.ANSWER, manner=Manner.NOTE)
    answered = book.write(NOON)
    book.write(NOON, within=answered, route=RouteKind.DECLINE)
    book.write(NOON, intent="greeting", route=RouteKind.SOCIAL)
    total = counted(book).total()
    assert (total.conversations, total.asking, total.settled) == (3, 2, 1)
    assert total.resolution == 0.5


def test_who_goes_to_a_person_is_handed_over_and_not_settled(book: LogBook) -> None:
    queued, answered = book.write(NOON), book.write(NOON)
    Desk(book.log.database).queue(queued.id, HandOverReason.ASKED)
    total = counted(book).total()
    assert (total.handed_over, total.hand_over, total.resolution) == (1, 0.5, 0.5)
    Desk(book.log.database).take(answered.id, "lin")
    assert counted(book).total().hand_over == 1.0


def test_shares_of_messages_and_thumbs(book: LogBook) -> None:
    for feedback in (1, 1, -1, None):
        book.write(NOON, feedback=feedback)
    book.write(NOON, route=RouteKind.DECLINE)
    total = counted(book).total()
    assert (total.answer_share, total.decline_share) == (0.8, 0.2)
    assert total.satisfaction == pytest.approx(2 / 3)
    assert Counts().satisfaction is Counts().resolution is Counts().hand_over is Counts().answer_share is None


def test_a_conversation_counts_on_the_day_it_began_under_its_first_question(book: LogBook) -> None:
    late = NOON + timedelta(hours=5)  # past midnight in Shanghai
    opened = book.write(NOON, intent="greeting", route=RouteKind.SOCIAL)
    book.write(late, within=opened, language="zh", intent="coupon")
    book.write(late, within=opened, language="zh", intent="invoice", resolved=True)
    found = counted(book)
    today, tomorrow = date(2026, 11, 20), date(2026, 11, 21)
    assert {cell: counts.messages for cell, counts in found.cells.items()} == {
        Cell(today, "greeting", "en"): 1,
        Cell(tomorrow, "coupon", "zh"): 1,
        Cell(tomorrow, "invoice", "zh"): 1,
        Cell(today, "coupon", "zh"): 0,
    }
    assert found.cells[Cell(today, "coupon", "zh")] == Counts(conversations=1, asking=1, settled=1, said_yes=1)
    assert found.where(language="en").total().conversations == 0
    assert found.by(lambda cell: cell.day)[tomorrow].messages == 2
    assert found.where(intent="coupon").total().messages == 1


def test_a_conversation_that_began_before_counts_with_its_messages_only(book: LogBook) -> None:
    opened = book.write(NOON - 2 * DAY)
    book.write(NOON, within=opened)
    total = counted(book).total()
    assert (total.messages, total.conversations) == (1, 0)


def test_the_time_before_is_as_long_and_ends_at_the_same_time_of_the_day(book: LogBook) -> None:
    midnight = datetime(2026, 11, 14, tzinfo=SHANGHAI)  # the window's first moment
    minute = timedelta(minutes=1)
    for at in (NOON - minute, midnight, midnight - minute, NOON - 7 * DAY - minute, midnight - 7 * DAY):
        book.write(at)
    found = insights(book)
    assert (found.days[0], found.days[-1], len(found.days)) == (date(2026, 11, 14), date(2026, 11, 20), 7)
    assert found.now.total().messages == 2
    assert found.before.total().messages == 2, "what was written between the two times is in neither"
    assert found.is_before_whole


def test_a_log_that_begins_late_is_no_whole_time_to_compare_with(book: LogBook) -> None:
    book.write(NOON - 9 * DAY)
    book.write(NOON)
    assert not insights(book).is_before_whole


def test_an_empty_log_has_no_figures(book: LogBook) -> None:
    found = insights(book)
    assert (found.now.cells, found.before.cells) == ({}, {})
    assert found.now.total() == Counts()
    assert all(shift.distance is None and not shift.is_alert for shift in found.drift.shifts)
    assert all(point is None for course in found.course.values() for point in course)
