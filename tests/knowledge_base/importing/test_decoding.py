"""Texts in several encodings, also in one file; what is doubtful is refused and never becomes other characters."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from knowledge_base.errors import EntryError
from knowledge_base.importing.decoding import decode
from knowledge_base.importing.sources import read_data, read_entries
from knowledge_base.normalisation import to_traditional
from tests.conftest import ROOT

STARTER = read_entries([ROOT / "knowledge_base" / "starter" / "entries"])
CHINESE = [text for entry in STARTER for text in entry.variants["zh"].texts]
LINES = [line for text in CHINESE for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("traditional", [False, True])
def test_every_line_of_the_starter_is_read_in_gb18030(traditional: bool) -> None:
    text = "\n".join(map(to_traditional, LINES) if traditional else LINES)
    assert decode(text.encode("gb18030")).whole() == text


def test_lines_in_two_encodings_are_read_each_in_its_own() -> None:
    mixed = b"".join(f"{line}\n".encode(("utf-8", "gb18030")[number % 2]) for number, line in enumerate(LINES))
    assert decode(mixed).whole() == "".join(f"{line}\n" for line in LINES)


@pytest.mark.parametrize(
    ("encoding", "lines"),
    [
        (
            "cp1252",
            [
                "Können wir über Größe sprechen?",
                "Où est mon colis à Évry ?",
                "Señor, ¿cuándo?",
                "L’été – déjà passé",
                "naïve café",
                "[Café]",
                "5 €",
            ],
        ),
        (
            "big5",
            [line for line in map(to_traditional, LINES) if line.encode("big5", "ignore").decode("big5") == line and not line.isascii()],
        ),
        ("euc-kr", ["배송은 언제 오나요?", "반품하고 싶어요", "결제 방법을 변경할 수 있나요", "환불"]),
        ("shift-jis", ["注文をキャンセルしたい", "返品はできますか？", "支払い方法"]),
        ("cp1251", ["Как вернуть товар?", "Оплата картой"]),
    ],
)
def test_other_encodings_are_refused_by_line_and_never_guessed(encoding: str, lines: list[str]) -> None:
    decoded = decode("\n".join(lines).encode(encoding))
    assert decoded.unreadable == tuple(range(1, len(lines) + 1))


def test_a_line_that_decodes_as_nothing_is_a_row_that_is_refused() -> None:
    table = "question,answer\n怎么退货？,寄回来就行。\n".encode() + b"Caf\xe9?,Gr\xf6\xdfe\n" + "多久到账？,三天之内。\n".encode("gb18030")
    reading = read_data(table, "csv")
    assert [entry.variants["zh"].title for entry in reading.entries] == ["怎么退货？", "多久到账？"]
    assert [(refusal.place, refusal.reason) for refusal in reading.refusals] == [
        ("line 3", "line 3 is neither UTF-8 nor GB18030; save the file as UTF-8.")
    ]


def test_formats_without_rows_are_refused_whole_with_the_line() -> None:
    with pytest.raises(EntryError, match="line 2 is neither UTF-8 nor GB18030"):
        read_data(b"- id: a\n  en: {questions: [Caf\xe9], answer: x}\n", "yaml")


@pytest.mark.parametrize("data", [b"a,b\0\0c,d\n", b"PK\x03\x04rest", b"\xd0\xcf\x11\xe0", b"\xff\xfea", b"\0\0\0\1"])
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(EntryError, match=r"no text|damaged"):
        decode(data)


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff")),
    st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
)
def test_unicode_is_read_as_it_is(text: str, encoding: str) -> None:
    if not text.encode(encoding).startswith((b"PK\x03\x04", b"%PDF")):
        assert decode(text.encode(encoding)).whole() == text
