"""Who may curate is let in, everybody else is not."""

import pytest
from playwright.sync_api import expect

from tests.ui.staffing import House, SignIn

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("name", "page_path", "links"),
    [
        ("cara", "faq", ["FAQ", "Insights"]),
        ("boss", "inbox", ["Inbox", "FAQ", "Review", "Insights"]),
        ("lin", "inbox", ["Inbox", "Insights"]),
    ],
)
def test_everybody_begins_on_a_page_that_they_may_use(house: House, sign_in: SignIn, name: str, page_path: str, links: list[str]) -> None:
    page = sign_in(name)
    expect(page.locator(".staff-pages a")).to_have_text(links)
    assert page.url == f"{house.url}staff/{page_path}/"
    if name == "boss":
        page.get_by_role("link", name="FAQ").click()
        expect(page.locator("#entries-table tbody tr").first).to_be_visible()


@pytest.mark.parametrize("name", ["lin", "vera"])
def test_who_may_not_curate_is_refused(house: House, sign_in: SignIn, name: str) -> None:
    page = sign_in(name)
    for path in ("faq/", "export/faq.csv"):
        answer = page.context.request.get(f"{house.url}staff/{path}")
        assert answer.status == 403
        assert f"{name} may not do that" in answer.text()
