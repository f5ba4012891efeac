"""``python -m ui sites ...``: which portals may call the API."""

import argparse
import json

from agent.assembly import data_directory
from agent.settings import Settings
from knowledge_base.database import Database
from ui.services import open_sites

ACTOR = "command line"


def add_commands(parser: argparse.ArgumentParser) -> None:
    """Declare them."""
    commands = parser.add_subparsers(dest="command")
    sites = commands.add_parser("sites", help="portals that may call the API").add_subparsers(dest="action", required=True)
    adding = sites.add_parser("add", help="let a portal in; its key and its signing secret are shown once")
    adding.add_argument("site", help="a name for it: small letters, digits, hyphens")
    adding.add_argument("--origin", action="append", default=[], metavar="URL", help="of its pages, e.g. https://shop.example; or several")
    adding.add_argument("--json", action="store_true", help="print one JSON document")
    for name, summary in (("disable", "refuse a portal's requests from now on"), ("enable", "take them again")):
        changing = sites.add_parser(name, help=summary)
        changing.add_argument("site")


def run_command(options: argparse.Namespace, settings: Settings) -> str:
    """Do what was asked. Returns what to print.

    Raises:
        FrontdeskError: it was refused.
    """
    directory = data_directory(settings)
    directory.require()
    database = Database(directory.database_url)
    sites = open_sites(database, directory)
    try:
        if options.action != "add":
            sites.disable(options.site, ACTOR, disabled=options.action == "disable")
            return f"{options.site} is {options.action}d."
        credentials = sites.add(options.site, options.origin, ACTOR)
    finally:
        database.close()
    if options.json:
        return json.dumps(vars(credentials))
    return (
        f"{options.site} may call the API. Both are shown only now; keep them on the portal's server:\n"
        f"  key             {credentials.key}\n  signing secret  {credentials.signing_secret}"
    )
