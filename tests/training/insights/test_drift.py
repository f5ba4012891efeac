"""An alert is raised when customers' messages move, and not by chance."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from agent.data_directory import BASE_RELEASE
from agent.release import read_release
from tests.training.insights.log_book import LogBook
from tests.training.insights.simulated import INTENTS, message, simulated_week
from training.commands.train import STARTER
from training.insights.drift import Shift, shifts, stability_index
from training.insights.profile import Dimension, Sample, TrafficProfile
from training.insights.report import COURSE, present_drift, profile_of, read_insights

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
CUSTOMERS = 150  # a week
ZONE = ZoneInfo("Asia/Shanghai")


def judged(seed: int, customers: float = CUSTOMERS, **moved: Any) -> list[Shift]:
    """A simulated week after four others."""
    chance = np.random.default_rng(seed)
    before = Sample.together([simulated_week(chance, customers) for _ in range(4)])
    return shifts(simulated_week(chance, customers, **moved), before, None)


def alerts(found: list[Shift]) -> set[Dimension]:
    return {shift.dimension for shift in found if shift.is_alert}


@pytest.mark.parametrize("customers", [20, 50])
def test_unmoved_traffic_hardly_ever_raises_an_alert(customers: int) -> None:
    raised = sum(bool(alerts(judged(seed, customers))) for seed in range(200))
    assert raised <= 10, "2 of 100 are meant"


@pytest.mark.parametrize(
    ("moved", "dimension"),
    [
        ({"chinese": 0.6}, Dimension.LANGUAGES),
        ({"campaign": 0.3}, Dimension.INTENTS),
        ({"sureness": 3.0}, Dimension.CONFIDENCE),
        ({"out_of_scope": 0.25}, Dimension.OUT_OF_SCOPE),
    ],
)
def test_what_moves_is_told(moved: dict[str, float], dimension: Dimension) -> None:
    raised = [alerts(judged(seed, **moved)) for seed in range(20)]
    assert sum(dimension in one for one in raised) >= 19


def test_the_categories_that_moved_are_named() -> None:
    found = {shift.dimension: shift for shift in judged(0, chinese=0.6, campaign=0.3)}
    languages, intents = found[Dimension.LANGUAGES].distance, found[Dimension.INTENTS].distance
    assert languages
    assert intents
    assert languages.movers[0].category == "zh"
    assert languages.movers[0].before == pytest.approx(0.3, abs=0.06)
    assert languages.movers[0].now == pytest.approx(0.6, abs=0.1)
    assert intents.movers[0].category == INTENTS[20]


def test_one_conversation_that_goes_on_and_on_is_no_move() -> None:
    chance = np.random.default_rng(1)
    before = Sample.together([simulated_week(chance, 50) for _ in range(4)])
    now = simulated_week(chance, 50)
    for _ in range(300):
        now.add(message("one", "zh", INTENTS[25], 0.35))
    found = shifts(now, before, None)
    far = {shift.dimension: shift.distance.psi for shift in found if shift.distance}
    assert min(far[Dimension.LANGUAGES], far[Dimension.INTENTS], far[Dimension.CONFIDENCE]) > 0.1
    assert alerts(found) == set()


def test_a_handful_of_messages_raises_no_alert() -> None:
    before = simulated_week(np.random.default_rng(1), 200)
    now = Sample()
    for conversation in "abcdefghi":
        now.add(message(conversation, "zh", INTENTS[25], 0.35))
    assert alerts(shifts(now, before, as_training(before))) == set()
    now.add(message("j", "zh", INTENTS[25], 0.35))
    assert Dimension.LANGUAGES in alerts(shifts(now, before, None))


def test_the_same_messages_are_judged_alike() -> None:
    assert judged(3) == judged(3)


def test_nothing_is_compared_with_nothing() -> None:
    week = simulated_week(np.random.default_rng(1), 20)
    for now, before in ((Sample(), week), (week, Sample()), (Sample(), Sample())):
        assert [shift.distance for shift in shifts(now, before, None)] == [None] * len(Dimension)


def test_unread_messages_do_not_count() -> None:
    sample = Sample()
    sample.add(message("a", confidence=None))
    assert sample.profile().size == 0


# --- the training data ---


def as_training(sample: Sample) -> TrafficProfile:
    profile = sample.profile()
    return TrafficProfile(profile.counts, 2000)


def test_training_data_stand_in_only_where_there_is_too_little_before() -> None:
    chance = np.random.default_rng(5)
    training = as_training(simulated_week(chance, 1000, chinese=0.9))
    now = simulated_week(chance, CUSTOMERS)
    first, *_ = (found for found in shifts(now, simulated_week(chance, 10), training) if found.dimension is Dimension.LANGUAGES)
    assert (first.against_training, first.is_alert) == (True, True)
    assert first.distance == first.to_training
    later, *_ = (found for found in shifts(now, simulated_week(chance, 600), training) if found.dimension is Dimension.LANGUAGES)
    assert (later.against_training, later.is_alert) == (False, False)
    assert later.to_training == first.to_training


def test_traffic_that_is_like_the_training_data_is_near_to_it() -> None:
    chance = np.random.default_rng(6)
    training = as_training(simulated_week(chance, 3000))
    raised = 0
    for customers in (10, 30, 100):
        for _ in range(20):
            raised += bool(alerts(shifts(simulated_week(chance, customers), Sample(), training)))
    assert raised <= 3


def test_the_shipped_release_knows_its_training_data() -> None:
    release = read_release(STARTER / "release")
    profile = profile_of(release)
    assert profile
    assert TrafficProfile.from_dict(profile.to_dict()) == profile
    examples = release.lineage["examples"]
    assert sum(profile.counts[Dimension.LANGUAGES].values()) == sum(examples.values())
    assert set(profile.counts[Dimension.INTENTS]) == {*release.intents, "oos"}
    assert sum(profile.counts[Dimension.CONFIDENCE].values()) == profile.size == sum(profile.counts[Dimension.OUT_OF_SCOPE].values())
    assert profile.counts[Dimension.CONFIDENCE]["0.9"] > 0.8 * profile.size
    assert profile_of(read_release(BASE_RELEASE)) is None


# --- the index ---


def test_the_index_is_what_it_is_by_hand() -> None:
    many = 10**7  # so that half a message more does not matter
    now, before = np.array([0.5, 0.5]) * many, np.array([0.25, 0.75]) * many
    assert stability_index(now, before) == pytest.approx(0.25 * np.log(2) - 0.25 * np.log(2 / 3), abs=1e-5)
    assert stability_index(now, before) == pytest.approx(float(stability_index(before, now)))
    assert stability_index(now, now / 10) == pytest.approx(0, abs=1e-5)
    assert np.isfinite(stability_index(np.array([10.0, 0.0]), np.array([0.0, 10.0])))


# --- in a log ---


def test_a_move_in_the_log_is_found(book: LogBook) -> None:
    for hour in range(0, 28 * 24, 12):
        book.write(NOW - timedelta(days=7, hours=hour + 1), language="zh" if hour % 48 == 0 else "en")
    for hour in range(0, 7 * 24, 6):
        book.write(NOW - timedelta(hours=hour + 1), language="zh")
    drift = present_drift(book.log.database, NOW, None)
    assert alerts(list(drift.shifts)) == {Dimension.LANGUAGES}
    assert not drift.other_releases
    found = read_insights(book.log.database, 7, NOW, ZONE, None)
    assert found.drift == drift
    course = found.course[Dimension.LANGUAGES]
    assert len(course) == COURSE
    assert course[-1]
    assert course[-1].psi > 0.3
    assert course[-1] in [shift.distance for shift in drift.shifts]
    assert [point.psi < 0.1 for point in course[-4:-1] if point] == [True] * 3
    assert course[0] is None


def test_another_release_before_is_told(book: LogBook) -> None:
    book.write(NOW - timedelta(days=9), release="release-0")
    book.write(NOW - timedelta(days=1))
    assert present_drift(book.log.database, NOW, None).other_releases
