"""What is matched: one form for every way to write the same message."""

import doctest

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from knowledge_base import keywords, normalisation
from knowledge_base.normalisation import is_traditional, normalise, to_traditional

ANY_TEXT = st.text(st.characters(exclude_categories=()))  # lone surrogates, too
CHINESE_TEXT = st.text(st.characters(min_codepoint=0x3400, max_codepoint=0x9FFF))


def test_the_examples_in_the_docstrings() -> None:
    for module in (normalisation, keywords):
        results = doctest.testmod(module)
        assert results.attempted > 0
        assert results.failed == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("  Where\tis\n\nmy ORDER ", "where is my order"),
        ("１２３ ＡＢＣ？", "123 abc?"),
        ("請問訂單什麼時候發貨", "请问订单什么时候发货"),
        ("zero\u200bwidth \ufefftext\u00a0here", "zerowidth text here"),
        ("call [phone-0a1b] or [email]", "call [phone] or [email]"),
        ("[colour-1a2b] stays", "[colour-1a2b] stays"),
        ("❤️", "❤"),
        ("a\ud800b\0c", "a?bc"),
        ("", ""),
    ],
)
def test_one_form_for_matching(text: str, expected: str) -> None:
    assert normalise(text) == expected


@given(ANY_TEXT | CHINESE_TEXT)
def test_a_normalised_text_stays_as_it_is(text: str) -> None:
    assume("薴" not in text)  # the one character whose simplified form 苧 is the traditional form of another
    assert normalise(normalise(text)) == normalise(text)


@given(ANY_TEXT)
def test_every_text_can_be_normalised_stored_and_is_clean(text: str) -> None:
    normalised = normalise(text)
    assert normalised.encode() is not None
    assert normalised == " ".join(normalised.split())
    assert is_traditional(text) in {True, False}


@pytest.mark.parametrize("text", ["请问怎么退货", "退货运费谁出", "密码忘记了怎么办", "什么时候发货"])
def test_a_customer_may_write_either_script(text: str) -> None:
    assert not is_traditional(text)
    assert is_traditional(to_traditional(text))
    assert normalise(to_traditional(text)) == text


@pytest.mark.parametrize("text", ["", "hello", "123", "皇后大道", "乾隆", "哪吒", "北京"])
def test_what_both_scripts_share_is_not_traditional(text: str) -> None:
    assert not is_traditional(text)
