"""Monitors and the log are told when customers' messages move."""

import logging
import math
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from agent.agent import CustomerServiceAgent
from agent.conversation_log import ConversationLog
from knowledge_base.database import Database
from tests.training.insights.log_book import LogBook
from training.insights.monitor import DriftMonitor

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Clock:
    """Tells the time that a test sets."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def agent(starter_agent: CustomerServiceAgent, clock: Clock, tmp_path: Path) -> Iterator[CustomerServiceAgent]:
    """The demonstration shop with a log of its own, in which customers began to write Chinese."""
    a, log = starter_agent, ConversationLog(Database(f"sqlite:///{tmp_path}/log.db"))
    book = LogBook(log)
    for hour in range(0, 28 * 24, 12):
        book.write(NOW - timedelta(days=7, hours=hour + 1), language="zh" if hour % 60 == 0 else "en", release=a.release.id)
    for hour in range(0, 7 * 24, 6):
        book.write(NOW - timedelta(hours=hour + 1), language="zh", release=a.release.id)
    yield CustomerServiceAgent(a.release, a.looker.classifier, a.retriever, a.writer.composer, a.masker, log, a.shop, clock=clock)
    log.database.close()


def metric(name: str, dimension: str) -> float:
    value = REGISTRY.get_sample_value(f"frontdesk_drift_{name}", {"dimension": dimension})
    assert value is not None
    return value


def test_an_alert_is_in_the_metrics_and_once_in_the_log(
    agent: CustomerServiceAgent, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    monitor = DriftMonitor(agent)
    with caplog.at_level(logging.WARNING):
        monitor.check()
        clock.now += timedelta(hours=1)
        monitor.check()
    assert (metric("alert", "languages"), metric("alert", "intents"), metric("alert", "confidence")) == (1, 0, 0)
    assert metric("psi", "languages") > 0.5
    assert metric("psi", "intents") < 0.1
    (told,) = caplog.messages
    assert "moved in languages" in told
    assert "zh 21% -> 100%" in told
    assert "where is my parcel" not in told


def test_an_alert_ends_and_begins_anew(agent: CustomerServiceAgent, clock: Clock, caplog: pytest.LogCaptureFixture) -> None:
    monitor = DriftMonitor(agent)
    with caplog.at_level(logging.WARNING):
        monitor.check()
        clock.now += timedelta(days=9)
        monitor.check()
        assert metric("alert", "languages") == 0
        assert math.isnan(metric("psi", "languages")), "nobody wrote"
        clock.now -= timedelta(days=7)
        monitor.check()
    assert len(caplog.messages) == 2
