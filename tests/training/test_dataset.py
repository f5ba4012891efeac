import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from agent.errors import DatasetError
from agent.utterances import Utterance
from training.dataset import data_hash, read_dataset, split

HEADER = "text,language,intent,faq\n"


def csv_file(folder: Path, name: str, *lines: str, header: str = HEADER) -> Path:
    path = folder / name
    path.write_text(header + "".join(line + "\n" for line in lines), encoding="utf-8")
    return path


def utterances(count: int) -> list[Utterance]:
    return [Utterance(f"where is parcel {chr(0x4E00 + number)}", "zh", "track_order", "track-parcel") for number in range(count)]


# --- reading ---


def test_files_and_folders_are_read_together(tmp_path: Path) -> None:
    (tmp_path / "more").mkdir()
    one = csv_file(tmp_path, "one.csv", "where is my parcel,en,track_order,track-parcel", "讲个笑话,zh,oos,")
    csv_file(tmp_path / "more", "b.csv", '"hi, there",en,greeting,')
    csv_file(tmp_path / "more", "a.csv", "thanks,en,thanks,")
    assert read_dataset([one, tmp_path / "more"]) == [
        Utterance("where is my parcel", "en", "track_order", "track-parcel"),
        Utterance("讲个笑话", "zh", "oos", None),
        Utterance("thanks", "en", "thanks", None),
        Utterance("hi, there", "en", "greeting", None),
    ]


def test_other_columns_a_byte_order_mark_and_their_order_do_not_matter(tmp_path: Path) -> None:
    path = tmp_path / "exported.csv"
    path.write_text("\ufeffnote,faq,intent,language,text\nx,, greeting ,en,hello\n", encoding="utf-8")
    assert read_dataset([path]) == [Utterance("hello", "en", "greeting", None)]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (",en,greeting,", "text is empty"),
        (" ,en,greeting,", "text is empty"),
        ("hi,en", "intent is empty"),
    ],
)
def test_an_empty_cell_is_named_with_its_line(tmp_path: Path, line: str, said: str) -> None:
    path = csv_file(tmp_path, "rows.csv", "hello,en,greeting,", line)
    with pytest.raises(DatasetError) as caught:
        read_dataset([path])
    assert str(caught.value) == f"{path}:3: {said}."


def test_the_line_is_right_after_a_text_of_several_lines(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "rows.csv", '"hello\nthere",en,greeting,', "hi,en,,")
    with pytest.raises(DatasetError, match=rf"{path}:4: intent is empty"):
        read_dataset([path])


def test_a_missing_column_is_named(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "rows.csv", "hello,en,", header="text,language,faq\n")
    with pytest.raises(DatasetError, match=rf"{path}:1: the column intent is missing"):
        read_dataset([path])


def test_json_lines_and_yaml_are_read_like_csv(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(
        '{"text": "where is my parcel", "intent": "track_order", "faq": "track-parcel"}\n\n', encoding="utf-8"
    )
    (tmp_path / "b.yaml").write_text("- text: 讲个笑话\n  intent: oos\n- {text: hi, intent: greeting, language: en}\n", encoding="utf-8")
    (tmp_path / "c.csv").write_text("intent,text\ngreeting,你好\n", encoding="utf-8")
    (tmp_path / "notes.txt").write_text("no data", encoding="utf-8")
    assert read_dataset([tmp_path]) == [
        Utterance("where is my parcel", "en", "track_order", "track-parcel"),
        Utterance("讲个笑话", "zh", "oos", None),
        Utterance("hi", "en", "greeting", None),
        Utterance("你好", "zh", "greeting", None),
    ]


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rows.jsonl", '{"text": "hi", "intent": "greeting"}\n{"text": "hi"\n', ":2: this is no JSON"),
        ("rows.jsonl", '{"text": "hi"}\n', ":1: intent is missing"),
        ("rows.jsonl", '["hi", "greeting"]\n', ":1: a row is an object"),
        ("rows.yaml", "- {text: hi, intent: greeting}\n\n- text: bye\n", ":3: intent is missing"),
        ("rows.yaml", "- {text: hi, intent: greeting}\n- {text: '  ', intent: greeting}\n", ":2: text is empty"),
        ("rows.yaml", "text: hi\nintent: greeting\n", ":1: it must hold a list"),
        ("rows.yaml", "- {text: [unclosed\n", " is no YAML"),
        ("rows.yaml", "- {text: hi, intent: order/track}\n", ":1: the intent order/track has a slash"),
        ("rows.xlsx", "", "a data file is named"),
    ],
)
def test_what_is_wrong_in_json_lines_and_yaml_is_named_with_its_line(tmp_path: Path, name: str, content: str, said: str) -> None:
    (tmp_path / name).write_text(content, encoding="utf-8")
    with pytest.raises(DatasetError) as caught:
        read_dataset([tmp_path / name])
    assert str(caught.value).startswith(str(tmp_path / name))
    assert said in str(caught.value)


def test_repeats_and_very_long_texts_are_reported(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = csv_file(tmp_path, "rows.csv", "hello,en,greeting,", "HELLO,en,greeting,", f"{'hello there ' * 40},en,greeting,")
    with caplog.at_level("INFO", logger="training.dataset"):
        assert len(read_dataset([path])) == 2
    repeated, long = (record.getMessage() for record in caplog.records)
    assert repeated == f"1 texts are there already and count once: {path}:3."
    assert f"{path}:4" in long


def test_a_file_that_is_missing_or_no_utf8_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match=r"gone\.csv cannot be read"):
        read_dataset([tmp_path / "gone.csv"])
    (tmp_path / "gb.csv").write_bytes(HEADER.encode() + "退款,zh,refund_status,\n".encode("gb18030"))
    with pytest.raises(DatasetError, match=r"gb\.csv cannot be read as UTF-8"):
        read_dataset([tmp_path / "gb.csv"])


def test_no_utterances_at_all_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="No utterances"):
        read_dataset([tmp_path])


@pytest.mark.parametrize("again", ["where is my parcel", "WHERE is  my parcel", "ｗｈｅｒｅ is my parcel"])
def test_a_text_with_two_labels_is_refused_and_a_repeat_is_kept_once(tmp_path: Path, again: str) -> None:
    one = csv_file(tmp_path, "one.csv", "where is my parcel,en,track_order,track-parcel")
    same = csv_file(tmp_path, "same.csv", f"{again},en,track_order,")
    other = csv_file(tmp_path, "other.csv", "hello,en,greeting,", f"{again},en,missing_parcel,")
    assert len(read_dataset([one, same])) == 1
    with pytest.raises(DatasetError, match=rf"{other}:3: .* is labelled missing_parcel .no entry. and track_order .track-parcel."):
        read_dataset([one, other])
    third = csv_file(tmp_path, "third.csv", f"{again},en,track_order,parcel-lost")
    with pytest.raises(DatasetError, match="third"):
        read_dataset([one, third])


def test_personal_data_is_masked(tmp_path: Path) -> None:
    path = csv_file(
        tmp_path, "rows.csv", "mail me at jo@example.com about NL20260418-3317,en,track_order,", "电话13812345678,zh,update_account,"
    )
    first, second = (utterance.text for utterance in read_dataset([path]))
    assert first.startswith("mail me at [email] about [order-")
    assert second == "电话[phone]"


def test_texts_that_differ_in_an_order_number_alone_are_one(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "rows.csv", "where is NL20260418-3317,en,track_order,", "where is NL20260402-0085,en,track_order,")
    assert len(read_dataset([path])) == 1


# --- splitting ---


def test_a_fifth_validates() -> None:
    training, validation = split(utterances(2000))
    assert len(training) + len(validation) == 2000
    assert 330 < len(validation) < 470


def test_a_text_never_changes_sides() -> None:
    everything = utterances(400)
    before = set(split(everything)[1])
    random.Random(0).shuffle(everything)
    assert set(split(everything)[1]) == before
    some = set(everything[:100])
    assert set(split(everything[:100])[1]) == before & some


def test_form_does_not_decide_the_side() -> None:
    texts = [f"Where is parcel {chr(0x4E00 + number)}" for number in range(100)]
    plain, loud = ([Utterance(text, "en", "x", None) for text in version] for version in (texts, [t.upper() for t in texts]))
    assert [u.text.upper() for u in split(plain)[1]] == [u.text for u in split(loud)[1]]


# --- naming ---


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.permutations(utterances(6)))
def test_the_hash_does_not_see_the_order(shuffled: list[Utterance]) -> None:
    assert data_hash(shuffled) == data_hash(utterances(6))


@pytest.mark.parametrize(
    "changed",
    [
        Utterance("x", "zh", "track_order", "track-parcel"),
        Utterance("a", "zh", "oos", "track-parcel"),
        Utterance("a", "zh", "track_order", None),
    ],
)
def test_the_hash_sees_text_and_labels(changed: Utterance) -> None:
    known = [Utterance("a", "zh", "track_order", "track-parcel"), Utterance("b", "zh", "oos", None)]
    assert data_hash([changed, known[1]]) != data_hash(known)
    assert data_hash(known[:1]) != data_hash(known)
