"""Commands: ``python -m agent init|ask|chat|evaluate|ground|benchmark|backup|restore``. Answers go to stdout, progress to stderr."""

import argparse
import logging
import sys
from pathlib import Path

from agent.settings import Settings, read_settings
from knowledge_base.errors import FrontdeskError


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit code: 0, 1 for a failed run, 2 for wrong use."""
    options = _parser().parse_args(arguments)
    try:
        settings = read_settings()
        if options.data_dir:
            settings = settings.model_copy(update={"data_dir": options.data_dir})
        _run(options, settings)
    except FrontdeskError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m agent", description="A customer-service agent that answers from your FAQ.")
    subparsers = parser.add_subparsers(dest="command", required=True)

    def command(name: str, summary: str) -> argparse.ArgumentParser:
        """A command, with the option that all but init share."""
        added = subparsers.add_parser(name, help=summary, description=summary)
        if name != "init":
            added.add_argument("--data-dir", type=Path, help="the data directory (default: FRONTDESK_DATA_DIR, or ./data)")
        return added

    init = command("init", "make an empty data directory for your own shop")
    init.add_argument("data_dir", type=Path, metavar="DIR")
    init.add_argument("--starter", action="store_true", help="fill it with the demonstration shop and its trained classifier")
    init.add_argument("--release", type=Path, help="serve with this release, made by `python -m training train`")
    backup = command("backup", "write a backup, while the service runs")
    backup.add_argument("file", type=Path, help="a new file, e.g. frontdesk-2026-11-28.tar.gz")
    restoring = command("restore", "make a data directory of a backup, in SQLite or in PostgreSQL (FRONTDESK_DATABASE_URL)")
    restoring.add_argument("file", type=Path)
    ask = command("ask", "answer a message; nothing is logged")
    ask.add_argument("messages", nargs="+", metavar="MESSAGE", help="several are turns of one conversation; the last is answered")
    ask.add_argument("--explain", action="store_true", help="also say why: intents, words, entries and the rule that decided")
    chat = command("chat", "converse in the terminal")
    evaluate = command("evaluate", "measure the agent on labelled messages; the live log is not written")
    evaluate.add_argument("--queries", type=Path, required=True, help="CSV: text,language,intent,faq; dialogue,kind for turns of dialogues")
    evaluate.add_argument("--rows", type=Path, help="write what happened to each message into this CSV file")
    ground = command("ground", "check which sentences their evidence supports")
    ground.add_argument("--pairs", type=Path, required=True, help="CSV, JSONL or YAML: evidence, sentence; language (else detected)")
    benchmark = command("benchmark", "measure the agent: answering (speed), or composing (the grounding check, and replies end to end)")
    benchmark.add_argument("what", nargs="?", choices=["answering", "composing"], default="answering")
    benchmark.add_argument("--messages", type=int, default=1000, help="answering: how many distinct messages (default: 1000)")
    benchmark.add_argument(
        "--pairs", type=Path, nargs="+", default=[], help="composing: labelled sentences (evidence, sentence, language, supported, kind)"
    )
    benchmark.add_argument(
        "--replies", type=Path, help="composing: messages to reply to (text, language, faq); nothing is sent without one"
    )
    benchmark.add_argument("--only", nargs="+", default=[], metavar="ENTRY", help="composing: only messages that these entries answer")
    benchmark.add_argument("--rows", type=Path, help="composing: write every reply with its verdicts into this JSONL file")
    chat.add_argument("--json", action="store_true", help="print one JSON document a line")
    for added in (ask, evaluate, ground, benchmark):
        added.add_argument("--json", action="store_true", help="print one JSON document")
    return parser


def _run(options: argparse.Namespace, settings: Settings) -> None:
    from agent import commands, composing_commands  # takes seconds; wrong use is told at once

    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    match options.command:
        case "init":
            commands.init(settings, options.data_dir, starter=options.starter, release=options.release)
        case "backup":
            commands.backup(settings, options.file)
        case "restore":
            commands.restore_backup(settings, options.file)
        case "ask":
            commands.ask(settings, options.messages, as_json=options.json, explain=options.explain)
        case "chat":
            commands.chat(settings, as_json=options.json)
        case "evaluate":
            commands.evaluate_file(settings, options.queries, options.rows, as_json=options.json)
        case "ground":
            composing_commands.ground(settings, options.pairs, as_json=options.json)
        case "benchmark" if options.what == "composing":
            composing_commands.benchmark_composing(
                settings, options.pairs, options.replies, options.only, options.rows, as_json=options.json
            )
        case "benchmark":
            commands.run_benchmark(settings, options.messages, as_json=options.json)


if __name__ == "__main__":
    sys.exit(main())
