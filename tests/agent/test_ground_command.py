"""``python -m agent ground`` and ``benchmark composing``, as a person runs them."""

import json
from pathlib import Path

from tests.agent.test_commands import complaint, one_document, run

PAIRS = """evidence,sentence,language,supported,kind
Returns are possible within 14 days.,You have 14 days to return it.,en,1,paraphrase
Returns are possible within 14 days.,You have 30 days to return it.,en,0,duration
Returns are possible within 14 days.,Returns are possible within 14 days.,,1,verbatim
签收后7天内可以退货。,我已经帮您取消了订单。,zh,0,action
"""


def test_verdicts_come_in_the_files_order(starter_directory: Path, tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text(PAIRS, encoding="utf-8")
    rows = one_document(run("agent", "ground", "--pairs", file, "--json", data_dir=starter_directory))["rows"]
    assert [list(row) for row in rows] == [["supported", "reason", "score"]] * 4
    assert [row["reason"] for row in rows][1:] == ["duration", "verbatim", "action"]
    assert [row["supported"] for row in rows][1:] == [False, True, False]
    told = run("agent", "ground", "--pairs", file, data_dir=starter_directory).stdout.splitlines()
    assert len(told) == 4
    assert told[1].startswith("UNSUPPORTED  duration")
    measured = one_document(run("agent", "benchmark", "composing", "--pairs", file, "--json", data_dir=starter_directory))["check"]
    assert (measured["all"]["n"], measured["all"]["caught"]) == (4, 1.0)
    assert measured["right_by_kind"]["unsupported: action"] == {"n": 1, "right": 1.0}


def test_what_is_no_file_of_pairs_is_refused(starter_directory: Path, tmp_path: Path) -> None:
    file = tmp_path / "pairs.csv"
    file.write_text("evidence,text\na,b\n", encoding="utf-8")
    assert complaint(run("agent", "ground", "--pairs", file, data_dir=starter_directory)) == (
        1,
        f"{file}:1: the column sentence is missing; needed are evidence and sentence.\n",
    )
    file = tmp_path / "pairs.jsonl"
    file.write_text(json.dumps({"evidence": "a", "sentence": "b", "supported": "perhaps"}), encoding="utf-8")
    assert complaint(run("agent", "ground", "--pairs", file, data_dir=starter_directory)) == (
        1,
        f"{file}:1: supported is 1 or 0, not perhaps.\n",
    )
