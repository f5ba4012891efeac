"""The database is migrated when it is opened, loses nothing under load, and says what is wrong."""

import os
import traceback
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import alembic.autogenerate
import alembic.command
import alembic.config
import pytest
from alembic.runtime.migration import MigrationContext
from sqlalchemy import insert, select, text, update

from agent import conversation_log
from knowledge_base.curation.curation import Curation
from knowledge_base.curation.listing import EntryList, Filter
from knowledge_base.curation.version import State
from knowledge_base.database import MIGRATIONS, Database, Table
from knowledge_base.errors import SettingsError, StorageError
from knowledge_base.repository import FAQRepository
from knowledge_base.tables import EntryRow
from ui.access import tables  # noqa: F401 - likewise

ENTRY = {"id": "hours", "category": "", "intent": None, "version": 0, "updated_at": datetime(2026, 1, 1, tzinfo=UTC)}


def url(folder: Path) -> str:
    return f"sqlite:///{folder}/frontdesk.db"


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


def test_the_migrations_make_exactly_the_models_tables(database: Database) -> None:
    with database.transaction() as connection:
        assert alembic.autogenerate.compare_metadata(MigrationContext.configure(connection), Table.metadata) == []


def test_what_is_committed_is_there_when_it_is_opened_again(database: Database, database_url: str) -> None:
    with database.transaction() as connection:
        connection.execute(insert(EntryRow).values(**ENTRY))
    database.close()
    again = Database(database_url)
    with again.reading() as connection:
        row = connection.execute(select(EntryRow.id, EntryRow.updated_at)).one()
        assert (row.id, row.updated_at) == ("hours", ENTRY["updated_at"])
        if again.is_local:
            assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"
    again.close()


def test_moments_are_compared_whatever_zone_they_are_named_in(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute(insert(EntryRow).values(**ENTRY))
        later = datetime(2026, 1, 1, 7, tzinfo=timezone(timedelta(hours=8)))  # an hour before midnight in UTC
        query = select(EntryRow.id).where(EntryRow.updated_at >= later)
        assert connection.execute(query).scalars().all() == ["hours"]
        assert connection.execute(query.where(EntryRow.updated_at < later)).scalars().all() == []
        connection.execute(update(EntryRow).values(updated_at=later))
        assert connection.execute(select(EntryRow.updated_at)).scalar_one() == later


def test_an_exception_undoes_the_whole_transaction(database: Database) -> None:
    def store_and_fail() -> None:
        with database.transaction() as connection:
            connection.execute(insert(EntryRow).values(**ENTRY))
            raise LookupError

    with pytest.raises(LookupError):
        store_and_fail()
    with database.reading() as connection:
        assert connection.execute(select(EntryRow.id)).all() == []


def test_what_the_database_refuses_is_a_storage_error(database: Database) -> None:
    def store_twice() -> None:
        with database.transaction() as connection:
            connection.execute(insert(EntryRow).values(**ENTRY))
            connection.execute(insert(EntryRow).values(**ENTRY))

    with pytest.raises(StorageError, match=r"refused: (?:UNIQUE constraint failed|duplicate key value)"):
        store_twice()


def test_concurrent_transactions_lose_nothing(database: Database, database_url: str) -> None:
    with database.transaction() as connection:
        connection.execute(insert(EntryRow).values(**ENTRY))

    def count_up(own: Database) -> None:
        for _ in range(50):
            with own.transaction() as connection:
                version = connection.execute(select(EntryRow.version)).scalar_one()
                connection.execute(update(EntryRow).values(version=version + 1))

    other = Database(database_url)  # as another process would
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(count_up, [database, database, other, other]))
    with database.reading() as connection:
        assert connection.execute(select(EntryRow.version)).scalar_one() == 200


def test_a_reader_keeps_its_view_and_no_writer_waiting(database: Database, database_url: str) -> None:
    with database.reading() as connection:
        assert connection.execute(select(EntryRow.id)).all() == []
        with Database(database_url).transaction() as writing:
            writing.execute(insert(EntryRow).values(**ENTRY))
        assert connection.execute(select(EntryRow.id)).all() == []


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"gone/frontdesk\.db refused: unable to open database file\. Check free space and permissions"):
        Database(url(tmp_path / "gone"))


def test_a_folder_that_may_not_be_written_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    folder = Path("/proc/self") if os.geteuid() == 0 else tmp_path  # root may write everywhere else
    with pytest.raises(StorageError, match=r"frontdesk\.db refused: .*Check free space and permissions"):
        Database(url(folder))


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    file = tmp_path / "frontdesk.db"
    file.write_bytes(b"a letter to the customer " * 100)
    with pytest.raises(StorageError, match="refused: file is not a database"):
        Database(url(tmp_path))
    assert file.read_bytes() == b"a letter to the customer " * 100


def test_a_database_of_a_newer_version_is_refused(database: Database, database_url: str) -> None:
    with database.transaction() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StorageError, match=r"is of another Frontdesk version: .*9999"):
        Database(database_url)


@pytest.mark.parametrize("wrong", ["mysql://host/name", "no url", "postgresql+nothing://host/name"])
def test_what_is_no_database_url_is_refused(wrong: str) -> None:
    with pytest.raises(SettingsError, match="FRONTDESK_DATABASE_URL"):
        Database(wrong)


def test_a_server_that_is_not_there_is_named_without_its_password() -> None:
    with pytest.raises(StorageError, match=r"127\.0\.0\.1:9/name refused: .*Check that the server runs") as error:
        Database("postgresql://user:s3cret@127.0.0.1:9/name")
    assert "s3cret" not in str(error.value)


def test_ids_of_erased_rows_are_not_given_out_again(database: Database) -> None:
    log = conversation_log.ConversationLog(database)
    first = log.add_message(log.start("ann").id, "hello")
    log.erase("ann")
    assert log.add_message(log.start("lin").id, "hello") > first


def test_a_refused_row_is_not_repeated(database: Database) -> None:
    def store_twice() -> None:
        with database.transaction() as connection:
            for _ in range(2):
                connection.execute(insert(EntryRow).values(**ENTRY | {"category": "a customer's words"}))

    with pytest.raises(StorageError) as refused:
        store_twice()
    assert "a customer's words" not in "".join(traceback.format_exception(refused.value))


def test_entries_of_an_older_version_are_published_and_have_a_history(database: Database) -> None:
    config = alembic.config.Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    with database.transaction() as connection:
        config.attributes["connection"] = connection
        alembic.command.downgrade(config, "0004")
        connection.execute(text("INSERT INTO entries VALUES ('hours', 'service', NULL, 4, '2026-11-01 10:00:00')"))
        connection.execute(text("INSERT INTO entry_variants VALUES ('hours', 'zh', '[\"几点开门？\"]', '每天。')"))
        alembic.command.upgrade(config, "head")
    (version,) = Curation(database).history("hours")
    assert FAQRepository(database).get(["hours"]) == {"hours": version.entry}
    assert (version.number, version.state, version.entry.category) == (4, State.PUBLISHED, "service")
    assert EntryList(database).page(Filter("几点", language="zh")).total == 1
