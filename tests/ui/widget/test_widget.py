"""The widget in a portal of another origin, in a real browser, under a strict Content-Security-Policy."""

import gzip
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from agent.conversation import ConversationState
from tests.ui.chatting import DELIVERY, PHONE, RETURNS, turn_with
from tests.ui.staffing import House, assert_fits
from tests.ui.widget.conftest import Visit
from ui.embedding import FOLDERS

pytestmark = pytest.mark.browser

UI = Path(__file__).parents[3] / "ui"


def opened(page: Page) -> Locator:
    """The open conversation."""
    page.get_by_role("button", name="Open the chat").click()
    panel = page.get_by_role("dialog")
    expect(panel).to_be_visible()
    return panel


def ask(panel: Locator, text: str) -> None:
    panel.get_by_role("textbox", name="Your message").fill(text)
    panel.page.keyboard.press("Enter")


def test_it_is_small() -> None:
    files = [file for name in FOLDERS for file in (UI / name).glob("*.js")]
    assert sum(len(gzip.compress(file.read_bytes())) for file in files) <= 30_000


def test_a_question_is_answered_with_its_source_and_rated(house: House, visit: Visit) -> None:
    panel = opened(visit())
    expect(panel.get_by_role("heading", name="Northlight")).to_be_visible()
    expect(panel).to_contain_text("How can we help?")
    question = f"{DELIVERY} (widget)"
    ask(panel, question)
    expect(panel.locator(".said")).to_have_text(question)
    reply = panel.locator(".reply")
    expect(reply.locator(".text p").first).to_contain_text("business days")
    reply.locator("summary").click()
    expect(reply).to_contain_text("Help article delivery-standard, version 1")
    helpful = panel.get_by_role("button", name="Helpful", exact=True)
    helpful.click()
    expect(helpful).to_have_attribute("aria-pressed", "true")
    assert turn_with(house.agent, question).feedback == 1
    helpful.click()
    expect(helpful).to_have_attribute("aria-pressed", "false")
    assert turn_with(house.agent, question).feedback is None


def test_a_suggestion_is_tapped(visit: Visit) -> None:
    panel = opened(visit())
    example = panel.locator(".welcome .choice").first
    text = example.inner_text()
    example.click()
    expect(panel.locator(".said")).to_have_text(text)
    expect(panel.locator(".reply .text")).to_be_visible()
    ask(panel, "delivery")
    choices = panel.locator(".log > .choices .choice")
    expect(choices.first).to_be_visible()
    wanted = choices.first.inner_text()
    choices.first.click()
    expect(panel.locator(".said").last).to_have_text(wanted)
    expect(panel.locator(".answer")).to_have_count(3)


def test_the_conversation_goes_on_on_the_next_page_and_after_a_reload(visit: Visit) -> None:
    page = visit()
    panel = opened(page)
    ask(panel, DELIVERY)
    expect(panel.locator(".reply .text")).to_be_visible()
    page.get_by_role("link", name="My orders").click()
    expect(page.get_by_role("heading", name="My orders")).to_be_visible()
    expect(page.get_by_role("dialog").locator(".said")).to_have_text(DELIVERY)  # and it is still open
    expect(page.get_by_role("dialog").locator(".reply .text")).to_be_visible()
    page.get_by_role("button", name="Close the chat").click()
    page.reload()
    expect(page.get_by_role("dialog")).to_have_count(0)
    panel = opened(page)
    expect(panel.locator(".said")).to_have_text(DELIVERY)
    panel.get_by_role("button", name="New chat").click()
    expect(panel.locator(".welcome")).to_be_visible()
    page.reload()
    expect(page.get_by_role("dialog").locator(".welcome")).to_be_visible()


def test_whether_it_was_settled_is_asked_and_kept(house: House, visit: Visit) -> None:
    page = visit()
    panel = opened(page)
    question = f"{RETURNS} (widget)"
    ask(panel, question)
    expect(panel.locator(".asked")).to_contain_text("Did that settle it?")
    panel.get_by_role("button", name="Yes").click()
    expect(panel.locator(".asked")).to_contain_text("Good to know")
    page.reload()
    expect(page.get_by_role("dialog").locator(".asked")).to_contain_text("Good to know")
    page.get_by_role("button", name="Take back").click()
    expect(page.get_by_role("dialog").locator(".asked")).to_contain_text("Did that settle it?")
    page.get_by_role("button", name="Not yet").click()
    expect(page.get_by_role("dialog").locator(".asked")).to_contain_text("400-555-0132")
    page.get_by_role("dialog").locator(".asked").get_by_role("button", name="Talk to a person").click()
    expect(page.get_by_role("dialog").locator(".answer")).to_have_count(2)
    conversation = turn_with(house.agent, question).conversation_id
    found = house.agent.log.find(house.agent.log.customer_of(conversation) or "", conversation)
    assert found
    assert found.state is ConversationState.QUEUED


def test_a_person_answers_live_also_while_it_is_closed(house: House, visit: Visit) -> None:
    page = visit()
    panel = opened(page)
    ask(panel, "I want to talk to a person, please (widget)")
    expect(panel.locator(".answer")).to_have_count(1)
    expect(panel.get_by_role("button", name="Talk to a person").first).to_be_disabled()
    conversation = turn_with(house.agent, "I want to talk to a person, please (widget)").conversation_id
    house.agent.desk.take(conversation, "lin")
    expect(panel.locator(".notice")).to_contain_text("lin has joined")
    house.agent.desk.say(conversation, "lin", "Good morning <b>Ann</b>")
    expect(panel.locator(".person p")).to_have_text("Good morning <b>Ann</b>")
    ask(panel, "thank you (widget)")
    expect(panel.locator(".said").last).to_have_text("thank you (widget)")
    expect(panel.locator(".writing")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    house.agent.desk.say(conversation, "lin", "One more thing")
    launcher = page.get_by_role("button", name="Open the chat (1)")
    launcher.click()
    expect(page.get_by_role("dialog").locator(".person").last).to_contain_text("One more thing")


def test_what_cannot_be_sent_is_kept_and_arrives_once_and_in_order(house: House, visit: Visit) -> None:
    page = visit()
    panel = opened(page)
    page.evaluate("Math.random = () => -1.5")  # so that tries follow each other at once
    questions = [f"how do I return an item? ({name})" for name in ("first", "second", "third", "fourth")]
    ask(panel, questions[0])
    expect(panel.locator(".answer")).to_have_count(1)
    for place in (1, 2):
        page.route("**/messages", lambda route: route.abort())
        ask(panel, questions[place])
        expect(panel.locator(".problem")).to_contain_text("cannot be reached")
        expect(panel.locator(".said").last).to_have_text(questions[place])
        page.unroute("**/messages")
        if place == 1:
            panel.get_by_role("button", name="Send again").click()
        else:
            ask(panel, questions[3])  # what was written before comes first
        expect(panel.locator(".answer")).to_have_count(2 * place)
        expect(panel.locator(".problem")).to_have_count(0)
    conversation = turn_with(house.agent, questions[0]).conversation_id
    assert [turn.message for turn in house.agent.log.turns(conversation)] == questions


def test_who_signs_in_at_the_portal_has_conversations_of_their_own(house: House, visit: Visit) -> None:
    page = visit()
    ask(opened(page), f"{DELIVERY} (anonymous)")
    expect(page.get_by_role("dialog").locator(".answer")).to_have_count(1)
    page.get_by_label("Name").fill("安妮")
    page.get_by_role("button", name="Sign in").click()
    panel = page.get_by_role("dialog")
    expect(panel.locator(".welcome")).to_be_visible()
    ask(panel, f"{DELIVERY} (signed in)")
    expect(panel.locator(".answer")).to_have_count(1)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("dialog").locator(".welcome")).to_be_visible()
    one, other = (turn_with(house.agent, f"{DELIVERY} ({who})").conversation_id for who in ("anonymous", "signed in"))
    assert house.agent.log.customer_of(one) != house.agent.log.customer_of(other)


def test_a_conversation_that_was_erased_meanwhile_is_begun_anew(house: House, visit: Visit) -> None:
    page = visit()
    panel = opened(page)
    ask(panel, f"{DELIVERY} (erased)")
    expect(panel.locator(".answer")).to_have_count(1)
    conversation = turn_with(house.agent, f"{DELIVERY} (erased)").conversation_id
    house.services.records.erase(house.agent.log.customer_of(conversation) or "")
    ask(panel, RETURNS)
    expect(panel.locator(".said")).to_have_text([RETURNS])
    expect(panel.locator(".answer")).to_have_count(1)
    assert turn_with(house.agent, RETURNS).conversation_id != conversation


@pytest.mark.parametrize(
    ("locale", "name", "welcome"), [("zh-CN", "打开在线客服", "有什么可以帮您？"), ("zh-TW", "打開在線客服", "有什麼可以幫您？")]
)
def test_it_speaks_the_pages_language(visit: Visit, locale: str, name: str, welcome: str) -> None:
    page = visit(locale)
    page.get_by_role("button", name=name).click()
    panel = page.get_by_role("dialog")
    expect(panel).to_contain_text(welcome)
    panel.get_by_role("textbox").fill("多久能送到？")
    page.keyboard.press("Enter")
    expect(panel.locator(".reply .text")).to_contain_text("工作日")


def test_a_phone_is_filled(visit: Visit) -> None:
    page = visit(viewport=PHONE)
    panel = opened(page)
    assert panel.bounding_box() == {"x": 0, "y": 0, **PHONE}
    ask(panel, DELIVERY)
    expect(panel.locator(".reply .text")).to_be_visible()
    assert_fits(page)
    box = panel.get_by_role("button", name="Send").bounding_box()
    assert box
    assert box["y"] + box["height"] <= PHONE["height"]
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()
    expect(page.get_by_role("button", name="Open the chat")).to_be_focused()
