"""What customers asked in vain becomes an entry."""

import pytest
from playwright.sync_api import expect

from tests.ui.curation.curating import answer_box, questions_box, sent_for
from tests.ui.staffing import ATTACK, House, SignIn, open_tab

pytestmark = pytest.mark.browser
ASKED = ["can I rent a projector for a weekend?", "do you rent out projectors", "projector rental, is that possible?"]


def test_an_entry_is_begun_with_what_was_asked_and_what_staff_answered(house: House, sign_in: SignIn) -> None:
    for question in ASKED:
        conversation = house.agent.log.start("somebody")
        house.agent.reply(conversation, question)
        house.agent.desk.take(conversation.id, "lin")
        house.agent.desk.say(conversation.id, "lin", f"Yes, a projector is 20 USD a day. {ATTACK}")
    page = sign_in()
    open_tab(page, "Unanswered")
    page.locator("#find-gaps").click()
    gap = page.locator("#gaps-found .gap")
    expect(gap).to_have_count(1, timeout=60_000)
    expect(gap).to_contain_text("3 conversations")
    expect(gap).to_contain_text(ATTACK)
    gap.get_by_role("button", name="Write an entry").click()
    expect(page.locator("#entry-head")).to_contain_text("A new entry")
    assert set(questions_box(page).input_value().splitlines()) == set(ASKED)
    expect(answer_box(page)).to_have_value(f"Yes, a projector is 20 USD a day. {ATTACK}")
    page.locator("#back").click()
    expect(page.locator("#entry-message")).to_contain_text("not saved")
    answer_box(page).fill("Yes, a projector is 20 USD a day.")
    page.locator("#publish").click()
    expect(page.locator("#entry-message")).to_contain_text("is published")
    assert "projector" in sent_for(house, ASKED[0])
    open_tab(page, "Unanswered")
    page.locator("#find-gaps").click()
    expect(page.locator("#gaps-found")).to_contain_text("Nothing was left unanswered", timeout=60_000)
