"""What is worth a person's minute: doubt and signs of trouble, and no ten messages that say the same."""

import numpy as np
import pytest

from knowledge_base.encoder import TextEncoder
from knowledge_base.onnx_model import Array
from training.review.selection import Evidence, select, worth

PARCEL = [
    "where is my parcel",
    "where is my parcel?",
    "Where is my parcel",
    "where's my parcel",
    "where is my parcel please",
    "so where is my parcel",
    "where is my parcel now",
    "hi, where is my parcel",
    "where is my parcel??",
    "and where is my parcel",
]
OTHERS = ["how do I return a kettle", "can I pay with two cards", "发票怎么开", "do you have a shop in Vienna"]


def evidence(
    *probabilities: tuple[float, ...],
    out_of_scope: tuple[float, ...] | None = None,
    disagrees: tuple[bool, ...] | None = None,
    negative: tuple[int, ...] | None = None,
) -> Evidence:
    """Evidence on messages about which nothing else is known than what is named."""
    count = len(probabilities)
    return Evidence(
        np.array(probabilities),
        np.array(out_of_scope or (0.0,) * count),
        np.array(disagrees or (False,) * count),
        np.array(negative or (0,) * count),
    )


def test_the_closer_the_two_likeliest_are_the_more_a_message_is_worth() -> None:
    values = worth(evidence((0.98, 0.01, 0.01), (0.6, 0.3, 0.1), (0.5, 0.49, 0.01), (0.4, 0.2, 0.2)))
    assert list(np.argsort(-values)) == [2, 3, 1, 0]
    assert values.min() >= 0.0
    assert values.max() <= 1.0


def test_each_sign_adds_to_it_and_several_add_up() -> None:
    sure, (half, outside) = (0.97, 0.02, 0.01), (0.5, 0.99)
    plain, near, far, differs, unhappy, furious, both = worth(
        evidence(
            *[sure] * 7,
            out_of_scope=(0.0, half, outside, 0.0, 0.0, 0.0, 0.0),
            disagrees=(False, False, False, True, False, False, True),
            negative=(0, 0, 0, 0, 1, 3, 1),
        )
    )
    assert plain < min(near, differs, unhappy)
    assert far < near, "what is surely out of scope is no open question"
    assert unhappy < furious < 1.0
    assert both > max(differs, unhappy)


def test_a_customer_who_was_not_helped_comes_before_mild_doubt() -> None:
    doubted, unhappy = worth(evidence((0.6, 0.3, 0.1), (0.97, 0.02, 0.01), negative=(0, 2)))
    assert unhappy > doubted


def test_one_class_alone_leaves_no_doubt() -> None:
    assert worth(evidence((1.0,), (1.0,))).tolist() == [0.0, 0.0]


@pytest.fixture(scope="module")
def vectors(encoder: TextEncoder) -> Array:
    """Of ten ways to say the same, and of four other messages."""
    return encoder.encode_queries([*PARCEL, *OTHERS])


def test_near_duplicates_do_not_crowd_out_the_others(vectors: Array) -> None:
    values = np.array([0.9] * len(PARCEL) + [0.6] * len(OTHERS))
    chosen = select(values, vectors, 5)
    assert chosen[0] < len(PARCEL), "the most worth comes first"
    assert set(chosen[1:]) == set(range(len(PARCEL), len(vectors)))


def test_what_is_like_a_reviewed_message_waits(encoder: TextEncoder, vectors: Array) -> None:
    values = np.array([0.9] * len(PARCEL) + [0.6] * len(OTHERS))
    chosen = select(values, vectors, 4, encoder.encode_queries(["where is my parcel!"]))
    assert set(chosen) == set(range(len(PARCEL), len(vectors)))


def test_all_are_chosen_once_where_there_are_not_enough(vectors: Array) -> None:
    values = np.linspace(1.0, 0.1, len(vectors))
    assert sorted(select(values, vectors, 100)) == list(range(len(vectors)))
    assert select(values, vectors, 3) == select(values, vectors, 100)[:3], "a longer queue begins like a shorter one"


def test_nothing_is_chosen_of_nothing(vectors: Array) -> None:
    assert select(np.zeros(0), vectors[:0], 3, vectors) == []
    assert select(np.ones(2), vectors[:2], 0) == []
    assert select(np.ones(1), vectors[:1], 3, vectors[:1]) == [0], "a lone message is better than none, though it was seen"
