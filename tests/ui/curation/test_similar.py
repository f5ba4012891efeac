"""Entries that say the same twice are merged, and answers that contradict each other are shown."""

from dataclasses import replace

import pytest
from playwright.sync_api import expect

from knowledge_base.curation.version import State
from tests.ui.curation.curating import publish, sent_for
from tests.ui.staffing import ATTACK, House, SignIn, open_tab

pytestmark = pytest.mark.browser


def test_two_entries_that_say_the_same_become_one(house: House, sign_in: SignIn) -> None:
    publish(house, "yoga", "Do you teach yoga classes?", "Yes, on Mondays in the studio.", chinese=False)
    publish(house, "yoga-lessons", "Do you offer yoga lessons?", "Yes, on Mondays in the studio. " + ATTACK, chinese=False, tags=("sport",))
    page = sign_in()
    open_tab(page, "Duplicates")
    page.locator("#find-duplicates").click()
    pair = page.locator("#similar-found .pair", has_text="yoga-lessons")
    expect(pair).to_have_count(1, timeout=60_000)
    expect(pair).to_contain_text("% alike")
    expect(pair).to_contain_text(ATTACK)
    mine = pair.locator(".sides > div", has=page.locator('[data-open="yoga"]'))
    house.curation.edit_all({"yoga": 1}, lambda entry: replace(entry, owner="cleo"), "cleo")
    mine.get_by_role("button", name="Merge into this one").click()
    expect(page.locator("#similar-message")).to_contain_text("cleo changed entry yoga")
    page.locator("#find-duplicates").click()
    expect(page.locator("#similar-message [role=alert]")).to_have_count(0, timeout=60_000)
    mine.get_by_role("button", name="Merge into this one").click()
    expect(page.locator("#similar-message")).to_contain_text("yoga-lessons is archived")
    expect(page.locator('#similar-found [data-open="yoga-lessons"]')).to_have_count(0)
    heads = house.curation.heads(["yoga", "yoga-lessons"])
    assert (heads["yoga"].state, heads["yoga-lessons"].state, heads["yoga"].author) == (State.PUBLISHED, State.ARCHIVED, "cara")
    assert heads["yoga"].entry.variants["en"].questions == ("Do you teach yoga classes?", "Do you offer yoga lessons?")
    assert (heads["yoga"].entry.owner, heads["yoga"].entry.tags) == ("cleo", ("sport",))
    assert sent_for(house, "Do you offer yoga lessons?") == "yoga"


def test_what_somebody_is_at_work_on_is_opened_and_not_merged(house: House, sign_in: SignIn) -> None:
    publish(house, "choir", "Is there a choir that I can join?", "Yes, the choir sings on Fridays.", chinese=False)
    publish(house, "choir-too", "Can I join the choir?", "Yes, the choir sings on Fridays.", chinese=False)
    entry = house.curation.heads(["choir"])["choir"].entry
    house.curation.save(replace(entry, owner="cleo"), "cleo", based_on=1)
    page = sign_in()
    open_tab(page, "Duplicates")
    page.locator("#find-duplicates").click()
    pair = page.locator("#similar-found .pair", has_text="choir-too").filter(has=page.locator('[data-open="choir"]'))
    expect(pair).to_contain_text("publish or discard", timeout=60_000)
    expect(pair.get_by_role("button", name="Merge into this one")).to_have_count(0)
    pair.locator('[data-open="choir-too"]').click()
    expect(page.locator("#entry-head")).to_contain_text("choir-too")


def test_answers_with_different_figures_are_shown_side_by_side(house: House, sign_in: SignIn) -> None:
    publish(house, "bicycle", "How long is the warranty of a bicycle?", "The warranty is 30 days.", chinese=False)
    publish(house, "bicycle-too", "What is the warranty period of a bicycle?", "The warranty is 90 days.", chinese=False)
    page = sign_in()
    open_tab(page, "Duplicates")
    page.locator("#find-contradictions").click()
    pair = page.locator("#similar-found .pair", has_text="bicycle-too")
    expect(pair.locator(".figure")).to_have_text(["30 days", "90 days"], timeout=60_000)
