"""Tables in text: names of columns in both languages, one entry's rows, and rows that are refused alone."""

import pytest

from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.errors import EntryError
from knowledge_base.importing.reading import Reading, Refusal
from knowledge_base.importing.sources import read_data


def read(text: str) -> Reading:
    return read_data(text.encode(), "csv")


def test_columns_have_chinese_names_in_any_script_and_width() -> None:
    reading = read(
        "編號； 標準問題 ；相似問法；答案；語言；分類；意圖；標籤；負責人；生效日期；失效日期\n".replace("；", ";")
        + 'a;怎么退货？;"退货\n如何退；退回";寄回来。;中文;售后;return;退货、退款;lin;2026/11/28;2026年12月1日\n'
    )
    assert reading.refusals == ()
    (entry,) = reading.entries
    assert entry.variants == {"zh": EntryVariant("zh", ("怎么退货？", "退货", "如何退", "退回"), "寄回来。")}
    assert (entry.category, entry.intent, entry.tags, entry.owner) == ("售后", "return", ("退货", "退款"), "lin")
    assert (str(entry.valid_from), str(entry.valid_until)) == ("2026-11-28", "2026-12-01")


def test_names_of_columns_have_any_case_and_blanks_and_others_do_not_matter() -> None:
    reading = read("ＱＵＥＳＴＩＯＮ,price, Answer ,Valid_From\nOpen?,3,Yes.,2026-11-28\n")
    (entry,) = reading.entries
    assert entry.variants == {"en": EntryVariant("en", ("Open?",), "Yes.")}
    assert str(entry.valid_from) == "2026-11-28"


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("English", "en"),
        ("en_US", "en"),
        ("EN", "en"),
        ("中文", "zh"),
        ("zh-CN", "zh"),
        ("zh-Hant-TW", "zh"),
        ("中文（简体）", "zh"),
        ("de", "de"),
    ],
)
def test_languages_are_understood(name: str, code: str) -> None:
    (entry,) = read(f"question,answer,language\nOpen?,Yes.,{name}\n").entries
    assert set(entry.variants) == {code}


def test_without_language_the_script_tells_it() -> None:
    reading = read("id,question,answer\na,Open?,Yes.\na,开门吗？,开。\n")
    assert reading.entries == (
        FAQEntry("a", {"en": EntryVariant("en", ("Open?",), "Yes."), "zh": EntryVariant("zh", ("开门吗？",), "开。")}),
    )


def test_a_bad_row_is_refused_and_the_others_go_on() -> None:
    long = "x" * 2_001
    reading = read(
        "id,question,answer,language,valid_until,tags\n"
        "a,Open?,Yes.,en,2026-12-24,\n"
        "a,open,,en,,\n"
        "a,Closed?,No.,en,,\n"
        "\n"
        'b,"Two\nlines?",Yes.,xx-1-1-!,,\n'
        f"c,{long},Yes.,en,,\n"
        "d,When?,Now.,en,tomorrow,\n"
        "e,Too,many,en,,,cells\n"
        "a,late,,en,2026-12-25,\n"
        'f,"un"quoted,x,en,,\n'
        "g,Last?,Yes.,en,,\n"
    )
    assert [entry.id for entry in reading.entries] == ["a", "g"]
    assert reading.entries[0].variants["en"].questions == ("Open?", "open")
    assert [refusal.place for refusal in reading.refusals] == [f"line {number}" for number in (4, 6, 8, 9, 10, 11, 12)]
    reasons = [refusal.reason for refusal in reading.refusals]
    for reason, words in zip(
        reasons,
        [
            "two different answers",
            "no language",
            "2,000 characters",
            "'tomorrow' is no day",
            "7 cells",
            "two values for valid_until",
            "quotation",
        ],
        strict=True,
    ):
        assert words in reason


def test_a_quotation_mark_that_is_never_closed_is_told_and_costs_only_what_follows_it() -> None:
    reading = read('question,answer\nOpen?,Yes.\nLate?,"No.\nEarly?,Yes.\n')
    assert [entry.id for entry in reading.entries] == ["open"]
    assert [refusal.place for refusal in reading.refusals] == ["line 3"]
    assert "unexpected end of data" in reading.refusals[0].reason


def test_a_row_without_its_answer_is_refused_and_takes_none_of_another() -> None:
    reading = read("question,answer\nOpen?,Yes.\nLate?,\n")
    assert [entry.id for entry in reading.entries] == ["open"]
    assert reading.refusals == (Refusal("line 3", "the answer is blank."),)


def test_500_columns_and_200_001_rows_are_refused() -> None:
    with pytest.raises(EntryError, match="more than 100 columns"):
        read("question,answer," + ",".join(f"c{number}" for number in range(498)) + "\n")
    with pytest.raises(EntryError, match="more than 200,000 rows"):
        read("question,answer\n" + ",.\n" * 200_001)


def test_two_columns_for_the_same_are_refused() -> None:
    with pytest.raises(EntryError, match="two columns are for the answer: answer, 答案"):
        read("question,answer,答案\n")


def test_rows_without_id_are_entries_of_their_own() -> None:
    reading = read(
        "question,answer\n退货？,寄回。\n如何退货,寄回。\nRefund?,Yes.\nrefund!,Yes.\n退货？,寄回。\n" + "长" * 300 + ",是。\nКак?,Так.\n"
    )
    ids = [entry.id for entry in reading.entries]
    assert ids[:2] == ["tui-huo", "ru-he-tui-huo"]
    assert ids[4] == "tui-huo-2"
    assert [entry_id[:7] for entry_id in ids[2:4]] == ["refund-"] * 2
    assert ids[2] != ids[3]
    assert ids[5].startswith("chang-chang-")
    assert len(ids[5]) < 80
    assert ids[6].startswith("faq-")
    turned = read("question,answer\nrefund!,Yes.\nRefund?,Yes.\n")
    assert [entry.id for entry in turned.entries] == [ids[3], ids[2]]


def test_an_id_that_is_made_never_joins_one_that_is_given() -> None:
    reading = read("id,question,answer\nopen,When?,Now.\n,Open?,Yes.\n")
    assert [len(entry.variants["en"].questions) for entry in reading.entries] == [1, 1]
    assert reading.entries[1].id.startswith("open-")


def test_an_apostrophe_before_a_formula_is_taken_away_again() -> None:
    reading = read("question,answer\n'=1+1?,''=2\n'quoted' or not?,'90s\n")
    assert [(entry.variants["en"].title, entry.variants["en"].answer) for entry in reading.entries] == [
        ("=1+1?", "'=2"),
        ("'quoted' or not?", "'90s"),
    ]
