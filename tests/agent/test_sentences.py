"""Sentences of English and Chinese, whole and as they come in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.sentences import first_end, sentences, units


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It costs 4.90 USD. See shop.example/help. Thanks!", ["It costs 4.90 USD.", "See shop.example/help.", "Thanks!"]),
        ("Open until 8 p.m. on weekdays, e.g. Monday.", ["Open until 8 p.m. on weekdays, e.g. Monday."]),
        ("We close at 8 p.m. Come early.", ["We close at 8 p.m.", "Come early."]),
        ("1. Open the app.\n2. Tap **Send**.", ["1. Open the app.", "2. Tap **Send**."]),
        ("支持7天退货。怎么退？点“退货”。", ["支持7天退货。", "怎么退？", "点“退货”。"]),
        ("He said “no.” Then he left.", ["He said “no.”", "Then he left."]),
        ("You have 30 days [1]. Keep the box [1].", ["You have 30 days [1].", "Keep the box [1]."]),
        ("You have 30 days. [1] Keep the box.", ["You have 30 days. [1]", "Keep the box."]),
        ("no end", ["no end"]),
        ("  \n ", []),
    ],
)
def test_a_text_is_cut(text: str, expected: list[str]) -> None:
    assert sentences(text) == expected


@given(st.text(alphabet="ab1 .!?。？\n[]*-:", max_size=60))
def test_nothing_is_lost(text: str) -> None:
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())


@pytest.mark.parametrize(
    ("so_far", "cut"),
    [("It costs 3.", 0), ("It costs 3.5", 0), ("It costs 3. ", 11), ("需要3天。", 0), ("需要3天。之", 5), ("One\ntwo", 3)],
)
def test_a_sentence_ends_once_that_is_sure(so_far: str, cut: int) -> None:
    assert first_end(so_far) == cut


def test_a_list_stays_with_what_introduces_it() -> None:
    answer = "There are two levels:\n- **Silver**: from 200 USD\n- **Gold**: from 800 USD\n\nThey last a year. Ask us."
    assert units(answer) == [answer.partition("\n\n")[0], "They last a year.", "Ask us."]
