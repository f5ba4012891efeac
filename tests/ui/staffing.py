"""People who work at a shop of their own, for the tests of their pages."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, expect
from sqlalchemy import update

from agent.agent import CustomerServiceAgent
from agent.assembly import open_agent
from agent.settings import Settings
from knowledge_base.curation.curation import Curation
from tests.ui.serving import serve_services, services_for
from ui.access.roles import Role
from ui.access.tables import StaffRow
from ui.services import Services

ATTACK = "<img src=x onerror=alert(1)><script>alert(2)</script>${alert(3)}{{alert(4)}}"
DESKTOP = {"width": 1280, "height": 800}
SignIn = Callable[..., Page]


@dataclass(frozen=True)
class House:
    """A server on a shop of its own, and who works there.

    Attributes:
        url: the server's.
        services: what it is built from.
        passwords: by name; who is not named signs in as the first one.
    """

    url: str
    services: Services
    passwords: dict[str, str]

    @property
    def agent(self) -> CustomerServiceAgent:
        return self.services.agent

    @property
    def curation(self) -> Curation:
        return Curation(self.agent.retriever.index.repository.database)


@contextmanager
def open_house(directory: Path, people: Mapping[str, Role]) -> Iterator[House]:
    """Serve a data directory, with these people."""
    agent = open_agent(Settings(data_dir=directory))
    services = services_for(agent)
    passwords = {name: services.staff.add(name, role, "tests") for name, role in people.items()}
    with services.staff.database.transaction() as connection:
        connection.execute(update(StaffRow).values(must_change=False))
    with serve_services(services) as url:
        yield House(url, services, passwords)
    agent.retriever.index.close()


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()
    expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")


def assert_fits(page: Page) -> None:
    """Nothing is wider than the screen."""
    width, room = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert width <= room
