"""What would be found, and what a change would do, are seen before customers see it."""

import re

import pytest
from playwright.sync_api import expect

from tests.ui.curation.curating import open_entry, questions_box
from tests.ui.staffing import House, SignIn, open_tab

pytestmark = pytest.mark.browser


def test_the_playground_says_what_would_be_found_and_why(house: House, sign_in: SignIn) -> None:
    page = sign_in()
    turns = len(house.agent.log.conversations("nobody"))
    open_tab(page, "Playground")
    page.locator("#play-question textarea").fill("How long does standard delivery take?")
    page.locator("#play-question textarea").press("Enter")
    (part, *_) = house.agent.understand("How long does standard delivery take?")
    expect(page.locator("#play-found .decision")).to_have_text("Answer")
    expect(page.locator("#play-found dl")).to_contain_text(part.route.rule)
    first = page.locator("#play-found tbody tr").first
    assert part.route.sent
    evidence = next(one for one in part.look.candidates if one.entry.id == part.route.sent.entry.id)
    numbers = (part.route.sent.probability, evidence.question, evidence.answer, evidence.keywords, evidence.fused)
    assert first.locator("td.number").all_inner_texts() == [f"{number:.3f}" for number in numbers]
    expect(first).to_contain_text("sent")
    assert len(house.agent.log.conversations("nobody")) == turns
    first.locator("button.link").click()
    expect(page.locator("#entry-head")).to_contain_text(part.route.sent.entry.id)


def test_what_a_change_would_do_is_told_before_it_is_published(house: House, sign_in: SignIn) -> None:
    page = sign_in()
    open_entry(page, "delivery-express")
    questions_box(page).fill("Nothing that anybody asks about submarines")
    questions_box(page, "zh").fill("关于潜水艇没人会问的问题")
    page.locator("#impact").click()
    expect(page.locator("#changes")).to_contain_text(re.compile(r"of [\d,]+ questions would get another answer"), timeout=120_000)
    expect(page.locator("#changes")).to_contain_text("No longer gets these: delivery-express")
    assert house.curation.heads(["delivery-express"])["delivery-express"].number == 1
