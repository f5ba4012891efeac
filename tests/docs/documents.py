"""The documents for people, and the commands in them."""

import re
import shlex
from pathlib import Path

from tests.conftest import ROOT

DOCUMENTS = [ROOT / "README.md", ROOT / "README.zh.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SETTING = re.compile(r"[A-Z][A-Z0-9_]*=.*", re.DOTALL)


def name_of(document: Path) -> str:
    """A document's path from the project's folder."""
    return str(document.relative_to(ROOT))


def blocks(document: Path, language: str) -> list[str]:
    """The code of a document that is in a language."""
    return [found[2] for found in BLOCK.finditer(document.read_text(encoding="utf-8")) if found[1] == language]


def commands(document: Path) -> list[str]:
    """The commands of a document, each as one line of bash without its comment."""
    lines = [line for block in blocks(document, "bash") for line in block.replace("\\\n", " ").splitlines()]
    return [bare for line in lines if (bare := re.sub(r"(^|\s)#.*$", "", line).strip())]


def named_in_text(document: Path) -> list[str]:
    """The commands that a document's sentences name, each alternative (``export|erase``) by itself."""
    text = BLOCK.sub("", document.read_text(encoding="utf-8"))
    found = re.findall(r"`(?:\.venv/bin/)?(python -m (?:agent|knowledge_base|training|ui)\b[^`]*)`", text)
    return [one for command in found if "..." not in command for one in alternatives(" ".join(command.split()))]


def alternatives(command: str) -> list[str]:
    """A command with each of the words that ``|`` divides."""
    head, several, tail = [*re.split(r"(\S+\|\S+)", command, maxsplit=1), "", ""][:3]
    return [f"{head}{word}{tail}" for word in several.split("|")]


def words_of(command: str) -> list[str]:
    """A command's words, without the settings in front of it and the ``&`` behind it."""
    words = shlex.split(command)
    while words and SETTING.fullmatch(words[0]):
        words = words[1:]
    return words[:-1] if words and words[-1] == "&" else words
