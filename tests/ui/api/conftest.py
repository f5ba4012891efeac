"""The API on a real server, called over HTTP by a portal."""

from collections.abc import Iterator
from dataclasses import dataclass

import httpx
import pytest

from agent.agent import CustomerServiceAgent
from tests.ui.serving import serve_services, services_for
from ui.access.sites import Credentials, Site
from ui.services import Services

ORIGIN = "https://shop.example"


@dataclass(frozen=True)
class Server:
    """A running server, and a portal that it knows."""

    url: str
    services: Services
    credentials: Credentials

    @property
    def site(self) -> Site:
        """The portal."""
        site = self.services.sites.by_key(self.credentials.key)
        assert site
        return site

    def portal(self, **headers: str) -> httpx.Client:
        """The portal's server."""
        return httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {self.credentials.key}", **headers}, timeout=30)

    def customer(self, **headers: str) -> httpx.Client:
        """A new anonymous customer, by the portal's server."""
        with self.portal() as portal:
            token = portal.post("/v1/customers").raise_for_status().json()["token"]
        return self.portal(**{"X-Customer-Token": token, **headers})


@pytest.fixture(scope="package")
def server(starter_agent: CustomerServiceAgent) -> Iterator[Server]:
    services = services_for(starter_agent)
    credentials = services.sites.add("api-tests", [ORIGIN], actor="tests")
    with serve_services(services) as url:
        yield Server(url, services, credentials)
    services.sites.disable("api-tests", actor="tests")


@pytest.fixture
def customer(server: Server) -> Iterator[httpx.Client]:
    with server.customer() as client:
        yield client


@pytest.fixture
def conversation(customer: httpx.Client) -> str:
    """A conversation of the customer's."""
    return str(customer.post("/v1/conversations").raise_for_status().json()["id"])
