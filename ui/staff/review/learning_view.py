"""Runs of the learning loop and datasets as HTML."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from html import escape
from pathlib import Path

from agent.language import Language
from agent.replying import reply_language
from training.datasets.versions import Dataset
from training.loop.reasons import reason_of
from training.loop.report import report_page
from training.loop.runs import LoopRun, Outcome, Step
from ui.staff.review.texts import say
from ui.texts import in_script

RUN_COLUMNS = ("run", "run_outcome", "run_reason", "run_releases", "run_report")
DATASET_COLUMNS = ("dataset", "dataset_messages", "dataset_difference", "dataset_intents")
MOST_DATASETS, MOST_INTENTS = 30, 8
GOOD, BAD = {Outcome.PROMOTED}, {Outcome.FAILED, Outcome.BATCH_REFUSED}


class LearningView:
    """Renders them.

    Args:
        reports: the folder of all reports.
        timezone: in which moments are told.
    """

    def __init__(self, reports: Path, timezone: tzinfo) -> None:
        self.folder, self.timezone = reports, timezone

    def state(self, newest: LoopRun | None, log: str, language: Language, *, is_running: bool) -> str:
        """How far the training is that goes on or was interrupted; nothing where there is none.

        Args:
            newest: the newest run.
            log: what was said last by the process that trains.
            language: of who reads it.
            is_running: whether a process trains.
        """
        open_run = newest if newest and newest.outcome is None else None
        if not is_running and open_run is None:
            return ""
        steps = list(Step)
        place = steps.index(open_run.step) if open_run else -1
        items = "".join(f"<li{_stand(number, place)}>{escape(say(f'step_{step}', language))}</li>" for number, step in enumerate(steps))
        told = f"<p>{escape(say('training_runs' if is_running else 'training_interrupted', language))}</p>"
        tail = f"<details><summary>{escape(say('log', language))}</summary><pre>{escape(log)}</pre></details>" if log else ""
        return f'{told}<ol class="steps">{items}</ol>{tail}'

    def runs(self, runs: Sequence[LoopRun], language: Language) -> str:
        """Every run, newest first."""
        if not runs:
            return f'<p class="empty">{escape(say("runs_none", language))}</p>'
        return _table("runs", RUN_COLUMNS, [self._run(run, language) for run in runs], language)

    def datasets(self, datasets: Sequence[Dataset], language: Language) -> str:
        """The newest datasets, each with what is different to the one before."""
        if not datasets:
            return ""
        return _table("datasets", DATASET_COLUMNS, [self._dataset(one, language) for one in datasets[:MOST_DATASETS]], language)

    def _run(self, run: LoopRun, language: Language) -> list[str]:
        outcome = say(f"outcome_{run.outcome}", language) if run.outcome else say(f"step_{run.step}", language)
        kind = "published" if run.outcome in GOOD else "refused" if run.outcome in BAD else ""
        releases = [run.champion, *([f"→ {run.challenger}"] if run.challenger else [])]
        has_report = report_page(self.folder, run.id).is_file()
        report = f'<a href="/staff/reports/loop-{run.id}" target="_blank">{escape(say("run_report", language))}</a>' if has_report else ""
        return [
            f"{run.id}<small>{self._at(run.started_at)} · {escape(run.author)}</small>",
            f'<span class="badge {kind}">{escape(outcome)}</span>',
            escape(in_script(reason_of(run, reply_language(language)), language)),
            "<br>".join(map(escape, releases)),
            report,
        ]

    def _dataset(self, dataset: Dataset, language: Language) -> list[str]:
        changed = dataset.facts["difference"]
        counts = [(name, changed[name]) for name in ("added", "removed", "relabelled")]
        erased = [("erased", dataset.erased)] if dataset.erased else []
        told = " · ".join(say(f"dataset_{name}", language, count=f"{count:,}") for name, count in [*counts, *erased])
        grown = sorted(changed["intents"].items(), key=lambda item: -abs(item[1]))[:MOST_INTENTS]
        return [
            f"{dataset.number}<small>{self._at(dataset.at)} · {escape(dataset.author)} · {dataset.sha256[:10]}</small>",
            escape(say("dataset_count", language, count=f"{sum(dataset.facts['parts'].values()):,}")),
            escape(told),
            escape(", ".join(f"{intent} {by:+,}" for intent, by in grown)),
        ]

    def _at(self, moment: datetime) -> str:
        return f"{moment.astimezone(self.timezone):%Y-%m-%d %H:%M}"


def _table(name: str, columns: Sequence[str], lines: Sequence[Sequence[str]], language: Language) -> str:
    """A table with its title; the cells are HTML."""
    heads = "".join(f'<th scope="col">{escape(say(column, language))}</th>' for column in columns)
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in line)}</tr>" for line in lines)
    title = f"<h3>{escape(say(name, language))}</h3>"
    return f'{title}<table class="entries {name}"><thead><tr>{heads}</tr></thead><tbody>{rows}</tbody></table>'


def _stand(place: int, current: int) -> str:
    """A step's attributes: whether it is done, or goes on."""
    return ' class="done"' if place < current else " aria-current=step" if place == current else ""
