"""A real browser on a real server."""

import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from agent.agent import CustomerServiceAgent
from tests.ui.chatting import Open
from tests.ui.serving import serve
from tests.ui.staffing import DESKTOP, House, SignIn
from ui.staff.door import COOKIE

BROWSERS = ("chromium-headless-shell", "chromium")  # the same engine; the first one opens a page in two thirds of the time
expect.set_options(timeout=30_000)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    installed = next(filter(None, map(shutil.which, BROWSERS)), None)
    if installed is None:
        pytest.skip("Chromium is not installed (Debian's package chromium-headless-shell)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def url(starter_agent: CustomerServiceAgent) -> Iterator[str]:
    with serve(starter_agent) as url:
        yield url


@pytest.fixture
def open_page(browser: Browser, url: str) -> Iterator[Open]:
    """Opens the page as a new customer; afterwards nothing must have failed or been asked of another host."""
    contexts, wrong = [], list[str]()

    def open_page(at: str = url, locale: str = "en-GB", viewport: dict[str, int] | None = None) -> Page:
        context = browser.new_context(locale=locale, viewport=viewport or {"width": 1280, "height": 800})  # type: ignore[arg-type]
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("request", lambda request: note_request(request.url, at))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(f"a dialog: {dialog.message}"))
        page.goto(at)
        page.locator("#head h1").wait_for()
        return page

    def note_request(requested: str, at: str) -> None:
        if urlsplit(requested).netloc not in {urlsplit(at).netloc, ""}:
            wrong.append(f"a request to {requested}")

    yield open_page
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def sign_in(browser: Browser, house: House) -> Iterator[SignIn]:
    """Opens staff's pages as somebody of the package's house; afterwards nothing must have failed or been run."""
    contexts, wrong = [], list[str]()

    def sign_in(name: str = "", locale: str = "en-GB", viewport: dict[str, int] | None = None, script: str = "") -> Page:
        context = browser.new_context(locale=locale, viewport=viewport or DESKTOP)  # type: ignore[arg-type]
        contexts.append(context)
        name = name or next(iter(house.passwords))
        token = house.services.staff.sign_in(name, house.passwords[name]) or ""  # the form takes ten a minute
        context.add_cookies([{"name": COOKIE, "value": token, "url": f"{house.url}staff"}])
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.add_init_script(script)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(f"a dialog: {dialog.message}"))
        page.goto(f"{house.url}staff/")
        return page

    yield sign_in
    for context in contexts:
        context.close()
    assert wrong == []
