"""Each text has one vector, however many entries have it."""

from dataclasses import replace
from pathlib import Path

from knowledge_base.encoder import TextEncoder
from knowledge_base.text_owners import Owner, Text, TextOwners, missing_texts
from tests.knowledge_base.faq_index_shop import Shop, archive, build_shop, entry, search

ONE = entry("one", en=("How long?", "Ask us."), zh=("多久？", "Ask us."))
TWO = entry("two", en=("How much?", "Ask us."))


def test_a_text_is_everybody_s_who_has_it() -> None:
    owners = TextOwners([ONE, TWO])
    assert len(owners) == 4
    assert owners.of(Text("answer", "Ask us.").id) == (Owner("one", "en"), Owner("one", "zh"), Owner("two", "en"))
    assert owners.of(Text("question", "Ask us.").id) == ()


def test_a_text_goes_with_the_last_who_has_it() -> None:
    owners = TextOwners([ONE, TWO])
    left = owners.replaced(["one"], [])
    assert left.of(Text("answer", "Ask us.").id) == (Owner("two", "en"),)
    assert left.of(Text("question", "多久？").id) == ()
    assert len(left.replaced(["two"], [])) == 0
    assert len(owners) == 4, "the old one stays"


def test_only_texts_that_nobody_has_are_missing() -> None:
    changed = replace(TWO, variants=entry("two", en=("How much?", "What now?", "Ask us.")).variants)
    assert list(missing_texts([changed], TextOwners([ONE, TWO])).values()) == [Text("question", "What now?")]


def test_hundreds_of_equal_answers_hide_no_question(tmp_path: Path, encoder: TextEncoder) -> None:
    topics = [f"{colour} {thing}" for colour in ("red", "green", "blue", "grey", "pink") for thing in ("lamp", "kettle", "chair", "tent")]
    many = [
        entry(f"e{i}", en=(f"Where is the {topic} number {n}?", "Please ask us."))
        for n in range(15)
        for i, topic in enumerate(topics, n * 20)
    ]
    shop: Shop = build_shop(tmp_path, encoder, many)
    index = shop.open()
    assert index.vectors.count() == len(many) + 1
    for number in range(0, 300, 23):
        question = many[number].variants["en"].title
        assert search(index, question)[0].entry.id == f"e{number}"
    index.repository.put([entry("e0", en=("Something else?", "Please ask us."))])
    assert index.refresh() == 1
    assert index.vectors.count() == len(many) + 1
    archive(index.repository, "e0")
    index.refresh()
    assert index.vectors.count() == len(many)
    index.close()


def test_what_was_changed_while_nobody_served_is_indexed_without_building_anew(shop: Shop) -> None:
    folders = shop.index_folders
    shop.repository.put([entry("charger", en=("Do you sell umbrellas?", "Yes, many."))])
    archive(shop.repository, "hours")
    index = shop.open()
    assert shop.index_folders == folders
    assert search(index, "umbrellas")[0].entry.id == "charger"
    assert index.vectors.count() == len(index.vectors.owners)
    assert not index.vectors.owners.of(Text("question", "Which charger fits my laptop?").id)
    index.close()
