"""Written replies as examples, and the same with other facts."""

import json
from pathlib import Path

import pytest

from agent.errors import DatasetError
from agent.prompting import Article, Depth, prompt
from knowledge_base.entry import EntryVariant, FAQEntry
from training.composing.data import read_examples
from training.composing.variants import fact_swapped

LEVELS = FAQEntry(
    "levels",
    {
        "en": EntryVariant(
            "en",
            ("What levels are there?",),
            "There are two levels:\n- **Silver**: from 200 USD\n- **Gold**: from 800 USD\n\nThey last 12 months.",
        )
    },
)
ROW = {
    "id": "late",
    "domain": "hotel",
    "language": "en",
    "question": "Can I check out late?",
    "answer": ["Until 14:00 for 20 EUR.", "Ask at the Willow Desk by 9:00."],
    "replies": [{"customer": "can i stay", "woven": "Sure to help. [2] [1]", "free": "You can stay until 14:00 for 20 EUR [1]."}],
    "unanswered": {"customer": "early?", "reply": "That isn't in this article."},
}


def written(folder: Path, *rows: object) -> Path:
    """A file of these rows."""
    file = folder / "en-1.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    return file


def test_an_entry_gives_replies_of_both_depths(tmp_path: Path) -> None:
    examples = read_examples([written(tmp_path, ROW)], [])
    assert [(one.depth, one.message, one.reply) for one in examples] == [
        (Depth.WOVEN, "can i stay", "Sure to help. [1.2] [1.1]"),
        (Depth.FREE, "can i stay", "You can stay until 14:00 for 20 EUR [1]."),
        (Depth.WOVEN, "early?", "That isn't in this article."),
        (Depth.FREE, "early?", "That isn't in this article."),
    ]


def test_a_conversation_names_parts_of_the_shops_entries(tmp_path: Path) -> None:
    row = {"entries": ["levels"], "messages": ["hi", "Hello!", "levels?"], "woven": "[1.4] Here they are: [1.3] [1.1]", "free": "Two [1]."}
    woven, _ = read_examples([written(tmp_path, row)], [LEVELS])
    assert woven.before == (("hi", "Hello!"),)
    assert woven.articles[0].parts == (LEVELS.variant("en").answer.partition("\n\n")[0], "They last 12 months.")
    assert woven.reply == "[1.2] Here they are: [1.1]"  # a list is one part, and is named once
    with pytest.raises(DatasetError, match=r"en-1.jsonl:1: 5 is missing"):
        read_examples([written(tmp_path, {**row, "woven": "[1.5]"})], [LEVELS])


def test_an_unknown_entry_is_named(tmp_path: Path) -> None:
    row = {"entries": ["nowhere"], "messages": ["hi"], "woven": "[1.1]", "free": "x [1]."}
    with pytest.raises(DatasetError, match=r"en-1.jsonl:1: \('nowhere', 'en'\)"):
        read_examples([written(tmp_path, row)], [LEVELS])


def test_facts_are_swapped_in_article_and_reply_alike(tmp_path: Path) -> None:
    free = next(one for one in read_examples([written(tmp_path, ROW)], []) if one.depth is Depth.FREE)
    (variant,) = fact_swapped([free], 1, seed=3)
    article = variant.articles[0].parts[0]
    assert article != free.articles[0].parts[0]
    assert variant.reply.removeprefix("You can stay ").removesuffix(" [1].") + "." == article.lower().replace("eur", "EUR")
    assert "Willow" not in variant.articles[0].parts[1]


def test_a_prompt_numbers_the_parts_and_keeps_the_turns() -> None:
    messages = prompt(Depth.WOVEN, "en", [Article("Late?", ("Until 14:00.", "Ask us."))], "can i", [("hi", "Hello!")])
    assert [message.role for message in messages] == ["system", "user", "assistant", "user"]
    assert messages[-1].content == "Help article 1: Late?\n[1.1] Until 14:00.\n[1.2] Ask us.\n\nCustomer: can i"
