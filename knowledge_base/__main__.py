"""Commands on the FAQ: ``python -m knowledge_base import FILE...``."""

import argparse
import json
import sys
from pathlib import Path

from agent.assembly import data_directory
from agent.settings import read_settings
from knowledge_base.database import Database
from knowledge_base.entry_files import read_entries
from knowledge_base.errors import FrontdeskError
from knowledge_base.repository import FAQRepository


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m knowledge_base", description="The FAQ entries of a data directory.")
    commands = parser.add_subparsers(dest="command", required=True)
    importing = commands.add_parser(
        "import", help="add or replace entries from YAML, JSON or CSV files; a running service takes them at once"
    )
    importing.add_argument("files", nargs="+", type=Path)
    importing.add_argument("--data-dir", type=Path, help="the data directory (default: FRONTDESK_DATA_DIR, or ./data)")
    importing.add_argument("--json", action="store_true", help="print one JSON document")
    options = parser.parse_args(arguments)
    try:
        settings = read_settings()
        directory = data_directory(settings.model_copy(update={"data_dir": options.data_dir or settings.data_dir}))
        directory.require()
        entries = read_entries(options.files)
        changed = FAQRepository(Database(directory.database_url)).put(entries)
    except FrontdeskError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    report = {"entries": len(entries), "changed": changed}
    print(json.dumps(report) if options.json else f"{len(entries)} entries read, {changed} new or changed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
