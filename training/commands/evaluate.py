"""``python -m training evaluate``, ``explain`` and ``audit``: measure a classifier, explain it, and doubt the labels."""

import argparse
import csv
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.data_directory import DataDirectory
from agent.privacy import Masker
from agent.release import read_release
from agent.settings import read_settings
from knowledge_base.encoder import encoder_folder, load_encoder
from knowledge_base.errors import SettingsError, StorageError
from knowledge_base.progress import bar
from training.commands.printing import print_document, say
from training.dataset import read_dataset

if TYPE_CHECKING:
    from training.label_noise import Audit, Issue

SHOWN_INTENTS, SHOWN_ISSUES = 20, 50  # printed for a person; the JSON document has all


def add_to(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the commands."""
    evaluate = commands.add_parser("evaluate", help="measure a release's classifier on labelled messages")
    explain = commands.add_parser("explain", help="say which words of a message made the classifier see an intent")
    audit = commands.add_parser("audit", help="find labels that are probably wrong, and texts with two labels")
    for command in (evaluate, explain):
        command.add_argument("--model", type=Path, required=True, metavar="DIR", help="a release folder with a classifier")
    for command in (evaluate, audit):
        command.add_argument(
            "--data", nargs="+", type=Path, required=True, metavar="FILE", help="labelled messages, as `train` takes them: files or folders"
        )
    for command in (evaluate, explain, audit):
        command.add_argument("--base", help="the encoder: a folder or hub name (default: FRONTDESK_ENCODER, or the packaged one)")
        command.add_argument("--json", action="store_true", help="print one JSON document")
    evaluate.add_argument("--report", type=Path, metavar="OUT", help="also write report.html and report.json into this folder")
    explain.add_argument("text", metavar="TEXT", help="a message")
    explain.add_argument("--intent", metavar="ID", help="the intent to explain (default: the most probable one)")
    audit.add_argument("--output", type=Path, metavar="CSV", help="also write the doubtful labels into this new file")
    evaluate.set_defaults(run=_evaluate)
    explain.set_defaults(run=_explain)
    audit.set_defaults(run=_audit)


def _evaluate(options: argparse.Namespace) -> None:
    from training.evaluation import judge, measure, read_judgeable
    from training.loading import open_classifier
    from training.report import check_place, write_report

    base, cache = _places(options)
    if options.report:
        check_place(options.report)
    rows, skipped = read_judgeable(options.data, read_release(options.model))
    release, classifier = open_classifier(options.model, base, cache)
    judged = judge(classifier, rows, bar(len(rows), "Judging"))
    figures = {"release": release.id, "skipped": skipped, **measure(judged)}
    if options.report:
        write_report(options.report, release, figures, judged)
    if options.json:
        print_document(figures)
        return
    _print_figures(figures)
    if options.report:
        say(f"\nThe report is {options.report / 'report.html'}.")


def _explain(options: argparse.Namespace) -> None:
    from training.explaining import IntentExplainer

    base, cache = _places(options)
    explainer = IntentExplainer.of_release(read_release(options.model), encoder_folder(base, cache))
    explanation = explainer.explain(Masker(b"explain").mask(options.text), options.intent)
    if options.json:
        print_document(asdict(explanation))
        return
    say(f"{explanation.intent}  {explanation.probability:.1%}")
    for word in explanation.words:
        say(f"  {word.score:+.2f}  {word.text}")
    say(f"What the words leave unexplained of the log-probability: {explanation.delta:+.3f}")


def _audit(options: argparse.Namespace) -> None:
    from training.evaluation import has_one_label
    from training.label_noise import audit_labels

    base, cache = _places(options)
    if options.output and options.output.exists():
        raise SettingsError(f"{options.output} exists already. Name a new file.")
    rows = [row for row in read_dataset(options.data) if has_one_label(row)]
    audit = audit_labels(load_encoder(base, cache), rows, bar(len(rows), "Embedding"))
    if options.output:
        _write_issues(audit.issues, options.output)
    if options.json:
        print_document(asdict(audit))
        return
    _print_audit(audit)


def _places(options: argparse.Namespace) -> tuple[str | None, Path]:
    settings = read_settings()
    return options.base or settings.encoder, DataDirectory(settings.data_dir).cache


def _print_figures(figures: dict[str, Any]) -> None:
    low, high = figures["accuracy_interval"]
    f1_low, f1_high = figures["macro_f1_interval"]
    say(f"Release {figures['release']}: {figures['n']} messages judged, {figures['skipped']} left out (follow-ups, two questions)")
    say(f"right intent        {figures['accuracy']:.1%} ({low:.1%} to {high:.1%})")
    say(f"macro-F1            {figures['macro_f1']:.1%} ({f1_low:.1%} to {f1_high:.1%})")
    for language, row in figures["by_language"].items():
        say(f"right in {language:10} {row['accuracy']:.1%} of {row['n']}")
    say(f"calibration error   {figures['expected_calibration_error']:.1%}")
    if scope := figures["out_of_scope"]:
        say(f"right in scope      {_percent(scope['in_scope_accuracy'])}")
        rejected = f"{_percent(scope['recall'])} recognised; {_percent(scope['false_rejections'])} of those in scope rejected"
        say(f"out of scope        {rejected}; AUROC {scope['auroc']}")
    judged = {name: row for name, row in figures["by_intent"].items() if row["support"]}
    say("\nWeakest intents (F1, precision, recall, messages):")
    for name in sorted(judged, key=lambda name: judged[name]["f1"])[:SHOWN_INTENTS]:
        row = judged[name]
        say(f"  {row['f1']:6.1%}  {_percent(row['precision']):>6}  {row['recall']:6.1%}  {row['support']:5}  {name}")
    if figures["confusions"]:
        say("\nWorst confusions:")
    for row in figures["confusions"]:
        say(f"  {row['n']:4}  {row['intent']} taken for {row['predicted']}: {' | '.join(map(_line, row['examples']))}")
    if figures["mistakes"]:
        say("\nMistakes it was surest of:")
    for row in figures["mistakes"]:
        say(f"  {row['confidence']:6.1%}  {row['intent']} taken for {row['predicted']}: {_line(row['text'])}")


def _print_audit(audit: "Audit") -> None:
    say(f"{audit.n} messages; about {audit.estimated_wrong} labels seem to be wrong.")
    if audit.too_rare:
        say("Too rare to judge: " + ", ".join(audit.too_rare))
    shown = f"the first {SHOWN_ISSUES}; --output and --json have all" if len(audit.issues) > SHOWN_ISSUES else "all"
    say(f"\n{len(audit.issues)} doubtful labels, the least credible first ({shown}):")
    for issue in audit.issues[:SHOWN_ISSUES]:
        say(f"  {issue.intent} -> {issue.suggested} {issue.confidence:.0%}  {_line(issue.text)}")
    say(f"\n{len(audit.conflicts)} pairs of texts that are nearly the same and labelled differently, the most similar first:")
    for conflict in audit.conflicts:
        (first, second), (label, other) = map(_line, conflict.texts), conflict.intents
        say(f"  {conflict.similarity:.3f}  {label}: {first}  |  {other}: {second}")


def _percent(rate: float | None) -> str:
    return "none" if rate is None else f"{rate:.1%}"


def _line(text: str) -> str:
    return " ".join(text.split())


def _write_issues(issues: "Iterable[Issue]", path: Path) -> None:
    part = path.with_name(f".{path.name}.part")
    try:
        with part.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream, lineterminator="\n")
            writer.writerow(["text", "language", "intent", "suggested", "confidence"])
            writer.writerows([issue.text, issue.language, issue.intent, issue.suggested, issue.confidence] for issue in issues)
        part.rename(path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error}. Check permissions and free space.") from error
