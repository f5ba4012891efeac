"""``python -m training loop``, ``datasets``: learn from what people reviewed."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from agent.assembly import data_directory
from agent.settings import Settings, read_settings
from knowledge_base.database import Database
from knowledge_base.errors import SettingsError
from training.commands.output import only_one
from training.commands.printing import print_document, say

if TYPE_CHECKING:
    from training.loop.runs import LoopRun


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    loop = commands.add_parser("loop", help="train on what was reviewed, and let the release serve if it is better")
    loop.add_argument("--author", default="program", help="who wants it (default: program)")
    loop.add_argument("--shadow-messages", type=int, default=100, metavar="N", help="live messages that are enough (default: 100)")
    loop.add_argument("--shadow-minutes", type=float, default=30.0, metavar="N", help="how long to wait for them (default: 30)")
    loop.add_argument("--accept-batch", metavar="REASON", help="learn from the new labels whatever the audit says; the reason is kept")
    loop.set_defaults(run=_loop)
    datasets = commands.add_parser("datasets", help="list the frozen datasets")
    datasets.set_defaults(run=_datasets)
    for command in (loop, datasets):
        command.add_argument("--data-dir", type=Path, help="the data directory (default: FRONTDESK_DATA_DIR, or ./data)")
        command.add_argument("--json", action="store_true", help="print one JSON document")


def _loop(options: argparse.Namespace) -> None:
    from training.loop.learning_loop import LearningLoop, LoopOptions  # takes seconds; wrong use is told at once
    from training.loop.report import report_page

    if options.accept_batch is not None and not options.accept_batch.strip():
        raise SettingsError("--accept-batch needs a reason: it is kept with the run.")
    if options.shadow_messages < 0 or options.shadow_minutes < 0:
        raise SettingsError("--shadow-messages and --shadow-minutes cannot be below 0.")
    settings = _settings(options)
    directory = data_directory(settings)
    directory.require()
    chosen = LoopOptions(
        author=options.author,
        shadow_messages=options.shadow_messages,
        shadow_minutes=options.shadow_minutes,
        accept_batch=options.accept_batch,
    )
    with only_one(directory.learning):
        database = Database(directory.database_url)
        try:
            run = LearningLoop(directory, database, settings.encoder, chosen).run()
        finally:
            database.close()
    report = report_page(directory.reports, run.id) if run.challenger else None
    if options.json:
        print_document(_document(run) | {"report": str(report) if report else None})
    else:
        say(f"Run {run.id}: {str(run.outcome).replace('_', ' ')}. {run.reason}")
        if report:
            say(f"The report is {report}.")


def _datasets(options: argparse.Namespace) -> None:
    from training.datasets.versions import DatasetVersions

    directory = data_directory(_settings(options))
    directory.require()
    database = Database(directory.database_url)
    try:
        datasets = DatasetVersions(database, directory.datasets).all()
    finally:
        database.close()
    if options.json:
        print_document([asdict(dataset) | {"at": dataset.at.isoformat()} for dataset in datasets])
        return
    for dataset in datasets:
        changed = dataset.facts["difference"]
        counts = ", ".join(f"{count} {origin}" for origin, count in dataset.facts["origins"].items())
        erased = f"; {dataset.erased} forgotten since" if dataset.erased else ""
        say(
            f"{dataset.number:4}  {dataset.at:%Y-%m-%d %H:%M}  {dataset.author}: {counts}; "
            f"+{changed['added']} -{changed['removed']} ~{changed['relabelled']}{erased}  {dataset.sha256[:12]}"
        )
    if not datasets:
        say("There is no dataset yet: `python -m training loop` freezes one.")


def _settings(options: argparse.Namespace) -> Settings:
    settings = read_settings()
    return settings.model_copy(update={"data_dir": options.data_dir or settings.data_dir})


def _document(run: "LoopRun") -> dict[str, object]:
    return asdict(run) | {
        "started_at": run.started_at.isoformat(),
        "ended_at": run.ended_at.isoformat() if run.ended_at else None,
    }
