"""Commands that make, measure and keep releases: ``python -m training train|loop|...``."""

import argparse
import logging
import sys

from knowledge_base.errors import FrontdeskError
from training.commands import benchmark, composing, evaluate, grounding, loop, releases, train

GROUPS = (train, releases, loop, evaluate, grounding, composing, benchmark)


def main(arguments: list[str] | None = None) -> int:
    """Run a command; returns the exit code: 0, 1 for a failed run, 2 for wrong use."""
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr)
    logging.getLogger("httpx").setLevel(logging.WARNING)
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except FrontdeskError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code
    except KeyboardInterrupt:
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m training", description="Makes, measures and keeps releases.")
    commands = parser.add_subparsers(dest="command", required=True)
    for group in GROUPS:
        group.add_to(commands)
    return parser


if __name__ == "__main__":
    sys.exit(main())
