"""A portal on an origin of its own, with the widget of a shop."""

import shutil
import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.ui.serving import serve_app
from tests.ui.staffing import House, open_house
from ui.access.roles import Role
from ui.portal.app import Portal

SITE = "portal"
Visit = Callable[..., Page]


@pytest.fixture(scope="package")
def house(tmp_path_factory: pytest.TempPathFactory, untouched_shop: Path) -> Iterator[House]:
    directory = Path(shutil.copytree(untouched_shop, tmp_path_factory.mktemp("embedded") / "data", symlinks=True))
    with open_house(directory, {"lin": Role.AGENT}) as house:
        yield house


@pytest.fixture(scope="package")
def portal_url(house: House) -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        origin = f"http://127.0.0.1:{listener.getsockname()[1]}"
        credentials = house.services.sites.add(SITE, [origin], actor="tests")
        with serve_app(Portal(house.url, SITE, credentials.signing_secret).app, listener):
            yield origin


@pytest.fixture
def visit(browser: Browser, portal_url: str) -> Iterator[Visit]:
    """Opens the portal as a new visitor; afterwards nothing must have failed, nor been refused by its policy."""
    contexts, wrong = [], list[str]()

    def visit(locale: str = "en-GB", viewport: dict[str, int] | None = None, path: str = "/") -> Page:
        context = browser.new_context(locale=locale, viewport=viewport or {"width": 1280, "height": 800})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda message: wrong.extend([message.text] if "Content Security Policy" in message.text else []))
        page.goto(portal_url + path)
        return page

    yield visit
    for context in contexts:
        context.close()
    assert wrong == []
