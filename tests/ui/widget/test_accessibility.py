"""The widget for who uses a keyboard, a screen reader, little colour or another language."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.ui.chatting import DELIVERY, PHONE
from tests.ui.staffing import House
from tests.ui.widget.conftest import Visit
from tests.ui.widget.test_widget import ask, opened

pytestmark = pytest.mark.browser


def assert_accessible(page: Page) -> None:
    """Axe finds nothing wrong on the page: WCAG 2.2 A and AA, and best practices."""
    found = Axe().run(page).response["violations"]
    assert [(one["help"], [node["html"] for node in one["nodes"]]) for one in found] == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", [None, PHONE], ids=["desktop", "phone"])
def test_axe_finds_nothing_in_any_state(house: House, visit: Visit, scheme: str, size: dict[str, int] | None) -> None:
    page = visit(viewport=size)
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
    expect(page.get_by_role("button", name="Open the chat")).to_be_visible()
    assert_accessible(page)
    panel = opened(page)
    expect(panel.locator(".welcome")).to_be_visible()
    assert_accessible(page)
    ask(panel, DELIVERY)
    expect(panel.locator(".asked")).to_be_visible()
    panel.locator("summary").click()
    assert_accessible(page)
    page.route("**/feedback", lambda route: route.abort())
    panel.get_by_role("button", name="Not helpful").click()
    expect(panel.get_by_role("alert")).to_contain_text("cannot be reached")
    panel.get_by_role("button", name="Not yet").click()
    expect(panel.locator(".asked .choice")).to_have_count(2)
    assert_accessible(page)
    panel.locator(".asked").get_by_role("button", name="Talk to a person").click()
    expect(panel.locator(".answer")).to_have_count(2)
    conversation = house.agent.desk.handed_over()[-1].conversation_id
    house.agent.desk.take(conversation, "lin")
    house.agent.desk.say(conversation, "lin", "Good morning")
    expect(panel.locator(".person")).to_be_visible()
    assert_accessible(page)


def test_the_keyboard_is_enough(visit: Visit) -> None:
    page = visit(path="/orders")
    launcher = page.get_by_role("button", name="Open the chat")
    expect(launcher).to_be_visible()
    for _ in range(20):
        page.keyboard.press("Tab")
        if launcher.evaluate("one => one.getRootNode().activeElement === one"):
            break
    page.keyboard.press("Enter")
    box = page.get_by_role("textbox", name="Your message")
    expect(box).to_be_focused()
    page.keyboard.type("first line")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("delivery?")
    expect(box).to_have_value("first line\ndelivery?")
    page.keyboard.press("Enter")
    expect(box).to_have_value("")
    expect(box).to_be_focused()
    expect(page.get_by_role("dialog").locator(".answer")).to_have_count(1)
    page.keyboard.press("Escape")
    expect(launcher).to_be_focused()


def test_an_input_method_ends_a_word_with_enter_and_sends_nothing(visit: Visit) -> None:
    panel = opened(visit())
    box = panel.get_by_role("textbox", name="Your message")
    box.fill("多久")
    box.evaluate(
        "one => one.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', isComposing: true, bubbles: true, cancelable: true }))"
    )
    expect(panel.locator(".said")).to_have_count(0)
    expect(box).to_have_value("多久")


def test_a_reply_is_read_out_once_and_whole(visit: Visit) -> None:
    page = visit()
    panel = opened(page)
    ask(panel, DELIVERY)
    expect(panel.locator(".asked")).to_be_visible()
    expect(panel.get_by_role("log", name="Conversation")).to_have_attribute("aria-busy", "false")
    mark = "document.querySelector('frontdesk-chat').shadowRoot.querySelectorAll('.said, .answer').forEach(one => one.seen = true)"
    page.evaluate(mark)
    panel.get_by_role("button", name="Helpful", exact=True).click()
    expect(panel.get_by_role("button", name="Helpful", exact=True)).to_be_focused()
    ask(panel, "and for express?")
    expect(panel.locator(".answer")).to_have_count(2)
    seen = "[...document.querySelector('frontdesk-chat').shadowRoot.querySelectorAll('.said, .answer')].map(one => Boolean(one.seen))"
    assert page.evaluate(seen) == [True, True, False, False]


def test_a_portal_chooses_the_looks(visit: Visit) -> None:
    page = visit()
    launcher = page.get_by_role("button", name="Open the chat")
    expect(launcher).to_have_css("background-color", "rgb(109, 63, 168)")  # as portal.css has it
    page.evaluate("document.querySelector('frontdesk-chat').setAttribute('side', 'left')")
    box = launcher.bounding_box()
    assert box
    assert box["x"] == 20
    panel = opened(page).bounding_box()
    assert panel
    assert panel["x"] == 20
