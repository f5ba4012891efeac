import pytest
from hypothesis import given
from hypothesis import strategies as st

from knowledge_base.normalisation import normalise
from knowledge_base.spelling import Spelling

SPELLING = Spelling(["refund", "shipping", "received", "address", "damaged", "快递", "退货", "运费", "登录", "密码", "zephyrus"])


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("my refudn", "my refund"),
        ("Recieved it DAMGED", "received it damaged"),
        ("shiping adress", "shipping address"),
        ("快第到哪了", "快递到哪了"),
        ("运非多少", "运费多少"),
        ("忘记蜜马了", "忘记密码了"),
        ("怎么tuihuo", "怎么退货"),
        ("請問運費", "请问运费"),
        ("zephirus", "zephyrus"),
    ],
)
def test_what_no_dictionary_knows_becomes_a_word_of_the_shop(typed: str, read: str) -> None:
    assert SPELLING.correct(typed) == read


@pytest.mark.parametrize(
    "text",
    [
        "I dont want it, wont pay and havent asked",  # no apostrophe, no typing error
        "refine the funds",  # words of English, though near to the shop's
        "airpods and playstation",  # names that nothing of the shop is near to
        "mail jo.refnd@adress.example or refudn.example/refudn",  # addresses
        "order [order] code REFUDN-12 refudn2",  # codes
        "我要是不想要了呢",
    ],
)
def test_everything_else_stays_as_it_is(text: str) -> None:
    assert SPELLING.correct(text) == normalise(text)


def test_words_are_learned() -> None:
    spelling = Spelling(["refund"])
    assert spelling.correct("zephirus") == "zephirus"
    spelling.learn(["zephyrus"])
    assert spelling.correct("zephirus refudn") == "zephyrus refund"


def test_an_empty_faq_corrects_nothing_but_pinyin() -> None:
    assert Spelling().correct("快第 nihao") == "快第 你好"


@given(st.text(max_size=60))
def test_it_never_fails_and_is_done_after_one_pass(text: str) -> None:
    once = SPELLING.correct(text)
    assert isinstance(once, str)
    assert SPELLING.correct(normalise(text)) == once


def test_it_does_not_matter_in_which_order_words_are_learned() -> None:
    words = ["运费", "云飞", "brandora", "brandoru"]
    later, earlier = Spelling(words[:1]), Spelling(words[::-1])
    for word in words[1:]:
        later.learn([word])
    for text in ("芸费多少", "brandore"):
        assert later.correct(text) == earlier.correct(text)
