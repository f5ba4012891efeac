"""A shop with a log of five weeks, and people of every role."""

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete

from agent.conversation import RouteKind
from agent.conversation_log import ConversationRow
from tests.training.insights.log_book import LogBook
from tests.ui.staffing import ATTACK, House, open_house
from ui.access.roles import Role

PEOPLE = {"vera": Role.VIEWER, "lin": Role.AGENT, "cara": Role.CURATOR, "tara": Role.TRAINER, "boss": Role.ADMIN}


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory, untouched_shop: Path) -> Iterator[House]:
    directory = tmp_path_factory.mktemp("insights") / "data"
    shutil.copytree(untouched_shop, directory, symlinks=True)
    with open_house(directory, PEOPLE) as house:
        yield house


@pytest.fixture
def book(house: House) -> LogBook:
    """Of the house's log, which is empty."""
    with house.agent.log.database.transaction() as connection:
        connection.execute(delete(ConversationRow))
    return LogBook(house.agent.log)


@pytest.fixture
def filled(book: LogBook) -> LogBook:
    """Four weeks of mostly English, then a week of mostly Chinese: 56 and 28 conversations, one with a strange intent."""
    now = datetime.now(UTC)
    for place in range(56):
        book.write(
            now - timedelta(days=7.5 + place / 2), language="zh" if place % 5 == 0 else "en", feedback=-1 if place % 4 == 0 else None
        )
    for place in range(28):
        at = now - timedelta(minutes=1, days=place / 4)
        book.write(
            at,
            language="en" if place % 7 == 1 else "zh",
            intent=ATTACK if place == 5 else "coupon" if place % 7 == 2 else "track_order",
            feedback=1 if place % 2 else None,
            is_rejected=place % 7 == 0,
            route=RouteKind.DECLINE if place % 7 == 0 else RouteKind.ANSWER,
        )
    return book
