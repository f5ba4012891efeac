import pytest

from agent.utterances import Utterance, dialogues
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.spelling import Spelling
from training.examples import ENOUGH, Example, ExampleBuilder, stands_alone, turn_pairs

ENTRIES = [
    FAQEntry(
        "standard", {"en": EntryVariant("en", ("How long?",), "3 days."), "zh": EntryVariant("zh", ("多久？",), "3 天。")}, intent="time"
    ),
    FAQEntry("express", {"en": EntryVariant("en", ("How fast is express?",), "1 day.")}, intent="time"),
]
TALK = [
    Utterance("how long does it take", "en", "time", "standard", "d1", "opening"),
    Utterance("thanks", "en", "thanks", None, "d1", "social"),
    Utterance("and express?", "en", "time", "express", "d1", "follow_up"),
    Utterance("do you sell bread", "en", "oos", None, "d1", "new_topic"),
]
MANY = [Utterance(f"how long to place {chr(0x4E00 + n)}", "en", "time", "standard") for n in range(ENOUGH)]
TWO = Utterance("how long, and express?", "en", "time time", "standard express")
BUILDER = ExampleBuilder([*TALK, *MANY, TWO], ENTRIES, Spelling())


def test_an_entry_with_enough_examples_is_a_class_of_its_own() -> None:
    assert BUILDER.class_of(MANY[0]) == "time/standard"
    assert BUILDER.class_of(TALK[2]) == "time", "the express has one example"
    assert BUILDER.class_of(Utterance("?", "en", "time", "an entry that is gone")) == "time"
    assert BUILDER.class_of(TALK[3]) == "oos"


def test_messages_for_themselves_are_those_that_depend_on_nothing_and_ask_one_question() -> None:
    assert [stands_alone(turn) for turn in TALK] == [True, True, False, True]
    texts = [example.text for example in BUILDER.alone([*TALK, TWO])]
    assert texts == ["how long does it take", "thanks", "do you sell bread"]


def test_later_turns_go_with_the_last_turn_that_was_about_something() -> None:
    (turns,) = dialogues(TALK)
    assert turn_pairs(turns) == [(TALK[0], TALK[2]), (TALK[2], TALK[3])]


def test_turns_are_put_on_their_topic_and_on_other_ways_to_ask_for_it() -> None:
    examples = BUILDER.on_topics([*TALK, *MANY], variants=3)
    follow_ups = [example.text for example in examples if example.name == "time"]
    assert follow_ups[0] == "how long? || how long does it take || and express?"
    assert len(follow_ups) == 3
    assert all(text.startswith("how long? || how long") and text.endswith(" || and express?") for text in follow_ups)
    assert Example("how fast is express? || and express? || do you sell bread", "oos") in examples


def test_a_topic_that_does_not_matter_is_taught_only_beside_follow_ups() -> None:
    behind = BUILDER.on_any_topic([*TALK, *MANY * 10])
    assert behind
    assert all(example.text.count(" || ") == 2 for example in behind)
    assert BUILDER.on_any_topic(MANY) == []


@pytest.mark.parametrize(("language", "title"), [("en", "How long?"), ("zh", "多久？"), ("mixed", "How long?")])
def test_the_topic_is_titled_in_the_messages_language(language: str, title: str) -> None:
    topic = BUILDER.topic_after(Utterance("?", language, "time", "standard"))
    assert (topic.title, topic.message, topic.sent) == (title, "?", ("standard",))
    assert BUILDER.topic_after(Utterance("?", "en", "oos", None)).sent == ()
