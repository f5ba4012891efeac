"""A run of the learning loop as a page that a trainer reads, in each language, and as a document beside it."""

import json
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agent.language import SERVED
from knowledge_base.errors import StorageError
from training.datasets.versions import Dataset
from training.loop.plots import growth, shares_right
from training.loop.reasons import reason_of
from training.loop.report_texts import say
from training.loop.runs import LoopRun, Step
from training.report import DOCUMENT, percent

TEMPLATES = [Path(__file__).parent, Path(__file__).parents[1]]


def write_loop_report(folder: Path, run: LoopRun, dataset: Dataset) -> None:
    """Write the report of a run that has a challenger: figures only, no customer's message.

    Args:
        folder: of all reports; it is made when it is needed.
        run: the run, ended.
        dataset: what the challenger was trained on.

    Raises:
        StorageError: the disk refused.
    """
    place = report_page(folder, run.id).parent
    try:
        place.mkdir(parents=True, exist_ok=True)
        (place / DOCUMENT).write_text(json.dumps(_document(run, dataset), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        for language in SERVED:
            report_page(folder, run.id, language).write_text(render(run, dataset, language), encoding="utf-8")
    except OSError as error:
        raise StorageError(f"The report {place} cannot be written: {error}. Check permissions and free space.") from error


def report_page(folder: Path, run_id: int, language: str = "en") -> Path:
    """Where the report of a run is.

    Args:
        folder: of all reports.
        run_id: the run's number.
        language: ``en`` or ``zh``.
    """
    return folder / f"loop-{run_id}" / f"report.{language}.html"


def render(run: LoopRun, dataset: Dataset, language: str) -> str:
    """The page."""
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["percent"] = percent
    compared = run.facts[Step.COMPARISON]
    golden, recent = ((compared[name] or {}).get("comparison") for name in ("golden", "recent"))
    return environment.get_template("loop_report.html.jinja").render(
        language=language,
        say=partial(say, language=language),
        run=run,
        reason=reason_of(run, language),
        dataset=dataset,
        prepared=run.facts[Step.DATASET],
        golden=golden,
        recent=recent,
        shadow=run.facts[Step.SHADOW],
        growth=growth(dataset.facts["difference"]["intents"], language) if dataset.number > 1 else None,
        golden_plot=shares_right(golden["intents"], "golden", language) if golden else None,
        recent_plot=shares_right(recent["intents"], "recent", language) if recent else None,
    )


def _document(run: LoopRun, dataset: Dataset) -> dict[str, Any]:
    times = {"started_at": run.started_at.isoformat(), "ended_at": run.ended_at.isoformat() if run.ended_at else None}
    return asdict(run) | times | {"dataset": asdict(dataset) | {"at": dataset.at.isoformat()}}
