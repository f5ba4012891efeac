"""What documents name is there: files, headings, settings, and commands with their options."""

import argparse
import importlib
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
import yaml

from agent.settings import Settings
from tests.conftest import ROOT
from tests.docs.documents import BLOCK, DOCUMENTS, commands, name_of, named_in_text, words_of

EVERY_COMMAND = [(name_of(one), command) for one in DOCUMENTS for command in dict.fromkeys([*commands(one), *named_in_text(one)])]
OTHER_PROGRAMS = {".venv/bin/chroma", "curl", "echo", "export", "mkdir", "openssl", "vllm"}
PROGRAMS = ("agent", "knowledge_base", "training", "ui")


class Parsed(Exception):  # noqa: N818 - no error
    """The command line was taken."""


@pytest.fixture(autouse=True)
def _only_parse(monkeypatch: pytest.MonkeyPatch) -> None:
    parse = argparse.ArgumentParser.parse_args

    def parse_and_end(self: argparse.ArgumentParser, arguments: list[str] | None = None) -> Any:
        """What the program's own parser says of it, and no more."""
        parse(self, arguments)
        raise Parsed

    monkeypatch.setattr(argparse.ArgumentParser, "parse_args", parse_and_end)


@pytest.mark.parametrize(("document", "command"), EVERY_COMMAND)
def test_every_command_is_one(document: str, command: str) -> None:  # noqa: ARG001 - names the test
    check(words_of(command))


def check(words: list[str]) -> None:
    """That a command can be given as it stands."""
    match words:
        case []:
            pass
        case [".venv/bin/python" | "python", "-m", program, *arguments]:
            assert program in PROGRAMS
            with pytest.raises(Parsed):
                importlib.import_module(f"{program}.__main__").main(arguments)
        case ["make", *arguments]:
            targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
            assert {word for word in arguments if "=" not in word} <= set(targets)
        case ["docker", "compose", *arguments]:
            check_compose(arguments)
        case [program, *_]:
            assert program in OTHER_PROGRAMS


def check_compose(words: list[str]) -> None:
    document = yaml.safe_load((ROOT / "compose.yaml").read_text(encoding="utf-8"))
    match words:
        case ["--profile", profile, *rest]:
            assert any(profile in service.get("profiles", ()) for service in document["services"].values())
            check_compose(rest)
        case ["exec", service, *inside]:
            assert service in document["services"]
            check(inside)
        case ["up" | "logs", *rest]:
            assert {word for word in rest if not word.startswith("--")} <= set(document["services"])
        case _:
            raise AssertionError(words)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_every_link_leads_somewhere(document: Path) -> None:
    text = BLOCK.sub("", document.read_text(encoding="utf-8"))
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith(("http:", "https:", "mailto:")):
            continue
        path, _, anchor = unquote(target).partition("#")
        found = (document.parent / path).resolve() if path else document
        assert found.exists(), target
        assert not anchor or anchor in anchors(found), target


def anchors(document: Path) -> set[str]:
    """The names of a document's headings, as hosts of Markdown make them."""
    headings = re.findall(r"^#+ (.+)$", BLOCK.sub("", document.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_every_document_is_in_the_table_of_contents() -> None:
    contents = ROOT / "docs" / "README.md"
    named = {(contents.parent / target).resolve() for target in re.findall(r"\]\(([^)#\s]+\.md)\)", contents.read_text(encoding="utf-8"))}
    assert set(DOCUMENTS) - {contents, ROOT / "README.md"} <= named


def test_every_setting_is_in_the_reference_and_no_other() -> None:
    text = (ROOT / "docs" / "reference" / "settings.md").read_text(encoding="utf-8")
    first = [row.split("|")[1] for row in text.splitlines() if row.startswith("| `")]
    assert sorted(name for cell in first for name in re.findall(r"`FRONTDESK_(\w+)`", cell)) == sorted(
        map(str.upper, Settings.model_fields)
    )


def test_every_command_is_in_the_reference_and_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    tables = re.findall(r"^\| `(\w+)` \|.*\n((?:\|.*\n)+)", (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert {program for program, _ in tables} == set(PROGRAMS)
    for program, rows in tables:
        named = {words.split()[0] for row in rows.splitlines() for words in re.findall(r"`([^`]+)`", row.replace("\\|", " ").split("|")[1])}
        seen: list[argparse.ArgumentParser] = []

        def note(self: argparse.ArgumentParser, _arguments: list[str] | None = None, seen: list[Any] = seen) -> None:
            """The program's parser itself."""
            seen.append(self)
            raise Parsed

        monkeypatch.setattr(argparse.ArgumentParser, "parse_args", note)
        with pytest.raises(Parsed):
            importlib.import_module(f"{program}.__main__").main([])
        (choices,) = [action.choices for action in seen[0]._actions if isinstance(action, argparse._SubParsersAction)]
        assert named == set(choices)


def test_both_readmes_have_the_same_code() -> None:
    english, chinese = (
        [
            (kind, re.sub(r"(^|\s)#.*$", "", code, flags=re.MULTILINE) if kind == "bash" else code)
            for kind, code in BLOCK.findall(readme.read_text(encoding="utf-8"))
        ]
        for readme in DOCUMENTS[:2]
    )
    assert chinese == english


def test_both_readmes_have_the_same_sections_and_figures() -> None:
    english, chinese = (BLOCK.sub("", readme.read_text(encoding="utf-8")) for readme in DOCUMENTS[:2])
    levels = [re.findall(r"^(#+) ", text, re.MULTILINE) for text in (english, chinese)]
    assert levels[0] == levels[1]
    rows = [[re.findall(r"\d+(?:\.\d+)?", row) for row in re.findall(r"^\|.*%.*\|$", text, re.MULTILINE)] for text in (english, chinese)]
    assert rows[0] == rows[1]
