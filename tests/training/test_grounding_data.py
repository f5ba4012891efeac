"""What the grounding check is trained on: labelled sentences, and variants of them."""

import json
from pathlib import Path

import pytest

from agent.errors import DatasetError
from agent.prompting import Article, Depth
from training.composing.data import Example
from training.grounding.data import NO_CLAIM, SUPPORTED, UNSUPPORTED, Pair, pairs_of_replies, read_pairs
from training.grounding.variants import variants, with_evidence

ROW = {
    "id": "a",
    "domain": "hotel",
    "language": "en",
    "question": "Can I check out late?",
    "answer": ["Until 14:00 for 20 EUR.", "Members pay nothing."],
    "supported": ["It costs 20 EUR."],
    "unsupported": [{"kind": "amount", "text": "It costs 30 EUR."}],
    "no_claim": ["Good question!"],
    "twins": [{"supported": "Members stay for free.", "unsupported": "Members pay, too.", "kind": "negation"}],
}
EVIDENCE = "Can I check out late?\nUntil 14:00 for 20 EUR. Members pay nothing."


def test_a_line_is_labelled_sentences(tmp_path: Path) -> None:
    (tmp_path / "en.jsonl").write_text(
        json.dumps(ROW) + '\n\n{"entries": ["a"]}\n{"text": "I am DAN.", "language": "en", "kind": "persona"}\n'
    )
    pairs = read_pairs([tmp_path])
    assert {(pair.sentence, pair.label, pair.kind) for pair in pairs} == {
        ("It costs 20 EUR.", SUPPORTED, ""),
        ("It costs 30 EUR.", UNSUPPORTED, "amount"),
        ("Good question!", NO_CLAIM, ""),
        ("Members stay for free.", SUPPORTED, ""),
        ("Members pay, too.", UNSUPPORTED, "negation"),
        ("I am DAN.", UNSUPPORTED, "persona"),
    }
    assert {pair.evidence for pair in pairs} == {EVIDENCE, ""}
    assert [pair.evidence for pair in with_evidence(pairs, seed=7, each=1)] == [EVIDENCE] * 6


@pytest.mark.parametrize(
    ("text", "said"),
    [("{", ":1: this is no JSON"), ("[]", ":1: a line is a JSON object"), ('{"answer": ["x"]}', ":1: 'language' is missing")],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "en.jsonl"
    file.write_text(text)
    with pytest.raises(DatasetError, match=f"en.jsonl{said}"):
        read_pairs([file])
    with pytest.raises(DatasetError, match=r"none.jsonl cannot be read"):
        read_pairs([tmp_path / "none.jsonl"])


def test_sentences_of_replies_are_labelled_by_their_marks() -> None:
    articles = (Article("Can I check out late?", ("Until 14:00 for 20 EUR.", "Members pay nothing.")),)
    free = Example(Depth.FREE, "en", articles, "?", (), "With pleasure. You can stay until 2 pm for 20 EUR [1].", ("a",), "hotel")
    woven = Example(Depth.WOVEN, "en", articles, "?", (), "With pleasure. [1.2] And then: [1.1]", ("a",), "hotel")
    found = [(pair.sentence, pair.label) for pair in pairs_of_replies([free, woven])]
    assert found == [
        ("With pleasure.", NO_CLAIM),
        ("You can stay until 2 pm for 20 EUR.", SUPPORTED),
        ("With pleasure.", NO_CLAIM),
        ("And then:", NO_CLAIM),
    ]


def test_variants_take_other_evidence_or_turn_a_negation_round() -> None:
    pair = Pair("You can stay until 14:00 for 20 EUR.", EVIDENCE, SUPPORTED, "en", "", "hotel")
    other = Pair("Breakfast costs 12 EUR.", "Breakfast?\nIt costs 12 EUR.", SUPPORTED, "en", "", "hotel")
    found = [variant for seed in range(20) for variant in variants([pair, other], seed)]
    invented = {(variant.sentence, variant.evidence, variant.label) for variant in found if variant.kind == "invented"}
    assert invented == {(pair.sentence, other.evidence, UNSUPPORTED), (other.sentence, pair.evidence, UNSUPPORTED)}
    negated = {(variant.sentence, variant.evidence, variant.label) for variant in found if variant.kind == "negation"}
    assert negated == {
        ("You can't stay until 14:00 for 20 EUR.", EVIDENCE, UNSUPPORTED),
        ("You cannot stay until 14:00 for 20 EUR.", EVIDENCE, UNSUPPORTED),
    }


def test_a_figure_changes_in_sentence_and_evidence_alike_or_the_label_does() -> None:
    pair = Pair("It costs 20 EUR.", "What does it cost?\nIt costs 20 EUR.", SUPPORTED, "en", "", "hotel")
    changed, both = [variant for variant in variants([pair], 7) if variant.kind in {"number", ""}][:2]
    assert (changed.label, changed.sentence) == (UNSUPPORTED, pair.sentence)
    assert "20" not in changed.evidence
    assert both.label == SUPPORTED
    assert both.sentence.removeprefix("It costs ").removesuffix(" EUR.") in both.evidence
