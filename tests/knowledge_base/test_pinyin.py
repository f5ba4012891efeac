import pytest

from knowledge_base.pinyin import PinyinReader, english_words, is_pinyin, runs_of_pinyin

READER = PinyinReader(["退货", "退款", "快递", "到账", "修改", "地址", "客服", "优惠券"])


@pytest.mark.parametrize(
    ("typed", "read"),
    [
        ("zenme tuihuo", "怎么退货"),
        ("zen me tui huo", "怎么退货"),
        ("wo de kuaidi zenme hai mei dao?", "我的快递怎么还没到?"),
        ("tuikuan duojiu daozhang", "退款多久到账"),
        ("xiugai dizhi", "修改地址"),
        ("nihao", "你好"),
        ("tuikuan到哪了", "退款到哪了"),
        ("youhuiquan怎么用不了", "优惠券怎么用不了"),
        ("wo de order zenme hai mei dao", "我的 order 怎么还没到"),
    ],
)
def test_chinese_in_latin_letters_is_read(typed: str, read: str) -> None:
    assert READER.read(typed) == read
    assert is_pinyin(typed)


@pytest.mark.parametrize(
    "text",
    [
        *("where is my parcel", "can you change the line", "come on man", "do you sell nike shoes", "my name is li na", "women"),
        *("is there next day in chengdu", "last seen in changsha, 13 days", "regular shiping takes how long", "hi", "", "NVDA", "???"),
        *("où est mon colis", "wo ist mein paket", "kono nimotsu wa doko", "退款到哪了"),
    ],
)
def test_other_languages_are_left_alone(text: str) -> None:
    assert not is_pinyin(text)
    assert READER.read(text.lower()) == text.lower()


def test_runs_are_places_in_the_text() -> None:
    text = "hi, kefu zai ma"
    assert [text[start:end] for start, end in runs_of_pinyin(text)] == ["kefu zai ma"]


def test_the_shops_words_are_preferred() -> None:
    assert PinyinReader([]).read("shouji") == "手机"
    assert PinyinReader(["收集"]).read("shouji") == "收集"


def test_words_are_ranked() -> None:
    assert english_words()["the"] == 0
    assert english_words()["refund"] < english_words()["concordance"]
