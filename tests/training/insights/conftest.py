"""A log to write into."""

from collections.abc import Iterator

import pytest

from agent.conversation_log import ConversationLog
from knowledge_base.database import Database
from tests.training.insights.log_book import LogBook


@pytest.fixture
def book(database_url: str) -> Iterator[LogBook]:
    """Of an empty log, in a database of each kind."""
    database = Database(database_url)
    yield LogBook(ConversationLog(database))
    database.close()
