"""Entries are stored whole, with a version, and with the index task that belongs to each change."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import select

from knowledge_base.database import Database
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.errors import EntryError
from knowledge_base.repository import FAQRepository
from knowledge_base.tables import EntryVariantRow, IndexTaskRow
from tests.knowledge_base.faq_index_shop import archive

HOURS = FAQEntry(
    "hours",
    {"en": EntryVariant("en", ("When are you open?", "hours"), "Every **day**."), "zh": EntryVariant("zh", ("几点开门？",), "每天 🙂")},
    "service",
    "opening_hours",
)
REFUND = FAQEntry("refund", {"en": EntryVariant("en", ("Where is my money?",), "On its way.")})


@pytest.fixture
def repository(database_url: str) -> Iterator[FAQRepository]:
    database = Database(database_url)
    yield FAQRepository(database)
    database.close()


def tasks(repository: FAQRepository) -> list[str]:
    with repository.database.reading() as connection:
        return list(connection.execute(select(IndexTaskRow.entry_id).order_by(IndexTaskRow.id)).scalars())


def test_what_is_put_is_got(repository: FAQRepository) -> None:
    assert repository.put([REFUND, HOURS]) == 2
    assert repository.get(["hours", "unknown"]) == {"hours": HOURS}
    assert repository.get([]) == {}
    assert repository.all() == [HOURS, REFUND]
    assert repository.count() == 2
    assert tasks(repository) == ["refund", "hours"]


def test_only_a_change_counts_and_makes_a_new_version(repository: FAQRepository) -> None:
    repository.put([HOURS, REFUND])
    changed = replace(HOURS, variants={"zh": HOURS.variants["zh"]}, category="")
    assert repository.put([changed, REFUND]) == 1
    assert repository.put([changed, REFUND]) == 0
    assert repository.get(["hours"]) == {"hours": changed}
    assert [(entry.id, entry.version) for entry in repository.all()] == [("hours", 2), ("refund", 1)]
    assert tasks(repository) == ["hours", "refund", "hours"]


def test_the_order_of_languages_is_no_change_but_the_order_of_questions_is(repository: FAQRepository) -> None:
    repository.put([HOURS])
    assert repository.put([replace(HOURS, variants=dict(reversed(list(HOURS.variants.items()))))]) == 0
    english = HOURS.variants["en"]
    turned = replace(english, questions=english.questions[::-1])
    assert repository.put([replace(HOURS, variants={**HOURS.variants, "en": turned})]) == 1


def test_what_is_deleted_is_gone_with_its_variants(repository: FAQRepository) -> None:
    repository.put([HOURS, REFUND])
    archive(repository, "hours")
    assert repository.all() == [REFUND]
    assert tasks(repository) == ["hours", "refund", "hours"]
    with repository.database.reading() as connection:
        assert connection.execute(select(EntryVariantRow.entry_id)).scalars().all() == ["refund"]
    repository.put([HOURS])
    assert repository.get(["hours"])["hours"].version == 3  # a number that replies have cited means one text for ever


def test_a_put_that_fails_stores_nothing(repository: FAQRepository) -> None:
    def breaks_off() -> Iterator[FAQEntry]:
        yield HOURS
        yield replace(REFUND, id="no id")

    with pytest.raises(EntryError):
        repository.put(breaks_off())
    assert repository.all() == []
    assert tasks(repository) == []
