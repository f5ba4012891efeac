"""Whether an answer settled it, asked on the chat page, in a real browser."""

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from agent.agent import CustomerServiceAgent
from agent.conversation import ConversationState
from agent.conversation_log import ConversationRow
from tests.ui.chatting import DELIVERY, PHONE, RETURNS, Open, ask, begin_new, last_reply, turn_with

pytestmark = pytest.mark.browser


def line(page: Page) -> Locator:
    return page.locator("#settled")


def press(page: Page, name: str) -> None:
    line(page).get_by_role("button", name=name, exact=True).click()


def expect_asked(page: Page) -> None:
    expect(line(page)).to_contain_text("Did that settle it?")
    expect(line(page).get_by_role("button")).to_have_text(["Yes", "Not yet"])


def expect_nothing(page: Page) -> None:
    expect(line(page)).to_have_text("")
    expect(line(page).get_by_role("button")).to_have_count(0)


def kept(agent: CustomerServiceAgent, message: str) -> tuple[ConversationState, bool | None]:
    """The state of the conversation that has a message, and whether it is settled."""
    query = select(ConversationRow.state, ConversationRow.resolved).where(ConversationRow.id == turn_with(agent, message).conversation_id)
    with agent.log.database.reading() as connection:
        row = connection.execute(query).one()
    return ConversationState(row.state), row.resolved


def test_a_yes_is_thanked_for_kept_shown_again_and_taken_back(open_page: Open, starter_agent: CustomerServiceAgent) -> None:
    page, message = open_page(), "How long does delivery take? (settled)"
    expect_nothing(page)
    ask(page, message)
    expect_asked(page)
    press(page, "Yes")
    expect(line(page)).to_contain_text("Good to know, thank you.")
    assert kept(starter_agent, message) == (ConversationState.BOT, True)
    page.reload()
    expect(line(page)).to_contain_text("Good to know, thank you.")
    press(page, "Take back")
    expect_asked(page)
    assert kept(starter_agent, message) == (ConversationState.BOT, None)


def test_each_answer_is_asked_about_and_a_yes_outlives_the_next_question(open_page: Open, starter_agent: CustomerServiceAgent) -> None:
    page, message = open_page(), "How do I return an item? (settled)"
    ask(page, message)
    press(page, "Yes")
    expect(line(page)).to_contain_text("Good to know")
    ask(page, DELIVERY)
    expect_asked(page)
    page.reload()
    expect_asked(page)
    assert kept(starter_agent, message) == (ConversationState.BOT, True)
    press(page, "Not yet")
    expect(line(page)).to_contain_text("you can reach our team by phone on 400-555-0132")
    assert kept(starter_agent, message) == (ConversationState.BOT, False)
    begin_new(page)
    expect_nothing(page)
    page.locator("#conversations label").last.click()
    expect(line(page)).to_contain_text("you can reach our team")


def test_a_no_keeps_the_answer_and_offers_a_person(open_page: Open, starter_agent: CustomerServiceAgent) -> None:
    page, message = open_page(), "How long does delivery take? (not settled)"
    ask(page, message)
    answer = last_reply(page)
    press(page, "Not yet")
    expect(line(page).get_by_role("button")).to_have_text(["Talk to a person", "Take back"])
    assert last_reply(page) == answer
    assert kept(starter_agent, message) == (ConversationState.BOT, False)
    press(page, "Talk to a person")
    expect(page.locator(".reply")).to_have_count(2)
    expect(page.locator(".reply").last).to_contain_text("will answer you here")
    expect_nothing(page)
    assert kept(starter_agent, message) == (ConversationState.QUEUED, False)


@pytest.mark.parametrize("message", ["thank you very much", "do you rent out equipment", "who painted the Mona Lisa?", "???"])
def test_nothing_is_asked_after_what_is_no_answer(open_page: Open, message: str) -> None:
    page = open_page()
    ask(page, RETURNS)
    expect_asked(page)
    ask(page, message)
    expect_nothing(page)


def test_the_line_is_in_the_language_of_the_reply(open_page: Open) -> None:
    page = open_page()
    ask(page, "怎么退货")
    expect(line(page)).to_contain_text("问题解决了吗？")
    press(page, "还没有")
    expect(line(page)).to_contain_text("您可以联系我们的客服")
    expect(line(page).get_by_role("button")).to_have_text(["转人工", "撤回"])
    press(page, "撤回")
    press(page, "解决了")
    expect(line(page)).to_contain_text("好的，谢谢您告诉我们。")


def test_it_is_reached_by_keyboard_and_named_for_screen_readers(open_page: Open) -> None:
    page = open_page()
    ask(page, DELIVERY)
    expect_asked(page)
    expect(page.get_by_role("group", name="Did that settle it?")).to_have_attribute("aria-live", "polite")
    page.locator("#message textarea").focus()
    for _ in range(2):
        page.keyboard.press("Shift+Tab")
    expect(line(page).get_by_role("button", name="Yes", exact=True)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Good to know, thank you.")).to_be_visible()


def test_a_phone_shows_it_below_the_reply_and_keeps_the_end_of_the_conversation_in_sight(open_page: Open) -> None:
    page = open_page(viewport=PHONE)
    for message in (RETURNS, DELIVERY, "How do I use a coupon?"):
        ask(page, message)
    expect_asked(page)
    for press_first in (None, "Not yet"):
        if press_first:
            press(page, press_first)
            expect(line(page)).to_contain_text("you can reach our team")
        expect(page.locator("#chat .option").last).to_be_in_viewport(ratio=1)
        for button in line(page).get_by_role("button").all():
            expect(button).to_be_in_viewport(ratio=1)
        end, box = page.locator("#chat .option").last.bounding_box(), line(page).bounding_box()
        compose = page.locator("#compose").bounding_box()
        assert end
        assert box
        assert compose
        assert end["y"] + end["height"] <= box["y"] < box["y"] + box["height"] <= compose["y"]
        assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
