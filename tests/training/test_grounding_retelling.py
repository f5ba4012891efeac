"""Labelled sentences made from an entry's own, and the vocabulary of courtesy."""

from agent.prompting import Article, Depth
from training.composing.data import Example
from training.grounding.courtesy import courtesy_vocabulary
from training.grounding.data import SUPPORTED, UNSUPPORTED, Pair
from training.grounding.retelling import retold

HOTEL = "Can I check out late?\nCheck-out is at 11:00. You keep it until 14:00 if nobody has booked it, for 20 EUR."
CONDITION = Pair("You keep the room until 14:00 if nobody has booked it.", HOTEL, SUPPORTED, "en", "", "hotel")
BREAKFAST = Pair(
    "Breakfast is at 7:00.", "When is breakfast?\nBreakfast is served from 7:00. Children under six eat free.", SUPPORTED, "en", "", "hotel"
)


def test_an_entrys_own_sentences_are_supported_in_a_frame_and_joined_and_another_entrys_are_not() -> None:
    made = [pair for seed in range(10) for pair in retold([CONDITION, BREAKFAST], seed)]
    framed = {pair.sentence for pair in made if pair.label == SUPPORTED and pair.evidence == HOTEL}
    assert any(sentence.endswith("heck-out is at 11:00.") for sentence in framed)
    assert any("11:00" in sentence and "20 EUR" in sentence for sentence in framed)
    foreign = [pair.sentence for pair in made if pair.label == UNSUPPORTED and pair.kind == "invented" and pair.evidence == HOTEL]
    assert all("reakfast" in sentence or "hildren" in sentence for sentence in foreign)
    assert foreign


def test_a_sentence_that_loses_its_condition_or_what_it_rests_on_is_unsupported() -> None:
    made = [pair for seed in range(10) for pair in retold([CONDITION], seed) if pair.label == UNSUPPORTED]
    assert "You keep the room until 14:00." in {pair.sentence for pair in made if pair.kind == "condition"}
    assert ("Can I check out late?\nCheck-out is at 11:00.", CONDITION.sentence) in {
        (pair.evidence, pair.sentence) for pair in made if pair.kind == "invented"
    }


def test_the_vocabulary_of_courtesy_is_what_replies_of_several_domains_say_beside_facts() -> None:
    article = (Article("Q?", ("It costs 20 EUR.",)),)

    def reply(message: str, text: str, domain: str, depth: Depth = Depth.WOVEN) -> Example:
        """A reply with a fact."""
        return Example(depth, "en", article, message, (), text, ("a",), domain)

    replies = [
        reply("my cup is broken", "Sorry about the cup. [1.1]", "hotel"),
        reply("it broke", "I am sorry. It costs 20 EUR [1].", "shop", Depth.FREE),
        reply("?", "I am sorry, refunds are not mentioned here.", "bank"),
    ]
    assert courtesy_vocabulary(replies) == {"en": ["sorry"]}
