import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.parts import halves
from agent.segmentation import MOST_PIECES, pieces


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("where is my parcel", ["where is my parcel"]),
        ("where is my parcel, and how do I return a kettle?", ["where is my parcel", "and how do i return a kettle?"]),
        ("My toaster came broken. What is next?", ["my toaster came broken.", "what is next?"]),
        ("delivery time?\ndelivery fee?", ["delivery time?", "delivery fee?"]),
        ("普通快递几天到，运费多少？", ["普通快递几天到", "运费多少?"]),
        ("怎么退货另外发票怎么开", ["怎么退货", "另外发票怎么开"]),
        ("it costs 3.50, or 4.20?", ["it costs 3.50, or 4.20?"]),
        ("hi, how much", ["hi, how much"]),  # too short to be cut
        ("", []),
    ],
)
def test_where_a_message_is_cut(message: str, expected: list[str]) -> None:
    assert pieces(message) == expected


@given(st.text(alphabet="ab 退货，。?!\n", max_size=200))
def test_no_letter_is_lost_and_there_are_not_too_many_pieces(message: str) -> None:
    found = pieces(message)
    assert len(found) <= MOST_PIECES
    assert [c for c in "".join(found) if c.isalnum()] == [c for c in message if c.isalnum()]


def test_halves() -> None:
    assert halves(["a", "b", "c"]) == [("a", "b c"), ("a b", "c")]
    assert halves(["a"]) == []
