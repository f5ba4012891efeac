"""Why a run of the loop came to what it came to, in English and Chinese."""

from training.gate import Verdict, objections
from training.gate_wording import told
from training.loop.runs import LoopRun, Outcome, Step
from training.loop.shadow import ShadowResult

MOST_UNANSWERED = 0.1  # of the live messages, on balance: a challenger that answers less is not better
FEWEST_LIVE = 50  # messages, below which that is chance

TEXTS = {
    Outcome.PROMOTED: {
        "en": "Release {challenger} is in service, in place of {champion}.",
        "zh": "版本 {challenger} 已上线，替换 {champion}。",
    },
    Outcome.NOTHING_NEW: {
        "en": "Nothing was reviewed that {champion} has not learned.",
        "zh": "没有 {champion} 尚未学过的已复核消息。",
    },
    Outcome.BATCH_REFUSED: {
        "en": "Of {n} new labels {implausible} cannot well be right; {expected:.0f} would seem so if all were, and more than {limit:.0f} "
        "are refused. Somebody else is asked about them.",
        "zh": "{n} 条新标注中有 {implausible} 条很可能不对；全部正确时也会有约 {expected:.0f} 条看似不对，超过 {limit:.0f} 条即不采用。"
        "已请其他人复核。",
    },
}


def reason_of(run: LoopRun, language: str) -> str:
    """Why a run ended as it did; empty as long as it goes on.

    Args:
        run: the run, with what its steps found.
        language: ``en`` or ``zh``; an error that ended it is told in English.
    """
    if run.outcome is None:
        return ""
    if run.outcome is Outcome.KEPT:
        return " ".join(objections_to(run, language))
    if run.outcome is Outcome.FAILED:
        return run.reason
    audit = run.facts.get(Step.DATASET, {}).get("audit") or {}
    return TEXTS[run.outcome][language].format(challenger=run.challenger, champion=run.champion, **audit)


def objections_to(run: LoopRun, language: str) -> list[str]:
    """Why a run's challenger may not come into service: the golden set, recent reviewed traffic, live messages. None where it may."""
    compared = run.facts[Step.COMPARISON]
    golden, recent = (Verdict.from_figures(compared[name]) if compared[name] else None for name in ("golden", "recent"))
    reasons = _reasons(golden, language)
    reasons += [told("recent", language, reason=reason) for reason in _reasons(recent, language)]
    live = ShadowResult(**run.facts[Step.SHADOW])
    if live.messages >= FEWEST_LIVE and live.no_longer_answered - live.newly_answered > MOST_UNANSWERED * live.messages:
        counts = {"messages": live.messages, "no_longer": live.no_longer_answered, "newly": live.newly_answered}
        reasons.append(told("live", language, most=MOST_UNANSWERED, **counts))
    return reasons


def _reasons(verdict: Verdict | None, language: str) -> list[str]:
    if verdict is None:
        return []
    return objections(verdict.comparison, language) if verdict.comparison else list(verdict.reasons)
