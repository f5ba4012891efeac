"""Replies as a small model learns them: a plain opening, and nothing that the check would refuse."""

import json
from pathlib import Path

import pytest

from agent.errors import DatasetError
from agent.grounding.courtesy import only_courtesy
from agent.grounding.pair_classifier import SETTINGS_FILE, SHIPPED
from agent.prompting import Article, Depth
from agent.sentences import sentences
from training.commands.composing import OPENINGS
from training.composing.data import Example
from training.composing.openings import read_openings, with_openings

ARTICLE = Article("Where is my cup?", ("Look in My orders.", "It takes 3 days."))
VOCABULARY = {"en": {"sorry", "about", "the", "to", "your", "as", "for", "and", "that"}}


def example(reply: str, message: str = "my cup is late, and my box?", depth: Depth = Depth.WOVEN) -> Example:
    return Example(depth, "en", (ARTICLE,), message, (), reply, ("cup",), "shop")


def replies(examples: list[Example], openings: dict[str, str]) -> list[str]:
    return [one.reply for one in with_openings(examples, openings, VOCABULARY)]


def test_the_opening_of_a_message_takes_the_place_of_what_was_written() -> None:
    written = example("Cups travel slowly in autumn. [1.1] As for the box: [1.2]")
    assert replies([written], {written.message: "Sorry about the cup."}) == ["Sorry about the cup. [1.1] As for the box: [1.2]"]


def test_what_the_check_would_refuse_is_not_learned() -> None:
    assert replies([example("Sorry about the cup. Cups are made to travel. [1.1] The box is fine. [1.2]")], {}) == [
        "Sorry about the cup. [1.1] [1.2]"
    ]


def test_woven_replies_that_tell_nothing_are_left_out_and_free_ones_stay() -> None:
    refusing, free = example("I can't tell."), example("I can't tell.", depth=Depth.FREE)
    assert with_openings([refusing, free], {}, VOCABULARY) == [free]


def test_a_line_that_lacks_something_is_named(tmp_path: Path) -> None:
    file = tmp_path / "openings.jsonl"
    file.write_text('{"customer": "hi", "opening": "Hello!"}\n{"customer": "hi"}\n', encoding="utf-8")
    with pytest.raises(DatasetError, match=r"openings\.jsonl:2: 'opening' is missing"):
        read_openings([file])


def test_the_rules_let_nearly_all_shipped_openings_pass() -> None:
    known = set(json.loads((SHIPPED / SETTINGS_FILE).read_text(encoding="utf-8"))["courtesy"]["en"])
    openings = read_openings([OPENINGS])
    refused = [text for message, text in openings.items() if not all(only_courtesy(one, message, known) for one in sentences(text))]
    assert len(openings) > 800
    assert len(refused) / len(openings) < 0.15, refused
