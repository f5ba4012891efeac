"""A shop whose messages are reviewed, and people who review them."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import delete

from agent.conversation_log import ConversationRow
from tests.ui.review.reviewing import queue_of
from tests.ui.staffing import House, open_house
from training.review.queue import ReviewQueue
from training.review.tables import AcceptedIntentRow, ReviewItemRow
from ui.access.roles import Role

PEOPLE = {"tara": Role.TRAINER, "wei": Role.TRAINER, "boss": Role.ADMIN, "cara": Role.CURATOR, "vera": Role.VIEWER}


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory, untouched_shop: Path) -> Iterator[House]:
    directory = Path(shutil.copytree(untouched_shop, tmp_path_factory.mktemp("reviewed") / "data", symlinks=True))
    with open_house(directory, PEOPLE) as house:
        yield house


@pytest.fixture
def queue(house: House) -> ReviewQueue:
    """The messages in review; there are none, and nothing is in the log."""
    queue = queue_of(house)
    with queue.database.transaction() as connection:
        for table in (ReviewItemRow, AcceptedIntentRow, ConversationRow):
            connection.execute(delete(table))
    return queue
