"""A backup taken while it serves, restored into either database."""

import io
import tarfile
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from agent.backup import back_up, restore
from agent.conversation_log import ConversationLog, ConversationRow, TurnRow
from agent.data_directory import DataDirectory
from agent.handover.desk import Desk
from agent.handover.rules import HandOverReason
from knowledge_base.database import Database
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.errors import StorageError
from knowledge_base.repository import FAQRepository

ENTRY = FAQEntry("hours", {"zh": EntryVariant("zh", ("几点营业？",), "九点到五点。")}, "service", None)


@pytest.fixture
def directory(tmp_path: Path, database_url: str) -> DataDirectory:
    """A data directory with an entry and a conversation."""
    directory = DataDirectory(tmp_path / "shop", database_url)
    directory.create()
    database = Database(database_url)
    FAQRepository(database).put([ENTRY])
    log = ConversationLog(database)
    conversation = log.start("somebody")
    log.add_message(conversation.id, "hello 你好")
    Desk(database).queue(conversation.id, HandOverReason.ASKED)
    database.close()
    return directory


def test_a_backup_restores_what_was_there(directory: DataDirectory, tmp_path: Path) -> None:
    rows: list[int] = []
    count = back_up(directory, tmp_path / "backup.tar.gz", rows.append)
    assert sum(rows) == count
    assert (tmp_path / "backup.tar.gz").stat().st_mode & 0o777 == 0o600
    target = DataDirectory(tmp_path / "restored")
    assert restore(tmp_path / "backup.tar.gz", target) == count
    target.require()
    assert target.current() == directory.current()
    assert target.pseudonym_key() == directory.pseudonym_key()
    before, after = Database(directory.database_url), Database(target.database_url)
    assert FAQRepository(after).all() == FAQRepository(before).all() == [ENTRY]
    (waiting,) = Desk(after).handed_over()
    assert [waiting] == Desk(before).handed_over()
    log = ConversationLog(after)
    assert log.turns(waiting.conversation_id) == ConversationLog(before).turns(waiting.conversation_id)
    assert log.add_message(waiting.conversation_id, "goes on") > log.turns(waiting.conversation_id)[0].id
    before.close()
    after.close()


def test_a_backup_moves_to_postgresql(tmp_path: Path, database_url: str) -> None:
    source = DataDirectory(tmp_path / "source")
    source.create()
    database = Database(source.database_url)
    log = ConversationLog(database)
    first = log.add_message(log.start("somebody").id, "hello")
    database.close()
    back_up(source, tmp_path / "backup.tar.gz")
    target = DataDirectory(tmp_path / "target", database_url)
    restore(tmp_path / "backup.tar.gz", target)
    moved = Database(database_url)
    (conversation,) = ConversationLog(moved).conversations("somebody")
    assert ConversationLog(moved).add_message(conversation.id, "again") > first
    moved.close()
    with pytest.raises(StorageError, match="database is not empty" if "postgresql" in database_url else "."):
        restore(tmp_path / "backup.tar.gz", DataDirectory(tmp_path / "another", database_url))


def test_a_backup_under_writing_fits_together(directory: DataDirectory, tmp_path: Path) -> None:
    database, stop = Database(directory.database_url), threading.Event()
    log = ConversationLog(database)

    def write() -> None:
        while not stop.is_set():
            log.add_message(log.start("busy").id, "hello")

    threads = [threading.Thread(target=write) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        back_up(directory, tmp_path / "backup.tar.gz")
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    database.close()
    target = DataDirectory(tmp_path / "restored")
    restore(tmp_path / "backup.tar.gz", target)
    restored = Database(target.database_url)
    log = ConversationLog(restored)
    conversations = log.conversations("busy", 100_000)
    assert all([turn.message for turn in log.turns(conversation.id)] == ["hello"] for conversation in conversations)
    with restored.reading() as connection:
        orphans = select(TurnRow.id).where(TurnRow.conversation_id.not_in(select(ConversationRow.id)))
        assert connection.execute(orphans).all() == []
    restored.close()


def test_what_cannot_be_restored_leaves_nothing(directory: DataDirectory, tmp_path: Path) -> None:
    file = tmp_path / "backup.tar.gz"
    back_up(directory, file)
    with pytest.raises(StorageError, match="exists already"):
        back_up(directory, file)
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "letter.txt").write_text("hello")
    with pytest.raises(StorageError, match="is not empty"):
        restore(file, DataDirectory(tmp_path / "full"))
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    with tarfile.open(tmp_path / "evil.tar.gz", "w:gz") as archive:
        info = tarfile.TarInfo("files/../../escaped.txt")
        archive.addfile(info, io.BytesIO())
    for damaged in (cut, tmp_path / "evil.tar.gz", tmp_path / "missing.tar.gz"):
        with pytest.raises(StorageError, match="cannot be restored"):
            restore(damaged, DataDirectory(tmp_path / "new"))
        assert not (tmp_path / "new").exists()
    assert not (tmp_path / "escaped.txt").exists()
