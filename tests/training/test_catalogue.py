import pytest

from agent.errors import DatasetError
from agent.intents import OUT_OF_SCOPE, Intent
from agent.utterances import Utterance
from tests.training.small_shop import ENTRIES
from training.catalogue import catalogue_of, check_labels


def rows(**counts: int) -> list[Utterance]:
    return [Utterance(f"{intent} {n}", "en", intent, None) for intent, count in counts.items() for n in range(count)]


INTENTS = [Intent("pay", "query", "answer"), Intent("track", "query", "answer")]


def test_labels_without_a_catalogue_make_one() -> None:
    double = Utterance("both?", "en", "pay return", "a b")
    made = catalogue_of([*rows(track=1, oos=1), double], ENTRIES)
    assert [intent.id for intent in made] == ["pay", "refund_status", "return", "track", "track_order"]
    assert {(intent.act, intent.route) for intent in made} == {("query", "answer")}


def test_labels_that_fit_are_accepted_with_and_without_messages_out_of_scope() -> None:
    """It raises nothing, and begins to when one of the messages is taken away."""
    for more in ({}, {OUT_OF_SCOPE: 2}):
        training = rows(pay=2, track=2, **more)
        check_labels(INTENTS, training, rows(pay=1))
        with pytest.raises(DatasetError, match="one utterance only to train on for pay"):
            check_labels(INTENTS, training[1:], rows(pay=1))


@pytest.mark.parametrize(
    ("training", "validation", "said"),
    [
        (rows(pay=2, track=2, gift=2), rows(pay=1), "has no gift"),
        (rows(pay=2, track=2), rows(gift=1), "has no gift"),
        (rows(pay=2), rows(pay=1), "no utterance to train on for track"),
        (rows(pay=2, track=1), rows(pay=1), "one utterance only to train on for track"),
        (rows(pay=2, track=2), [], "nothing to validate on"),
    ],
)
def test_labels_that_nothing_can_be_learned_from_are_refused(training: list[Utterance], validation: list[Utterance], said: str) -> None:
    with pytest.raises(DatasetError, match=said):
        check_labels(INTENTS, training, validation)


def test_one_intent_is_nothing_to_tell_apart() -> None:
    with pytest.raises(DatasetError, match="All utterances have the intent pay"):
        check_labels(INTENTS[:1], rows(pay=5), rows(pay=1))
