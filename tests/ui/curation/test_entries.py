"""The list of entries is searched and changed together, at ease on a phone and in both languages."""

import pytest
from playwright.sync_api import Page, expect

from knowledge_base.curation.version import State
from tests.ui.chatting import PHONE
from tests.ui.curation.curating import open_entry, publish, search
from tests.ui.staffing import ATTACK, House, SignIn, assert_fits, open_tab

pytestmark = pytest.mark.browser


def test_several_entries_are_changed_together_or_not_at_all(house: House, sign_in: SignIn) -> None:
    for place in range(3):
        publish(house, f"bulk-{place}", f"Bulk question {place}?")
    page = sign_in()
    search(page, "bulk-")
    expect(page.locator("#entries-table tbody tr")).to_have_count(3)
    choose(page, "Add a tag")
    expect(page.locator("#bulk")).to_contain_text("3 chosen")
    page.locator("#bulk-value input, #bulk-value textarea").fill("several")
    page.locator("#bulk-apply").click()
    expect(page.locator("#list-message")).to_contain_text("3 entries changed")
    expect(page.locator("#entries-table .tag", has_text="several")).to_have_count(3)
    choose(page, "Archive")
    house.curation.move({"bulk-1": 2}, State.ARCHIVED, "cleo")
    page.locator("#bulk-apply").click()
    expect(page.locator("#list-message")).to_contain_text("cleo changed entry bulk-1")
    assert [house.curation.heads([f"bulk-{n}"])[f"bulk-{n}"].state for n in range(3)] == ["published", "archived", "published"]
    page.locator('[data-row="bulk-0@2"]').check()
    page.locator('[data-row="bulk-2@2"]').check()
    page.locator("#bulk-apply").click()
    expect(page.locator("#list-message")).to_contain_text("2 entries changed")
    expect(page.locator("#entries-table .badge.archived")).to_have_count(3)
    assert house.agent.retriever.index.repository.get(["bulk-0", "bulk-1", "bulk-2"]) == {}


def choose(page: Page, action: str) -> None:
    """Choose all on the page, and what is to be done with them."""
    page.get_by_label("Choose all on this page").check()
    page.locator("#bulk-action input").click()
    page.get_by_role("option", name=action, exact=True).click()


def test_filters_and_pages_show_what_they_say(house: House, sign_in: SignIn) -> None:
    publish(house, "filtered", "Filtered question?", category="Odd & <b>ends</b>", owner="olga", tags=("rare",))
    page = sign_in()
    total = len(house.curation.heads())
    expect(page.locator("#range")).to_contain_text(f"1–50 of {total}")
    page.locator("#next").click()
    expect(page.locator("#range")).to_contain_text(f"51–{min(100, total)} of {total}")
    for name, choice in (("category", "Odd & <b>ends</b>"), ("owner", "olga"), ("tag", "rare"), ("state", "Published")):
        page.locator(f"#filter-{name} input").click()
        page.get_by_role("option", name=choice, exact=True).click()
        expect(page.locator('[data-open="filtered"]')).to_be_visible()
        if name != "state":
            expect(page.locator("#entries-table tbody tr")).to_have_count(1)
    search(page, "no such words")
    expect(page.locator("#entries-table")).to_contain_text("No entry is like that")


def test_markup_in_an_entry_is_shown_and_never_run(house: House, sign_in: SignIn) -> None:
    publish(house, "attack", ATTACK, ATTACK, category=ATTACK[:80], tags=(ATTACK[:60],), owner=ATTACK[:60])
    page = sign_in()
    open_entry(page, "attack")
    expect(page.locator("#entry-head h2")).to_have_text(ATTACK)
    expect(page.locator("#language-en .block.preview")).to_contain_text(ATTACK)
    page.locator("#history-box > button").click()
    page.locator("details.version summary").first.click()
    page.locator("#back").click()
    expect(page.locator('[data-open="attack"]')).to_have_text(ATTACK)
    open_tab(page, "Playground")
    page.locator("#play-question textarea").fill(ATTACK)
    page.locator("#play-ask").click()
    expect(page.locator("#play-found dl").first).to_be_visible()
    assert page.locator("#desk img, #desk script").count() == 0


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_nothing_overflows_on_a_phone(house: House, sign_in: SignIn, locale: str) -> None:
    publish(house, "wide-" + "w" * 90, "W" * 300, "`" + "w" * 300 + "`", tags=("t" * 100,), category="c" * 150)
    page = sign_in(locale=locale, viewport=PHONE)
    expect(page.locator("#entries-table tbody tr").first).to_be_visible()
    assert_fits(page)
    page.locator("#entries-table input[data-row]").first.check()
    expect(page.locator("#bulk")).to_be_visible()
    assert_fits(page)
    open_entry(page, "wide-" + "w" * 90)
    assert_fits(page)
    for tab in page.get_by_role("tab").all()[1:]:  # what has no place is in a menu
        tab.click()
        assert_fits(page)


def test_the_page_speaks_the_browsers_language(sign_in: SignIn) -> None:
    page = sign_in(locale="zh-TW")
    expect(page.locator("#new-entry")).to_have_text("新建條目")
    expect(page.get_by_role("tab").first).to_have_text("條目")
    expect(page.locator("#entries-table tbody .badge").first).to_have_text("已發佈")
