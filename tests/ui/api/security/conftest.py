"""The server under attack, and a customer whom others would like to be."""

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import delete

from agent.agent import CustomerServiceAgent
from knowledge_base.database import Database
from tests.ui.api.conftest import Server
from tests.ui.api.security.house import MINE, OTHERS, House, on_database, served, sign_all_in
from tests.ui.portal import sign
from tests.ui.serving import services_for
from ui.access.tables import SiteRow, StaffRow
from ui.app import create_app


@pytest.fixture(scope="package")
def house(starter_agent: CustomerServiceAgent) -> Iterator[House]:
    """The server, with portals and people of every kind."""
    services = services_for(starter_agent)
    mine, other, closed = (
        services.sites.add(name, [origin], actor="tests")
        for name, origin in (("security", MINE), ("security-other", OTHERS), ("security-closed", "https://security-closed.example"))
    )
    services.sites.disable("security-closed", actor="tests")
    sessions = sign_all_in(services.staff)
    app = create_app(services)
    with served(app, services) as url:
        yield House(url, services, mine, app, other, closed, sessions)
    with services.sites.database.transaction() as connection:
        connection.execute(delete(SiteRow).where(SiteRow.id.startswith("security")))
        connection.execute(delete(StaffRow).where(StaffRow.name.startswith("security-")))


@pytest.fixture
def own(starter_agent: CustomerServiceAgent, tmp_path: Path) -> Iterator[Server]:
    """A server with a database of its own."""
    database = Database(f"sqlite:///{tmp_path}/frontdesk.db")
    services = services_for(on_database(starter_agent, database))
    credentials = services.sites.add("security", [MINE], actor="tests")
    with served(create_app(services), services) as url:
        yield Server(url, services, credentials)
    database.close()


@pytest.fixture
def owner(house: House) -> Iterator[httpx.Client]:
    """A customer whom the portal vouches for, with a conversation that waits for a person."""
    subject = secrets.token_hex(4)
    with house.portal(**{"X-Customer-Token": sign(house.site, subject, int(time.time()))}) as client:
        client.headers["X-Subject"] = subject
        yield client
        client.delete("/v1/customers/me").raise_for_status()


@pytest.fixture
def waiting(owner: httpx.Client) -> tuple[str, int]:
    """The ids of that conversation and of its first message."""
    conversation = str(owner.post("/v1/conversations").raise_for_status().json()["id"])
    path = f"/v1/conversations/{conversation}"
    message = owner.post(f"{path}/messages", json={"text": "How long does delivery take?"}).raise_for_status().json()["id"]
    owner.put(f"{path}/messages/{message}/feedback", json={"value": "up"}).raise_for_status()
    owner.post(f"{path}/hand-over").raise_for_status()
    owner.put(f"{path}/contact", json={"details": "ann@mail.example"}).raise_for_status()
    return conversation, int(message)
