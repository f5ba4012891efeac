"""Paraphrases are told from other questions."""

import pytest

from knowledge_base.centring import Centring
from knowledge_base.encoder import TextEncoder
from tests.conftest import ROOT
from training.dataset import read_dataset
from training.review.rephrasing import Rephrasing


@pytest.fixture(scope="module")
def rephrasing(encoder: TextEncoder) -> Rephrasing:
    return Rephrasing(encoder)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("how long does delivery take?", "when will my order be delivered?", True),
        ("怎么退货", "我想把东西退回去，怎么操作", True),
        ("怎么退货", "how do I return this?", True),
        ("where is my parcel", "where is my parcel", True),
        ("how long does delivery take?", "and to Canada?", False),
        ("how long does delivery take?", "can I pay with a gift card?", False),
        ("快递多久能到", "可以开发票吗", False),
    ],
)
def test_a_message_says_the_same_or_something_else(rephrasing: Rephrasing, one: str, other: str, same: bool) -> None:
    assert rephrasing.say_the_same([(one, other)]) == [same]


def test_on_the_validation_messages_it_is_as_its_description_says(rephrasing: Rephrasing) -> None:
    rows = read_dataset([ROOT / "training/starter/validation/messages.csv"])
    rows = [row for row in rows if len(row.faqs) == 1]
    pairs = [(one, other) for place, one in enumerate(rows) for other in rows[:place]]
    found = rephrasing.say_the_same([(one.text, other.text) for one, other in pairs])
    same = [is_same for (one, other), is_same in zip(pairs, found, strict=True) if one.faq == other.faq]
    others = [is_same for (one, other), is_same in zip(pairs, found, strict=True) if one.faq != other.faq]
    assert len(same) > 1500
    assert sum(same) / len(same) > 0.12
    assert sum(others) / len(others) < 0.01


def test_nothing_is_the_same_where_cosines_mean_something_else(encoder: TextEncoder) -> None:
    rephrasing = Rephrasing(encoder)
    rephrasing.centring = Centring({})
    assert rephrasing.say_the_same([("how long?", "how long?")]) == [False]
    assert rephrasing.say_the_same([]) == []
