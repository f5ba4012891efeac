"""Runs the real server in this process, for the tests of the page."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvicorn
from cryptography.fernet import Fernet
from starlette.types import ASGIApp

from agent.agent import CustomerServiceAgent
from agent.data_directory import DataDirectory
from agent.handover.contacts import Contacts
from training.forgetting import LearnedMessages
from training.loop.launching import LoopLauncher
from ui.access.customer_records import CustomerRecords
from ui.access.sites import Sites
from ui.access.staff import StaffAccounts
from ui.api.event_feed import EventFeed
from ui.api.idempotency import Idempotency
from ui.api.limiting import RateLimits
from ui.api.streaming import Writers
from ui.app import create_app
from ui.example_questions import ExampleQuestions
from ui.services import Services

SECRET = "0123456789abcdef0123456789abcdef"
METRICS = "a monitor's token"


def services_for(
    agent: CustomerServiceAgent, *, staff_panel: bool = False, public_chat: bool = True, limits: RateLimits | None = None
) -> Services:
    """What a server on this agent is built from; the sites are in the agent's database."""
    database, box = agent.log.database, Fernet(Fernet.generate_key())
    contacts, idempotency = Contacts(database, box), Idempotency(database)
    return Services(
        agent=agent,
        sites=Sites(database, box),
        staff=StaffAccounts(database),
        contacts=contacts,
        records=CustomerRecords(agent.log, agent.desk, contacts, idempotency, LearnedMessages(database)),
        learning=LoopLauncher(DataDirectory(Path(database.engine.url.database or "").parent), database, None),
        feed=EventFeed(agent.desk),
        webhook=None,
        limits=limits or RateLimits(10**6, 10**6, 10**6),
        idempotency=idempotency,
        writers=Writers(),
        examples=ExampleQuestions(agent),
        browser_secret=SECRET,
        metrics_token=METRICS,
        public_chat=public_chat,
        retention_days=None,
        staff_panel=staff_panel,
    )


@contextmanager
def serve(agent: CustomerServiceAgent, *, staff_panel: bool = False, port: int = 0) -> Iterator[str]:
    """Serve the page on a loopback port, a free one unless it is named; gives the URL."""
    with serve_services(services_for(agent, staff_panel=staff_panel), port) as url:
        yield url


@contextmanager
def serve_services(services: Services, port: int = 0) -> Iterator[str]:
    """Serve on a loopback port; gives the URL."""
    with socket.create_server(("127.0.0.1", port)) as listener, serve_app(create_app(services), listener):
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"


@contextmanager
def serve_app(app: ASGIApp, listener: socket.socket) -> Iterator[None]:
    """Serve an application on a socket that listens already: requests wait for it."""
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    try:
        yield
    finally:
        server.should_exit = True
        thread.join()
