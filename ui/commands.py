"""``python -m ui sites ...`` and ``staff ...``: which portals may call the API, and who works here."""

import argparse
import json

from agent.assembly import data_directory
from agent.settings import Settings
from knowledge_base.database import Database
from ui.access.audit import AuditTrail
from ui.access.roles import Role
from ui.access.sites import Sites
from ui.access.staff import StaffAccounts
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
        sites.add_parser(name, help=summary).add_argument("site")
    staff = commands.add_parser("staff", help="people who sign in").add_subparsers(dest="action", required=True)
    for name, summary in (
        ("add", "add an account; its one-time password is shown once"),
        ("role", "change what somebody may do"),
        ("reset", "give somebody a new one-time password"),
        ("disable", "sign somebody out for good"),
        ("enable", "let them in again"),
    ):
        changing = staff.add_parser(name, help=summary)
        changing.add_argument("name")
        if name in {"add", "role"}:
            changing.add_argument("--role", type=Role, choices=list(Role), default=Role.AGENT, help="(default: agent)")
    staff.add_parser("list", help="list the accounts")
    staff.add_parser("audit", help="what staff did, newest first")


def run_command(options: argparse.Namespace, settings: Settings) -> str:
    """Do what was asked. Returns what to print.

    Raises:
        FrontdeskError: it was refused.
    """
    directory = data_directory(settings)
    directory.require()
    database = Database(directory.database_url)
    try:
        if options.command == "sites":
            return _sites(options, open_sites(database, directory))
        if options.action == "audit":
            deeds = AuditTrail(database).deeds()
            return "\n".join(f"{deed.at:%Y-%m-%d %H:%M:%S}  {deed.actor}  {deed.action}  {deed.subject}" for deed in deeds)
        return _staff(options, StaffAccounts(database))
    finally:
        database.close()


def _sites(options: argparse.Namespace, sites: Sites) -> str:
    if options.action != "add":
        sites.disable(options.site, ACTOR, disabled=options.action == "disable")
        return f"{options.site} is {options.action}d."
    credentials = sites.add(options.site, options.origin, ACTOR)
    if options.json:
        return json.dumps(vars(credentials))
    return (
        f"{options.site} may call the API. Both are shown only now; keep them on the portal's server:\n"
        f"  key             {credentials.key}\n  signing secret  {credentials.signing_secret}"
    )


def _staff(options: argparse.Namespace, staff: StaffAccounts) -> str:
    match options.action:
        case "add":
            return _once(options.name, staff.add(options.name, options.role, ACTOR))
        case "reset":
            return _once(options.name, staff.reset_password(options.name, ACTOR))
        case "role":
            staff.change_role(options.name, options.role, ACTOR)
            return f"{options.name} is {options.role} now, and has to sign in again."
        case "list":
            return "\n".join(f"{one.name}  {one.role}{'  disabled' if one.disabled else ''}" for one in staff.all())
        case _:
            staff.disable(options.name, ACTOR, disabled=options.action == "disable")
            return f"{options.name} is {options.action}d."


def _once(name: str, password: str) -> str:
    return f"{name} signs in at /staff with the one-time password {password} (shown only now), and then chooses one."
