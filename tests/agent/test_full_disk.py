"""A full disk: every command says so, nothing half-made is left, and all goes on when there is space again."""

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from agent import commands
from agent.agent import CustomerServiceAgent
from agent.assembly import open_agent
from agent.conversation import Conversation
from agent.data_directory import DataDirectory
from agent.settings import Settings
from knowledge_base.errors import FrontdeskError, StorageError


def space(folder: Path, megabytes: int) -> None:
    """Give the small disk another size."""
    subprocess.run(["mount", "-o", f"remount,size={megabytes}m", folder], check=True)


def fill(ballast: Path) -> None:
    """Leave no space."""
    with ballast.open("wb", buffering=0) as file, suppress(OSError):
        while True:
            file.write(b"x" * 4096)


def write_much(agent: CustomerServiceAgent, conversation: Conversation) -> None:
    """More than the log's file has room left for."""
    for _ in range(200):
        agent.reply(conversation, "can I pay by card? " * 100)


def test_making_a_data_directory(small_disk: Path, model_cache: Path) -> None:
    folder = small_disk / "data"
    settings = Settings(data_dir=folder)
    for megabytes, said in ((1, "cannot be written"), (13, "could not be built")):
        space(small_disk, megabytes)
        with pytest.raises(StorageError, match=said) as caught:
            commands.init(settings, folder, starter=True, cache=model_cache)
        assert "space" in str(caught.value)
        assert not list((folder / "releases").glob(".*")), "a part of a release was left"
    space(small_disk, 40)
    agent = open_agent(settings)
    assert agent.ask("how do I return something?").sources
    agent.retriever.index.close()


def test_converting_a_model(small_disk: Path) -> None:
    space(small_disk, 20)
    folder = small_disk / "data"
    DataDirectory(folder).create()
    with pytest.raises(StorageError, match="No space left"):
        open_agent(Settings(data_dir=folder))
    assert list((folder / "cache").iterdir()) == []


def test_a_disk_that_fills_up_while_customers_write(small_disk: Path, model_cache: Path) -> None:
    space(small_disk, 40)
    folder = small_disk / "data"
    commands.init(Settings(data_dir=folder), folder, starter=True, cache=model_cache)
    agent = open_agent(Settings(data_dir=folder), service=True)
    conversation = agent.log.start("customer")
    assert agent.reply(conversation, "how long does delivery take?").reply
    fill(small_disk / "ballast")
    with pytest.raises(FrontdeskError, match="space"):
        write_much(agent, conversation)
    known = agent.log.turns(conversation.id)
    assert len(known) >= 1
    (small_disk / "ballast").unlink()
    assert agent.reply(conversation, "can I pay by card?").reply
    assert len(agent.log.turns(conversation.id)) == len(known) + 1
    agent.retriever.index.close()
