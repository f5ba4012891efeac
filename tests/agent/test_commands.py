"""The commands, as a person runs them: one process each."""

import csv
import json
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agent.__main__ import main
from agent.data_directory import DataDirectory
from tests.conftest import ROOT

CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("FRONTDESK_")}
ENTRIES = """
- id: opening-hours
  en: {questions: ["When is the bakery open?"], answer: "We open at 6."}
  zh: {questions: ["面包店几点开门？"], answer: "早上 6 点开门。"}
- id: gluten
  en: {questions: ["Do you have gluten-free bread?"], answer: "Yes, on Fridays."}
"""


def run(*arguments: str | Path, typed: str = "", **settings: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a module with arguments; `settings` become FRONTDESK_ variables."""
    environment = CLEAN | {f"FRONTDESK_{name.upper()}": str(value) for name, value in settings.items()}
    command = [sys.executable, "-m", *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=environment, input=typed, capture_output=True, text=True, check=False)


def documents(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    """What a command printed: one document a line."""
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def turns(folder: Path) -> list[tuple[str, Any]]:
    with closing(sqlite3.connect(folder / "frontdesk.db")) as connection:
        return [(message, json.loads(reply)) for message, reply in connection.execute("SELECT message, reply FROM turns ORDER BY id")]


def one_document(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """What a command with --json printed: one line, one document."""
    assert done.returncode == 0, done.stderr
    assert done.stdout.endswith("\n")
    assert done.stdout.count("\n") == 1
    document: dict[str, Any] = json.loads(done.stdout)
    return document


def complaint(done: subprocess.CompletedProcess[str]) -> tuple[int, str]:
    """The exit code of a command that failed, and what it said; nothing may stand on stdout."""
    assert done.stdout == ""
    assert "Traceback" not in done.stderr
    return done.returncode, done.stderr


@pytest.fixture(scope="module")
def own_shop(tmp_path_factory: pytest.TempPathFactory, model_cache: Path) -> Path:
    """A data directory made and filled by commands, after an interrupted one has left the models there: none is converted again."""
    folder = tmp_path_factory.mktemp("own")
    directory = DataDirectory(folder / "data")
    directory.create()
    (directory.path / "releases" / "current").unlink()
    directory.cache.symlink_to(model_cache, target_is_directory=True)
    done = run("agent", "init", directory.path)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "is ready: 0 FAQ entries" in done.stderr
    (folder / "entries.yaml").write_text(ENTRIES, encoding="utf-8")
    imported = run("knowledge_base", "import", folder / "entries.yaml", "--data-dir", directory.path)
    assert (imported.returncode, imported.stdout) == (0, "2 new, 0 changed, 0 unchanged, 0 duplicate, 0 refused.\n")
    return directory.path


# --- a shop of one's own ---


def test_importing_again_changes_nothing(own_shop: Path) -> None:
    done = run("knowledge_base", "import", own_shop.parent / "entries.yaml", "--json", data_dir=own_shop)
    document = one_document(done)
    assert (document["entries"], document["changed"], document["counts"]["unchanged"]) == (2, 0, 2)


def test_it_answers_from_its_own_entries(own_shop: Path) -> None:
    document = one_document(run("agent", "ask", "面包店几点开门？", "--data-dir", own_shop, "--json"))
    assert list(document) == [
        "reply",
        "language",
        "intent",
        "route",
        "sources",
        "suggestions",
        "composed",
        "checked",
        "release",
        "timings_ms",
    ]
    assert (document["reply"], document["language"], document["route"]) == ("早上 6 点开门。", "zh", "answer")
    assert document["intent"] == {"label": None, "act": None, "confidence": None, "out_of_scope": None}
    (source,) = document["sources"]
    assert (source["id"], source["version"], source["title"]) == ("opening-hours", 1, "面包店几点开门？")
    assert 0 < source["score"] <= 1
    assert document["composed"] is False
    assert document["timings_ms"]["total"] > 0


def test_it_declines_the_rest_in_plain_text(own_shop: Path) -> None:
    done = run("agent", "ask", "why is my laptop so slow", data_dir=own_shop)
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("I'm sorry, I couldn't find that in our help articles")
    assert "[" not in done.stdout  # no source


def test_asking_is_not_logged_and_each_line_of_a_chat_is(own_shop: Path) -> None:
    assert turns(own_shop) == []
    done = run("agent", "chat", "--data-dir", own_shop, typed="When is the bakery open?\n有无麸质面包吗\n")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("We open at 6.\n")
    (first, second) = turns(own_shop)
    assert (first[0], first[1]["text"]) == ("When is the bakery open?", "We open at 6.")
    assert (second[0], second[1]["language"]) == ("有无麸质面包吗", "zh")
    (document,) = documents(run("agent", "chat", "--json", data_dir=own_shop, typed="When is the bakery open?\n"))
    assert (document["reply"], document["sources"][0]["id"]) == ("We open at 6.", "opening-hours")


def test_without_a_classifier_it_is_explained_by_what_is_near(own_shop: Path) -> None:
    document = one_document(run("agent", "ask", "do you have bread without gluten", "--explain", "--json", data_dir=own_shop))
    (reason,) = document["explanation"]
    assert list(reason) == ["read_as", "manner", "intents", "words", "entries", "rule"]
    assert (reason["manner"], reason["intents"]) == ("alone", {})
    assert next(iter(reason["entries"])) == "gluten"
    assert next(iter(reason["words"])) in {"gluten", "bread"}


def test_a_second_init_keeps_everything(own_shop: Path) -> None:
    done = run("agent", "init", own_shop, "--starter")
    assert (done.returncode, done.stderr) == (0, f"{own_shop} is a data directory already; nothing was changed.\n")
    with closing(sqlite3.connect(own_shop / "frontdesk.db")) as connection:
        assert connection.execute("SELECT id FROM entries ORDER BY id").fetchall() == [("gluten",), ("opening-hours",)]


# --- the demonstration shop ---


def test_ask_names_the_intent(starter_directory: Path) -> None:
    document = one_document(run("agent", "ask", "How long does standard delivery take?", "--json", data_dir=starter_directory))
    assert document["sources"][0]["id"] == "delivery-standard"
    intent = document["intent"]
    assert (intent["label"], intent["act"]) == ("delivery_time", "query")
    assert 0 <= intent["out_of_scope"] < 0.5 < intent["confidence"] <= 1


def test_several_messages_are_one_conversation_and_it_says_why(starter_directory: Path) -> None:
    before = turns(starter_directory)
    asked = ["How long does standard delivery take?", "and for express?"]
    document = one_document(run("agent", "ask", *asked, "--explain", "--json", data_dir=starter_directory))
    (reason,) = document["explanation"]
    assert document["sources"][0]["id"] == next(iter(reason["entries"])) == "delivery-express"
    assert (reason["manner"], next(iter(reason["words"]))) == ("follow_up", "express")
    assert next(iter(reason["intents"])) == "delivery_time"
    assert reason["rule"].startswith("answer: delivery-express")
    plain = run("agent", "ask", *asked, "--explain", data_dir=starter_directory).stdout
    assert [line.split()[0] for line in plain.splitlines()[-5:]] == ["read", "intents", "words", "entries", "rule"]
    assert turns(starter_directory) == before


LABELLED = """text,language,intent,faq
How long does standard delivery take?,en,delivery_time,delivery-standard
how do I cancel my order,en,double_charge,double-charge
write a poem about autumn,en,oos,
hello,en,greeting,
标准配送要多久？,zh,delivery_time,delivery-standard
standard delivery 大概要几天,mixed,delivery_time,delivery-standard
"""  # the second line is labelled wrong, so that something is missed


def test_evaluating(starter_directory: Path, tmp_path: Path) -> None:
    (tmp_path / "queries.csv").write_text(LABELLED, encoding="utf-8")
    before = turns(starter_directory)
    options: list[str | Path] = ["--queries", tmp_path / "queries.csv", "--rows", tmp_path / "rows.csv", "--json"]
    summary = one_document(run("agent", "evaluate", *options, data_dir=starter_directory))
    assert summary == {
        "n": 6,
        "intent_accuracy": {"en": 0.75, "zh": 1.0, "all": 0.8333},
        "faq_recall": {"1": {"en": 0.5, "zh": 1.0, "all": 0.75}, "3": {"en": 0.5, "zh": 1.0, "all": 0.75}},
        "out_of_scope_rejected": {"en": 1.0, "zh": None, "all": 1.0},
        "in_scope_rejected": {"en": 0.0, "zh": 0.0, "all": 0.0},
        "answerable_rejected": {"en": 0.0, "zh": 0.0, "all": 0.0},
        "in_scope_clarified": {"en": 0.0, "zh": 0.0, "all": 0.0},
        "answered_correctly": {"en": 0.5, "zh": 1.0, "all": 0.75},
        "both_answered": {"en": None, "zh": None, "all": None},
    }
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert [row["text"] for row in rows] == [line.split(",")[0] for line in LABELLED.splitlines()[1:]]
    assert (rows[0]["route"], rows[0]["sent"]) == ("answer", "delivery-standard")
    assert (rows[1]["predicted_intent"], rows[1]["sent"]) == ("cancel_order", "cancel-order")
    assert turns(starter_directory) == before


DIALOGUES = """dialogue,kind,text,language,intent,faq
a,opening,How long does standard delivery take?,en,delivery_time,delivery-standard
a,follow_up,and for express?,en,delivery_time,delivery-express
a,social,thanks!,en,thanks,
b,opening,怎么开发票,zh,invoice,invoice-get
b,new_topic,忘记密码了怎么办,zh,refund_status,refund-time
"""  # the last line is labelled wrong


def test_evaluating_dialogues(starter_directory: Path, tmp_path: Path) -> None:
    (tmp_path / "dialogues.csv").write_text(DIALOGUES, encoding="utf-8")
    options: list[str | Path] = ["--queries", tmp_path / "dialogues.csv", "--rows", tmp_path / "rows.csv", "--json"]
    before = turns(starter_directory)
    summary = one_document(run("agent", "evaluate", *options, data_dir=starter_directory))
    assert summary == {
        "dialogues": {
            "n": 2,
            "right_at_every_turn": {"en": 1.0, "zh": 0.0, "all": 0.5},
            "turns_right": {"en": 1.0, "zh": 0.5, "all": 0.8},
            "by_kind": {
                "follow_up": {"en": 1.0, "zh": None, "all": 1.0},
                "new_topic": {"en": None, "zh": 0.0, "all": 0.0},
                "opening": {"en": 1.0, "zh": 1.0, "all": 1.0},
                "social": {"en": 1.0, "zh": None, "all": 1.0},
            },
        }
    }
    with (tmp_path / "rows.csv").open(encoding="utf-8", newline="") as stream:
        assert [row["sent"] for row in csv.DictReader(stream)][:2] == ["delivery-standard", "delivery-express"]
    assert turns(starter_directory) == before


def test_the_benchmark(starter_directory: Path) -> None:
    before = turns(starter_directory)
    result = one_document(run("agent", "benchmark", "--messages", "20", "--json", data_dir=starter_directory))
    assert {"n", "p50_ms", "p95_ms", "start_s", "rss_mb", "machine"} <= set(result)
    assert result["n"] == 20
    assert 0 < result["p50_ms"] <= result["p95_ms"]
    assert turns(starter_directory) == before


# --- wrong use ---


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "required: command"),
        (["answer"], "invalid choice"),
        (["ask"], "required: MESSAGE"),
        (["evaluate"], "required: --queries"),
        (["benchmark", "--messages", "many"], "invalid int value"),
    ],
)
def test_wrong_use_is_explained(arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert said in capsys.readouterr().err


def test_wrong_use_exits_with_2() -> None:
    code, message = complaint(run("agent", "ask"))
    assert code == 2
    assert "required: MESSAGE" in message


def test_settings_that_do_not_parse_exit_with_2() -> None:
    code, message = complaint(run("agent", "ask", "hi", port="many", generator="chatgpt"))
    assert code == 2
    assert "FRONTDESK_PORT='many'" in message
    assert "FRONTDESK_GENERATOR='chatgpt'" in message


@pytest.mark.parametrize("command", [["agent", "ask", "hi"], ["knowledge_base", "import", "entries.yaml"]])
def test_a_missing_data_directory_exits_with_1(command: list[str], tmp_path: Path) -> None:
    code, message = complaint(run(*command, data_dir=tmp_path / "gone"))
    assert code == 1
    assert f"{tmp_path / 'gone'} is no Frontdesk data directory" in message
    assert "python -m agent init" in message
    assert not (tmp_path / "gone").exists()


def test_init_with_a_release_that_is_none_changes_nothing(tmp_path: Path) -> None:
    code, message = complaint(run("agent", "init", tmp_path / "data", "--release", tmp_path))
    assert code == 1
    assert "holds no readable release" in message
    assert not (tmp_path / "data").exists()


def test_init_refuses_a_foreign_folder(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("ten years of work", encoding="utf-8")
    code, message = complaint(run("agent", "init", tmp_path))
    assert code == 1
    assert "not empty" in message
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


@pytest.mark.parametrize(
    ("content", "said"),
    [("text,language,intent,faq\nhello,en,,\n", "queries.csv:2: intent is empty"), ("text,language,intent,faq\n", "has no rows")],
)
def test_labelled_messages_that_cannot_be_read_exit_with_1(own_shop: Path, tmp_path: Path, content: str, said: str) -> None:
    (tmp_path / "queries.csv").write_text(content, encoding="utf-8")
    code, message = complaint(run("agent", "evaluate", "--queries", tmp_path / "queries.csv", data_dir=own_shop))
    assert code == 1
    assert "queries.csv" in message
    assert said in message


def test_a_file_that_cannot_be_read_exits_with_1_and_changes_nothing(own_shop: Path, tmp_path: Path) -> None:
    (tmp_path / "entries.yaml").write_text("- {id: new, en: {questions: ['A?'], answer: B.}}\n- {id: broken", encoding="utf-8")
    code, message = complaint(run("knowledge_base", "import", tmp_path / "entries.yaml", data_dir=own_shop))
    assert code == 1
    assert "entries.yaml" in message
    with closing(sqlite3.connect(own_shop / "frontdesk.db")) as connection:
        assert connection.execute("SELECT count(*) FROM entries WHERE id = 'new'").fetchone() == (0,)


def test_more_messages_than_there_are_exit_with_2(own_shop: Path) -> None:
    code, message = complaint(run("agent", "benchmark", "--messages", "1000000", data_dir=own_shop))
    assert code == 2
    assert "distinct starter utterances" in message


@pytest.mark.slow
def test_init_on_a_new_folder_prepares_the_models_itself(tmp_path: Path) -> None:
    done = run("agent", "init", tmp_path / "data")
    assert done.returncode == 0, done.stderr
    assert "Preparing the text encoder (once)" in done.stderr
    again = run("agent", "init", tmp_path / "data")
    assert again.returncode == 0, again.stderr
    assert "Preparing" not in again.stderr
