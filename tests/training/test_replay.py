"""What is learned from beside what is new."""

from collections import Counter

from agent.utterances import Utterance
from training.replay import replayed

FREQUENT = [Utterance(f"where is parcel {n}", "en", "track", "parcel") for n in range(50)]
RARE = [Utterance(f"invoice {n}", "en", "invoice", None) for n in range(3)]
NEW = [Utterance(f"cooking class {n}", "en", "class", None) for n in range(20)]
TURNS = [Utterance(f"turn {n} of {d}", "en", "track", "parcel", f"d{d}", "opening") for d in range(10) for n in range(2)]


def test_rare_intents_keep_all_they_have_and_all_that_is_new_is_learned() -> None:
    kept = replayed([*FREQUENT, *RARE, *NEW], NEW, each=10, seed=7)
    assert Counter(row.intent for row in kept) == {"track": 10, "invoice": 3, "class": 20}
    assert kept == [row for row in [*FREQUENT, *RARE, *NEW] if row in kept], "in the order they had"
    assert kept == replayed([*FREQUENT, *RARE, *NEW], NEW, each=10, seed=7)
    assert kept != replayed([*FREQUENT, *RARE, *NEW], NEW, each=10, seed=8)


def test_dialogues_are_kept_whole_in_proportion() -> None:
    kept = [row for row in replayed([*FREQUENT, *TURNS], (), each=25, seed=7) if row.dialogue]
    assert len(kept) == 10
    assert set(Counter(row.dialogue for row in kept).values()) == {2}


def test_none_is_left_out_without_a_limit() -> None:
    assert replayed([*FREQUENT, *TURNS], (), each=0, seed=7) == [*FREQUENT, *TURNS]
