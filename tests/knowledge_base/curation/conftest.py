"""A curation on an empty database, of each kind, and an entry in two languages."""

from collections.abc import Iterator

import pytest

from knowledge_base.curation.curation import Curation
from knowledge_base.database import Database


@pytest.fixture
def curation(database_url: str) -> Iterator[Curation]:
    database = Database(database_url)
    yield Curation(database)
    database.close()
