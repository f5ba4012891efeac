"""All that the insights page shows, read from the log in one go."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agent.release import Release
from knowledge_base.database import Database
from training.insights.counting import Traffic, TrafficCounter
from training.insights.drift import BEFORE, WEEK, Distance, Shift, from_earlier, shifts
from training.insights.profile import Dimension, Sample, TrafficProfile
from training.insights.traffic import Message, handed_over, read_messages

COURSE = 8  # weeks
ROUGHLY = 200  # simulations for a point of the course, which is only looked at


@dataclass(frozen=True)
class Drift:
    """How the last seven days stand against what came before.

    Attributes:
        shifts: one for each dimension.
        other_releases: whether other releases read the messages before: predictions may have moved because the model did.
    """

    shifts: tuple[Shift, ...]
    other_releases: bool


@dataclass(frozen=True)
class Insights:
    """What the log tells.

    Attributes:
        days: the shop's days that `now` has, oldest first.
        now: the traffic of these days.
        before: that of as many days before, until the same time of the day.
        is_before_whole: whether the log has all of this time: it may have begun later, or erased what is old.
        drift: of the last seven days.
        course: how far each of the last weeks was from the four before it, oldest first, by dimension; None where there were no messages.
    """

    days: tuple[date, ...]
    now: Traffic
    before: Traffic
    is_before_whole: bool
    drift: Drift
    course: Mapping[Dimension, Sequence[Distance | None]]


def read_insights(database: Database, days: int, now: datetime, timezone: ZoneInfo, training: TrafficProfile | None) -> Insights:
    """Read the log, page by page, for the insights page.

    Args:
        database: where the log is.
        days: how many, with today.
        now: the moment.
        timezone: whose days.
        training: the training data's profile, None where the release in service has none.
    """
    today = now.astimezone(timezone).date()
    window = tuple(today - timedelta(days=ago) for ago in reversed(range(days)))
    start, length = datetime.combine(window[0], time(), timezone).astimezone(UTC), timedelta(days=days)  # SQLite knows UTC only
    since = min(start - length, now - (COURSE + BEFORE) * WEEK)
    to_person = handed_over(database, since)
    counter = TrafficCounter(start, now, timezone, to_person)
    counter_before = TrafficCounter(start - length, now - length, timezone, to_person)
    weeks = _Weeks(now, COURSE + BEFORE)
    first = now
    for message in read_messages(database, since):
        first = min(first, message.at)
        for one in (counter, counter_before, weeks):
            one.add(message)
    is_whole = first < start - length + timedelta(days=1)
    drift, course = weeks.drift(training), weeks.course()
    for shift in drift.shifts:
        if not shift.against_training:  # the last point is not judged twice, once roughly
            course[shift.dimension][-1] = shift.distance
    return Insights(window, counter.traffic(), counter_before.traffic(), is_whole, drift, course)


def present_drift(database: Database, now: datetime, training: TrafficProfile | None) -> Drift:
    """Read only what the alert needs; arguments as in `read_insights`."""
    weeks = _Weeks(now, 1 + BEFORE)
    for message in read_messages(database, now - (1 + BEFORE) * WEEK):
        weeks.add(message)
    return weeks.drift(training)


def profile_of(release: Release) -> TrafficProfile | None:
    """The profile of a release's training data; None where it has no classifier, or was made before there were profiles."""
    document = release.lineage.get("profile")
    return TrafficProfile.from_dict(document) if document else None


class _Weeks:
    """The messages of the last weeks, newest week first."""

    def __init__(self, now: datetime, number: int) -> None:
        self.now = now
        self.samples = [Sample() for _ in range(number)]

    def add(self, message: Message) -> None:
        place = (self.now - message.at) // WEEK
        if 0 <= place < len(self.samples):
            self.samples[place].add(message)

    def before(self, place: int) -> Sample:
        return Sample.together(self.samples[place + 1 : place + 1 + BEFORE])

    def drift(self, training: TrafficProfile | None) -> Drift:
        last, before = self.samples[0], self.before(0)
        other = before.releases.keys() - last.releases.keys()
        return Drift(tuple(shifts(last, before, training)), bool(other and last.releases))

    def course(self) -> dict[Dimension, list[Distance | None]]:
        weeks = [from_earlier(self.samples[place], self.before(place), ROUGHLY) for place in reversed(range(COURSE))]
        return {dimension: [week[dimension] for week in weeks] for dimension in Dimension}
