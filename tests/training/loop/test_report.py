"""The report of a run, and why it came to what it came to, in both languages."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from training.datasets.versions import Dataset
from training.gate import Comparison, Tally, judge
from training.loop.reasons import objections_to, reason_of
from training.loop.report import report_page, write_loop_report
from training.loop.runs import LoopRun, Outcome, Step
from training.loop.shadow import ShadowResult

AT = datetime(2026, 11, 29, 8, 0, tzinfo=UTC)
AUDIT = {"n": 60, "implausible": 21, "expected": 6.4, "limit": 11.2, "passed": False}
DIFFERENCE = {"added": 40, "removed": 2, "relabelled": 1, "intents": {"invoice": 30, "coupon": -2}}
DATASET = Dataset(2, AT, "lin", "ab" * 32, {"origins": {"files": 100, "reviewed": 40}, "difference": DIFFERENCE}, 0)


def compared(lost: int, gained: int = 0) -> dict[str, Any]:
    """Figures of a verdict on 100 messages of one intent."""
    tally = Tally(100, 0.9, 0.9 + (gained - lost) / 100, lost, gained)
    share = (gained - lost) / 100
    return judge(Comparison("old", "new", tally, (share - 0.04, share + 0.04), {"en": tally}, {"coupon": tally}, ())).figures()


def ended(outcome: Outcome, golden: int = 0, recent: int = 0, live: int = 0) -> LoopRun:
    """A run whose challenger lost so many of 100 messages of each kind."""
    facts: dict[str, Any] = {
        Step.DATASET: {"audit": AUDIT, "new_intents": ["invoice"], "accepted_because": "checked <by hand>"},
        Step.COMPARISON: {"golden": compared(golden), "recent": compared(recent)},
        Step.SHADOW: ShadowResult(100, 100 - live, 0, live, 0).facts(),
    }
    return LoopRun(7, AT, AT + timedelta(hours=1), "lin", Step.GATE, outcome, "", "old", "new", 2, facts)


@pytest.mark.parametrize(
    ("lost", "english", "chinese"),
    [
        (
            {"golden": 12},
            "Of 100 messages it does 78.0% right, the release in service 90.0%",
            "100 条消息中，候选模型答对 78.0%，线上模型答对 90.0%",
        ),
        ({"golden": 12}, "In the intent coupon it loses 12 of 100 messages", "意图 coupon 的 100 条消息中，候选模型多答错 12 条"),
        (
            {"recent": 12},
            "On recent reviewed traffic: In the language en it loses 12",
            "近期已复核的消息：en 语言的 100 条消息中，候选模型多答错 12 条",
        ),
        ({"live": 11}, "Of 100 live messages it answers 11 no more", "100 条真实消息中，候选模型有 11 条不再回答"),
    ],
)
def test_what_speaks_against_a_challenger_is_said_in_both_languages(lost: dict[str, int], english: str, chinese: str) -> None:
    run = ended(Outcome.KEPT, **lost)
    assert english in reason_of(run, "en")
    assert chinese in reason_of(run, "zh")
    assert len(objections_to(run, "en")) == len(objections_to(run, "zh")) > 0


def test_nothing_speaks_against_one_that_is_as_good() -> None:
    assert objections_to(ended(Outcome.PROMOTED, live=10), "en") == []


def test_how_runs_end_is_said_in_both_languages() -> None:
    refused = ended(Outcome.BATCH_REFUSED)
    assert reason_of(refused, "en").startswith("Of 60 new labels 21 cannot well be right; 6 would seem so")
    assert reason_of(refused, "zh").startswith("60 条新标注中有 21 条很可能不对；全部正确时也会有约 6 条")
    assert reason_of(ended(Outcome.NOTHING_NEW), "zh") == "没有 old 尚未学过的已复核消息。"
    assert reason_of(replace(refused, outcome=Outcome.FAILED, reason="The disk is full."), "zh") == "The disk is full."
    assert reason_of(replace(refused, outcome=None), "en") == ""


def test_the_report_is_there_in_both_languages(tmp_path: Path) -> None:
    run = ended(Outcome.KEPT, golden=12, live=11)
    write_loop_report(tmp_path, run, DATASET)
    english, chinese = (report_page(tmp_path, 7, language).read_text(encoding="utf-8") for language in ("en", "zh"))
    assert "Learning, run 7: not better" in english
    assert "Dataset 2: 40 messages more than the one before, 2 fewer, 1 with another label." in english
    assert "checked &lt;by hand&gt;" in english
    assert "模型训练 第 7 次: 未优于线上" in chinese
    assert "候选模型在 100 条黄金消息上的正确率" in chinese
    assert "各意图消息的正确率：线上模型与候选模型" in chinese
    assert not {"right", "messages", "service", "Dataset"} & set(chinese.split()), "nothing was left in English"
    assert json.loads((tmp_path / "loop-7" / "report.json").read_text(encoding="utf-8"))["dataset"]["number"] == 2
