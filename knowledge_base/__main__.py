"""Commands on the FAQ: ``python -m knowledge_base import|export|search|evaluate|reindex|benchmark``."""

import argparse
import logging
import sys
from pathlib import Path

from agent.assembly import data_directory
from agent.data_directory import BASE_RELEASE, DataDirectory
from agent.release import read_release
from agent.release_loader import ReleaseLoader
from agent.settings import Settings, read_settings
from knowledge_base import commands
from knowledge_base.database import Database
from knowledge_base.errors import FrontdeskError
from knowledge_base.index import FAQIndex
from knowledge_base.progress import bar
from knowledge_base.repository import FAQRepository

AUTHOR = "command line"


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit code: 0, 1 for a failed run, 2 for wrong use."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    options = _parser().parse_args(arguments)
    try:
        settings = read_settings()
        _run(options, settings.model_copy(update={"data_dir": options.data_dir or settings.data_dir}))
    except FrontdeskError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m knowledge_base", description="The FAQ entries of a data directory.")
    subparsers = parser.add_subparsers(dest="command", required=True)

    def command(name: str, summary: str) -> argparse.ArgumentParser:
        """A command, with the options that all share."""
        added = subparsers.add_parser(name, help=summary, description=summary)
        added.add_argument("--data-dir", type=Path, help="the data directory (default: FRONTDESK_DATA_DIR, or ./data)")
        if name != "export":
            added.add_argument("--json", action="store_true", help="print one JSON document")
        return added

    importing = command("import", "publish the entries of files or web pages; a running service takes them at once")
    importing.add_argument("sources", nargs="+", metavar="FILE", help="CSV, XLSX, JSON, YAML, Markdown or HTML, or a URL")
    importing.add_argument("--dry-run", action="store_true", help="only show what would change")
    exporting = command("export", "write the published entries")
    exporting.add_argument("file", nargs="?", type=Path, help="ending in .csv, .xlsx, .json or .yaml (default: JSON, printed)")
    search = command("search", "show which entries a question finds, and why")
    search.add_argument("question")
    search.add_argument("--limit", type=int, default=5, help="how many entries (default: 5)")
    evaluating = command("evaluate", "measure how well queries find entries: BM25, dense, fused")
    evaluating.add_argument("--entries", type=Path, required=True, help="id, question, answer, language; or any file that import reads")
    evaluating.add_argument("--queries", type=Path, required=True, help="CSV: query,id; several rows for several right entries")
    command("reindex", "build the index anew")
    benchmark = command("benchmark", "compare BM25, dense and fused on the FAQ's own questions, each asked without itself")
    benchmark.add_argument("--texts", type=int, help="instead, how fast a FAQ of so many questions and answers is, e.g. 100000")
    return parser


def _run(options: argparse.Namespace, settings: Settings) -> None:
    directory = data_directory(settings)
    if options.command == "evaluate":
        release, loader = read_release(BASE_RELEASE), ReleaseLoader(settings.encoder, directory.cache)  # the one for any FAQ
        commands.evaluate_files(
            loader.encoder(release), release.cohort(), release.fusion, options.entries, options.queries, as_json=options.json
        )
        return
    directory.require()
    database = Database(directory.database_url)
    match options.command:
        case "import":
            commands.import_sources(database, options.sources, AUTHOR, dry_run=options.dry_run, as_json=options.json)
        case "export":
            commands.export(database, options.file)
        case "benchmark":
            release, loader = directory.release(), ReleaseLoader(settings.encoder, directory.cache)
            commands.benchmark(
                loader.encoder(release), release.cohort(), release.fusion, FAQRepository(database), options.texts, as_json=options.json
            )
        case _:
            _with_index(options, settings, directory, database)


def _with_index(options: argparse.Namespace, settings: Settings, directory: DataDirectory, database: Database) -> None:
    """Run a command that needs the index."""
    release = directory.release()
    encoder = ReleaseLoader(settings.encoder, directory.cache).encoder(release)
    index = FAQIndex(directory.index, FAQRepository(database), encoder, bar, chroma_url=settings.chroma_url)
    try:
        if options.command == "search":
            commands.search(release.retriever(index), options.question, options.limit, as_json=options.json)
        else:
            commands.reindex(index, as_json=options.json)
    finally:
        index.close()


if __name__ == "__main__":
    sys.exit(main())
