"""``python -m ui sites|staff|customers ...``: which portals may call, who works here, what is kept about customers."""

import argparse
import itertools
import json
import tempfile
from pathlib import Path

from agent.assembly import data_directory
from agent.commands import starter_texts
from agent.conversation_log import ConversationLog
from agent.data_directory import DataDirectory
from agent.handover.desk import Desk
from agent.settings import Settings
from knowledge_base.database import Database
from knowledge_base.progress import bar
from training.forgetting import LearnedMessages
from ui.access.audit import AuditTrail, record
from ui.access.customer_records import CustomerRecords
from ui.access.customers import signed_customer_id
from ui.access.roles import Role
from ui.access.sites import Sites
from ui.access.staff import StaffAccounts
from ui.api.idempotency import Idempotency
from ui.benchmark import WARM_UP, load
from ui.errors import AccessError
from ui.own_service import own_service
from ui.services import open_contacts, open_sites

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
    loading = commands.add_parser("benchmark", help="measure how many messages a second the service answers, on a shop of its own")
    loading.add_argument("--chats", type=int, default=16, help="customers at once (default: 16)")
    loading.add_argument("--messages", type=int, default=5000, help="in all (default: 5000)")
    loading.add_argument("--json", action="store_true", help="print one JSON document")
    soaking = commands.add_parser("soak", help="load a shop of its own for long, with all that goes on in one, and plot how it does")
    soaking.add_argument("--minutes", type=float, default=30.0, help="(default: 30)")
    soaking.add_argument("--customers", type=int, default=40, help="at once, who read and think between messages (default: 40)")
    soaking.add_argument("--output", type=Path, default=Path(), metavar="FOLDER", help="gets soak.png and soak.json (default: here)")
    soaking.add_argument("--json", action="store_true", help="print one JSON document")
    portal = commands.add_parser("portal", help="serve a portal to look at, with the widget, on an origin of its own")
    portal.add_argument("--server", default="http://127.0.0.1:7860", metavar="URL", help="of Frontdesk (default: http://127.0.0.1:7860)")
    portal.add_argument("--site", default="demo", help="its id there (default: demo)")
    portal.add_argument("--signing-secret", metavar="SECRET", help="of `sites add`; without it customers stay anonymous")
    portal.add_argument("--port", type=int, default=8080, help="of 127.0.0.1 (default: 8080)")
    customers = commands.add_parser("customers", help="what is kept about a customer").add_subparsers(dest="action", required=True)
    for name, summary in (("export", "print everything that is kept about a customer"), ("erase", "erase it, at once and for good")):
        naming = customers.add_parser(name, help=summary)
        naming.add_argument("--conversation", metavar="ID", help="one of their conversations names them")
        naming.add_argument("--site", help="the portal that knows them")
        naming.add_argument("--subject", help="their id in that portal")


def run_command(options: argparse.Namespace, settings: Settings) -> str:
    """Do what was asked. Returns what to print.

    Raises:
        FrontdeskError: it was refused.
    """
    if options.command == "benchmark":
        return _benchmark(options, settings)
    if options.command == "soak":
        return _soak(options, settings)
    directory = data_directory(settings)
    directory.require()
    database = Database(directory.database_url)
    try:
        if options.command == "sites":
            return _sites(options, open_sites(database, directory))
        if options.command == "customers":
            return _customers(options, database, directory)
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


def _customers(options: argparse.Namespace, database: Database, directory: DataDirectory) -> str:
    log = ConversationLog(database)
    if options.conversation and not (options.site or options.subject):
        customer = log.customer_of(options.conversation)
        if customer is None:
            raise AccessError(f"There is no conversation {options.conversation}.")
    elif options.site and options.subject and not options.conversation:
        customer = signed_customer_id(options.site, options.subject)
    else:
        raise AccessError("Name the customer by --conversation, or by --site and --subject.")
    records = CustomerRecords(log, Desk(database), open_contacts(database, directory), Idempotency(database), LearnedMessages(database))
    if options.action == "export":
        return json.dumps(records.export(customer), ensure_ascii=False, indent=1)
    erased = records.erase(customer)
    with database.transaction() as connection:
        record(connection, ACTOR, "erase customer", customer, conversations=erased)
    return f"Conversations erased, with all that belongs to them: {erased}. Backups made before still have them."


def _benchmark(options: argparse.Namespace, settings: Settings) -> str:
    messages = list(itertools.islice(itertools.cycle(starter_texts()), options.messages + WARM_UP))
    with own_service(settings) as service:
        result = load(service, messages, options.chats, bar(len(messages), "Chatting"))
    if options.json:
        return json.dumps(result)
    return "\n".join(f"{name:18}{value}" for name, value in result.items())


def _soak(options: argparse.Namespace, settings: Settings) -> str:
    from ui.soak.plot import plot_soak  # matplotlib takes a second
    from ui.soak.soak import soak

    options.output.mkdir(parents=True, exist_ok=True)
    with own_service(settings) as service, tempfile.TemporaryDirectory() as folder:
        progress = bar(round(60 * options.minutes), "Soaking")
        done, records = soak(service, starter_texts(), options.minutes, options.customers, Path(folder), progress)
    document = json.dumps(done.document(), indent=1)
    (options.output / "soak.json").write_text(document + "\n", encoding="utf-8")
    plot_soak(done, records, options.output / "soak.png")
    if options.json:
        return document
    lines = [f"{name:56}" + "".join(f"{part} {figure:<10,g}" for part, figure in route.items()) for name, route in done.routes.items()]
    memory = f"memory {done.memory[0][1]} MB at first, {done.memory[-1][1]} at the end, {done.growth_mb:+d} in the second half"
    return "\n".join([*lines, memory, *done.errors, f"plotted in {options.output / 'soak.png'}"])


def _once(name: str, password: str) -> str:
    return f"{name} signs in at /staff with the one-time password {password} (shown only now), and then chooses one."
