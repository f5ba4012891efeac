"""A row that cannot be read, e.g. of a newer version, is a failure of its own conversation only."""

from pathlib import Path

import pytest
from sqlalchemy import update

from agent.conversation_log import ConversationLog, ConversationRow, TurnRow
from knowledge_base.database import Database
from knowledge_base.errors import StorageError


def test_others_are_read_and_written_while_one_conversation_cannot_be_read(tmp_path: Path) -> None:
    log, other = ConversationLog(Database(f"sqlite:///{tmp_path}/frontdesk.db")), Database(f"sqlite:///{tmp_path}/frontdesk.db")
    damaged, sound = log.start("ann").id, log.start("lin").id
    for message in ("one", "two"):
        log.add_message(damaged, message)
    with other.transaction() as connection:
        connection.execute(update(TurnRow).values(reply={"of": "a newer version"}))
    with pytest.raises(StorageError, match="cannot be read") as held:  # as a log may hold it, with all that it went through
        log.turns(damaged)
    with other.transaction() as connection:
        connection.execute(update(ConversationRow).where(ConversationRow.id == sound).values(title="new"))
    found = log.find("lin", sound)
    assert found is not None
    assert found.title == "new"
    log.add_message(sound, "hello")
    assert [turn.message for turn in log.turns(sound)] == ["hello"]
    assert "newer version" not in str(held.value), "what is stored stays out of the log"
