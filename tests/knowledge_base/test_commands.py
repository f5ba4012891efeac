"""The commands on the FAQ, as people and programs use them."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from knowledge_base.__main__ import main
from knowledge_base.curation.curation import Curation
from knowledge_base.database import Database
from tests.conftest import make_data_directory

CSV = """id,question,answer,language
drone-lessons,Do you give drone flying lessons?,"Yes, for 4 USD.",en
drone-lessons,learn to fly a drone,,en
drone-lessons,可以学飞无人机吗？,可以，每件 4 美元。,zh
"""


@pytest.fixture
def shop(untouched_shop: Path, tmp_path: Path) -> Path:
    """A data directory with the demonstration shop."""
    return Path(shutil.copytree(untouched_shop, tmp_path / "data", symlinks=True))


@pytest.fixture
def lessons(tmp_path: Path) -> Path:
    file = tmp_path / "lessons.csv"
    file.write_text(CSV, encoding="utf-8")
    return file


def run(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """Run a command that has to succeed; gives what it printed."""
    capsys.readouterr()
    code = main([str(argument) for argument in arguments])
    printed = capsys.readouterr()
    assert code == 0, printed.err
    return printed.out


def document(capsys: pytest.CaptureFixture[str], *arguments: object) -> dict[str, Any]:
    return dict(json.loads(run(capsys, *arguments, "--json")))


def test_a_dry_run_shows_and_changes_nothing_and_an_import_is_found(shop: Path, lessons: Path, capsys: pytest.CaptureFixture[str]) -> None:
    shown = document(capsys, "import", lessons, "--dry-run", "--data-dir", shop)
    assert (shown["entries"], shown["counts"]["new"], shown["changed"], shown["dry_run"]) == (1, 1, 0, True)
    assert document(capsys, "import", lessons, "--data-dir", shop)["changed"] == 1
    again = document(capsys, "import", lessons, "--data-dir", shop)
    assert (again["changed"], again["counts"]["unchanged"]) == (0, 1)
    found = document(capsys, "search", "学飞无人机", "--data-dir", shop)
    assert found["results"][0]["id"] == "drone-lessons"
    assert set(found["results"][0]) == {"id", "title", "question", "answer", "bm25", "fused"}
    assert "drone-lessons: Do you give drone flying lessons?" in run(capsys, "search", "drone flying course", "--data-dir", shop)
    (version,) = Curation(Database(f"sqlite:///{shop}/frontdesk.db")).history("drone-lessons")
    assert version.note == f"imported from {lessons}"


def test_what_is_left_out_is_said_with_its_place(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "more.csv"
    file.write_text("question,answer\nWhere is my parcel?,Somewhere.\nWhat now?,\n")
    lines = run(capsys, "import", file, "--data-dir", shop)
    assert "refused   line 3" in lines
    assert "the answer is blank" in lines


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json", "yaml"])
def test_what_is_exported_and_imported_again_is_unchanged(
    shop: Path, tmp_path: Path, ending: str, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / f"faq.{ending}"
    run(capsys, "export", file, "--data-dir", shop)
    report = document(capsys, "import", file, "--data-dir", shop)
    assert report["changed"] == 0
    assert report["counts"] == {"new": 0, "changed": 0, "unchanged": 62, "duplicate": 0, "refused": 0}


def test_several_files_are_one_import(shop: Path, lessons: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    more = tmp_path / "more.csv"
    more.write_text("id,question,answer\ndrone-lessons,Another?,Yes.\ncandles,Do you sell candles?,No.\n")
    report = document(capsys, "import", lessons, more, "--data-dir", shop)
    assert report["changed"] == 2
    (refused,) = [item for item in report["items"] if item["kind"] == "refused"]
    assert refused["place"] == f"{more}, line 2"
    assert "the id drone-lessons is there twice" in refused["reason"]


def test_without_a_file_the_export_is_printed(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert len(json.loads(run(capsys, "export", "--data-dir", shop))) == 62


def test_an_export_without_a_known_ending_is_refused(shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(tmp_path / "faq.docx"), "--data-dir", str(shop)]) == 2
    assert ".csv, .xlsx, .json, .yaml" in capsys.readouterr().err


def test_an_evaluation_compares_three_ways_of_searching(
    untouched_shop: Path, tmp_path: Path, lessons: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    queries = tmp_path / "queries.csv"
    queries.write_text("query,id\nare there drone lessons,drone-lessons\n", encoding="utf-8")
    found = document(capsys, "evaluate", "--entries", lessons, "--queries", queries, "--data-dir", untouched_shop)
    for name in ("bm25", "dense", "fused"):
        assert set(found[name]) == {"recall@1", "recall@3", "recall@5", "mrr"}
    assert found["fused"]["recall@1"] == 1.0
    queries.write_text("query,id\nwhat,elsewhere\n", encoding="utf-8")
    assert main(["evaluate", "--entries", str(lessons), "--queries", str(queries), "--data-dir", str(untouched_shop)]) == 1
    assert "names the entry elsewhere" in capsys.readouterr().err


def test_an_index_is_built_anew(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = {path.name for path in (shop / "index").iterdir() if path.is_dir()}
    assert document(capsys, "reindex", "--data-dir", shop)["entries"] == 62
    after = {path.name for path in (shop / "index").iterdir() if path.is_dir()}
    assert len(after) == 1
    assert after != before
    assert document(capsys, "search", "where is my parcel", "--data-dir", shop)["results"][0]["id"] == "track-parcel"


def test_an_faq_is_measured_on_its_own_questions(
    tmp_path: Path, model_cache: Path, lessons: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = make_data_directory(tmp_path / "own", model_cache, starter=False)
    assert main(["benchmark", "--data-dir", str(folder)]) == 1
    assert "there is nothing to ask" in capsys.readouterr().err
    run(capsys, "import", lessons, "--data-dir", folder)
    assert document(capsys, "benchmark", "--data-dir", folder)["queries"] == 2
    report = document(capsys, "benchmark", "--texts", 60, "--data-dir", folder)
    assert report["texts"] >= 60
    assert "cores" in report["machine"]
    assert set(report["publish_ms"]) == {"p50", "p95"}
