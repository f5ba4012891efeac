"""``python -m training versions``, ``promote``, ``rollback`` and ``compare``: which release serves."""

import argparse
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from agent.assembly import data_directory
from agent.errors import DatasetError
from agent.settings import read_settings
from agent.utterances import Utterance
from knowledge_base.errors import SettingsError
from knowledge_base.progress import bar
from training.commands.printing import print_document, say

if TYPE_CHECKING:
    from training.gate import Comparison, Tally, Verdict
    from training.registry import Registry, Version

TAKEN_UP = "A running service takes it up within seconds."


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    versions = commands.add_parser("versions", help="list the releases of the data directory")
    promote = commands.add_parser("promote", help="bring a release into service if it passes the gate")
    rollback = commands.add_parser("rollback", help="return to the release that served before")
    compare = commands.add_parser("compare", help="compare two releases on the golden set")
    promote.add_argument("release", metavar="RELEASE", help="an id in the data directory, or a folder, which is copied in")
    compare.add_argument("a", metavar="A", help="an id or a folder")
    compare.add_argument("b", metavar="B", help="an id or a folder")
    for command in (promote, compare):
        command.add_argument(
            "--golden", nargs="+", type=Path, metavar="FILE", help="CSV: text,language,intent,faq (default: DIR/golden/*.csv)"
        )
    promote.add_argument("--override", metavar="REASON", help="promote it whatever the gate says; the reason is kept in the history")
    for command, run in ((versions, _versions), (promote, _promote), (rollback, _rollback), (compare, _compare)):
        command.add_argument("--data-dir", type=Path, help="the data directory (default: FRONTDESK_DATA_DIR, or ./data)")
        command.add_argument("--json", action="store_true", help="print one JSON document")
        command.set_defaults(run=run)


def _versions(options: argparse.Namespace) -> None:
    versions = _registry(options).versions()
    if options.json:
        print_document([asdict(version) for version in versions])
    else:
        say("\n".join(map(_version_line, versions)))


def _promote(options: argparse.Namespace) -> None:
    from training.gate import PromotionError

    if options.override is not None and not options.override.strip():
        raise SettingsError("--override needs a reason: it is kept in the history.")
    registry = _registry(options)
    golden = _golden(options, registry)
    verdict = registry.judge(options.release, golden, bar(2 * len(golden), "Judging") if golden else lambda _done: None)
    promoted = verdict.passed or options.override is not None
    if promoted:
        registry.promote(options.release, verdict, options.override)
    if options.json:
        print_document(verdict.document() | {"promoted": promoted, "reason": options.override})
    else:
        say("\n".join(_verdict_lines(verdict)))
        if promoted:
            say(f"Release {verdict.candidate} is in service, in place of {verdict.in_service}. {TAKEN_UP}")
    if not promoted:
        raise PromotionError(f"Release {verdict.candidate} was not promoted; {verdict.in_service} stays in service.")


def _rollback(options: argparse.Namespace) -> None:
    registry = _registry(options)
    before = registry.directory.current()
    release = registry.rollback()
    if options.json:
        print_document({"release": release.id, "from": before})
    else:
        say(f"Release {release.id} is in service again, in place of {before}. {TAKEN_UP}")


def _compare(options: argparse.Namespace) -> None:
    from training.registry import GOLDEN_WANTED

    registry = _registry(options)
    golden = _golden(options, registry)
    if not golden:
        raise DatasetError(f"There is no golden set to compare on. {GOLDEN_WANTED.format(registry.directory.golden)}")
    comparison = registry.compare(options.a, options.b, golden, bar(2 * len(golden), "Comparing"))
    if options.json:
        print_document(asdict(comparison))
    else:
        say("\n".join([*_comparison_lines(comparison), *_difference_lines(comparison)]))


def _registry(options: argparse.Namespace) -> "Registry":
    from training.registry import Registry  # takes seconds; wrong use is told at once

    settings = read_settings()
    return Registry(data_directory(settings.model_copy(update={"data_dir": options.data_dir or settings.data_dir})), settings.encoder)


def _golden(options: argparse.Namespace, registry: "Registry") -> Sequence[Utterance]:
    from training.gate import read_golden

    return read_golden(options.golden or sorted(registry.directory.golden.glob("*.csv")))


# How they read in a terminal.


def _version_line(version: "Version") -> str:
    mark = "*" if version.in_service else " "
    if version.problem:
        return f"{mark} {version.id}  {version.problem}"
    served = ", ".join(f"{start} to {end or 'now'}" for start, end in version.served) or "no record of service"
    examples = sum(version.examples.values())
    forgotten = f"; {version.forgotten} of them were forgotten with their customers since" if version.forgotten else ""
    return f"{mark} {version.id}  made {version.created}, {examples} examples{forgotten}, encoder {(version.encoder or '')[:12]}; {served}"


def _verdict_lines(verdict: "Verdict") -> list[str]:
    lines = _comparison_lines(verdict.comparison) if verdict.comparison else []
    word = "passed" if verdict.passed else "refused"
    return [*lines, f"The gate {word} release {verdict.candidate}.", *(f"- {reason}" for reason in verdict.reasons)]


def _comparison_lines(comparison: "Comparison") -> list[str]:
    low, high = comparison.interval
    rows = [("all", comparison.overall), *comparison.languages.items(), *comparison.intents.items()]
    return [
        f"A: {comparison.before}",
        f"B: {comparison.after}",
        f"{'':24} {'messages':>8} {'A':>7} {'B':>7} {'lost':>5} {'gained':>6}",
        *(_tally_line(name, tally) for name, tally in rows),
        f"B is better by {low:+.1%} to {high:+.1%} (paired bootstrap, 5th to 95th percentile).",
    ]


def _tally_line(name: str, tally: "Tally") -> str:
    return f"{name:24} {tally.messages:8} {tally.before:7.1%} {tally.after:7.1%} {tally.lost:5} {tally.gained:6}"


def _difference_lines(comparison: "Comparison") -> list[str]:
    return [
        f"{'gained' if one.gained else 'lost'}: {one.text!r} ({one.intent}, {one.faq or 'no entry'}): A {one.before}, B {one.after}"
        for one in comparison.differing
    ]
