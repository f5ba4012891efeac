"""Messages are decided with one key or one tap, and nothing is decided by accident."""

import pytest
from playwright.sync_api import Page, expect

from tests.ui.chatting import PHONE
from tests.ui.review.reviewing import ASKED, DELIVERY, INVOICE, REFUND, card, expect_message, expect_opinions, fill, open_review, search
from tests.ui.staffing import House, SignIn
from training.review.item import Decision, ItemState, Label
from training.review.queue import ReviewQueue

pytestmark = pytest.mark.browser

# Every second event that the page sends takes longer on its way.
OVERTAKING = """
let events = 0;
const send = window.fetch;
window.fetch = async (...asked) => {
  const url = asked[0].url ?? String(asked[0]);
  if (url.includes("/queue/join") && events++ % 2) await new Promise((done) => setTimeout(done, 300));
  return send(...asked);
};
"""
NOTHING = "Nothing waits for you"


@pytest.mark.parametrize("key", ["a", "A", "Enter"])
def test_what_was_understood_is_accepted(house: House, queue: ReviewQueue, sign_in: SignIn, key: str) -> None:
    items = fill(house, *ASKED)
    page = open_review(sign_in)
    expect_message(page, DELIVERY)
    page.keyboard.press(key)
    expect_message(page, REFUND)
    (said,) = expect_opinions(page, queue, items[0])
    assert (said.reviewer, said.decision, said.label) == ("tara", Decision.ACCEPT, items[0].message.predicted)
    expect(page.locator("#review-counts")).to_contain_text("2 waiting · 1 by you today · 1 settled")


@pytest.mark.parametrize(
    ("key", "decision", "state"),
    [
        ("q", Decision.NO_QUESTION, ItemState.SETTLED),
        ("s", Decision.SKIP, ItemState.OPEN),
        ("ArrowRight", Decision.SKIP, ItemState.OPEN),
    ],
)
def test_a_message_is_none_or_left_to_others(
    house: House, queue: ReviewQueue, sign_in: SignIn, key: str, decision: Decision, state: ItemState
) -> None:
    items = fill(house, *ASKED)
    page = open_review(sign_in)
    expect_message(page, DELIVERY)
    page.keyboard.press(key)
    expect_message(page, REFUND)
    (said,) = expect_opinions(page, queue, items[0])
    assert (said.decision, queue.find(items[0].id).state) == (decision, state)


def test_a_number_says_what_was_meant_instead(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    items = fill(house, *ASKED)
    page = open_review(sign_in)
    choices = card(page).locator(".choices button")
    expect(choices).to_have_count(5)
    expect(choices.nth(1)).to_contain_text("2")
    wanted = choices.nth(1).get_attribute("data-label")
    page.keyboard.press("2")
    expect_message(page, REFUND)
    (said,) = expect_opinions(page, queue, items[0])
    assert said.decision is Decision.CORRECT
    assert said.label
    assert f"{said.label.intent}/{said.label.entry}" == wanted
    assert said.label != items[0].message.predicted


@pytest.mark.parametrize("script", ["", OVERTAKING], ids=["as it goes", "where requests would overtake each other"])
def test_the_next_messages_need_not_wait_for_the_server(house: House, queue: ReviewQueue, sign_in: SignIn, script: str) -> None:
    texts = [f"how long does delivery to town number {place} take?" for place in range(8)]
    items = fill(house, *texts)
    page = open_review(sign_in, script=script)
    expect_message(page, texts[0])
    for key in "aqsaqsa":
        page.keyboard.press(key)
        expect(card(page)).to_have_count(1)
    expect_message(page, texts[7])
    decided = {"a": Decision.ACCEPT, "q": Decision.NO_QUESTION, "s": Decision.SKIP}
    for item, key in zip(items, "aqsaqsa", strict=False):
        assert expect_opinions(page, queue, item)[0].decision is decided[key]
    for text in texts[6:3:-1]:
        page.keyboard.press("u")
        expect_message(page, text)
    assert [len(queue.find(item.id).reviews) for item in items] == [1, 1, 1, 1, 0, 0, 0, 0]
    page.keyboard.press("q")  # and on from there
    assert expect_opinions(page, queue, items[4])[0].decision is Decision.NO_QUESTION


def test_the_last_decision_is_taken_back_even_when_nothing_is_left(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    (item,) = fill(house, DELIVERY)
    page = open_review(sign_in)
    page.keyboard.press("u")
    expect(page.locator("#review-message")).to_contain_text("nothing to take back")
    page.keyboard.press("q")
    expect(page.locator("#review-card")).to_contain_text(NOTHING)
    page.get_by_role("button", name="Undo").click()
    expect_message(page, DELIVERY)
    assert queue.find(item.id) == item
    page.keyboard.press("a")
    expect(page.locator("#review-card")).to_contain_text(NOTHING)
    assert expect_opinions(page, queue, item)[0].decision is Decision.ACCEPT


def test_while_somebody_types_keys_are_letters(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    items = fill(house, *ASKED)
    page = open_review(sign_in)
    expect_message(page, DELIVERY)
    page.keyboard.press("n")
    page.keyboard.type("aqs1u gifts", delay=20)
    expect(page.locator("#new-intent-name input, #new-intent-name textarea")).to_have_value("aqs1u gifts")
    expect_message(page, DELIVERY)
    assert [queue.find(item.id).reviews for item in items] == [(), (), ()]
    page.keyboard.press("Enter")
    expect_message(page, REFUND)
    (said,) = expect_opinions(page, queue, items[0])
    assert (said.decision, said.note) == (Decision.NEW_INTENT, "aqs1u gifts")
    expect(page.locator("#new-intent-name input, #new-intent-name textarea")).to_have_value("")
    page.keyboard.press("q")  # the message has the keys again
    expect_message(page, INVOICE)
    page.keyboard.press("n")
    page.keyboard.press("Escape")
    page.keyboard.press("a")
    assert expect_opinions(page, queue, items[2])[0].decision is Decision.ACCEPT


def test_any_entry_or_intent_is_searched_for(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    items = fill(house, *ASKED)
    page = open_review(sign_in)
    search_for(page, "change-address")
    expect_message(page, REFUND)
    (said,) = expect_opinions(page, queue, items[0])
    assert (said.decision, said.label) == (Decision.CORRECT, Label("change_order", "change-address"))
    search_for(page, "human agent · intent")
    expect_message(page, INVOICE)
    assert expect_opinions(page, queue, items[1])[0].label == Label("human_agent")
    page.keyboard.press("a")  # the message has the keys again
    assert expect_opinions(page, queue, items[2])[0].decision is Decision.ACCEPT


def search_for(page: Page, text: str) -> None:
    search(page, text)
    page.keyboard.press("Enter")


def test_a_key_that_is_held_or_is_the_browsers_decides_once_or_nothing(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    items = fill(house, *ASKED)
    page = open_review(sign_in)
    expect_message(page, DELIVERY)
    for shortcut in ("Control+a", "Alt+a", "Meta+a"):
        page.keyboard.press(shortcut)
    expect_message(page, DELIVERY)
    for _ in range(3):
        page.keyboard.down("a")  # from the second time on, it is held
    page.keyboard.up("a")
    expect_message(page, REFUND)
    expect_opinions(page, queue, items[0])
    assert queue.find(items[1].id).reviews == ()
    page.get_by_role("button", name="Skip").focus()
    page.keyboard.press("Enter")  # presses that button and no other
    expect_message(page, INVOICE)
    assert expect_opinions(page, queue, items[1])[0].decision is Decision.SKIP


def test_on_another_tab_no_key_decides(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    (item,) = fill(house, DELIVERY)
    page = open_review(sign_in)
    expect_message(page, DELIVERY)
    page.get_by_role("tab", name="Disputed").click()
    expect(page.locator("#disputed-found")).to_contain_text("Nobody disagrees")
    page.keyboard.press("a")
    page.keyboard.press("q")
    page.get_by_role("tab", name="Review").click()
    expect_message(page, DELIVERY)
    assert queue.find(item.id).reviews == ()


def test_every_decision_is_a_button_on_a_phone(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    texts = [f"how long does delivery to town number {place} take?" for place in range(6)]
    items = fill(house, *texts)
    page = open_review(sign_in, viewport=PHONE)
    buttons = [
        (page.get_by_role("button", name="Accept"), Decision.ACCEPT),
        (page.get_by_role("button", name="Not a question"), Decision.NO_QUESTION),
        (page.get_by_role("button", name="Skip"), Decision.SKIP),
        (card(page).locator(".choices button").last, Decision.CORRECT),
        (page.locator("#new-intent"), Decision.NEW_INTENT),
    ]
    for place, (button, decision) in enumerate(buttons):
        expect_message(page, texts[place])
        expect(page.locator("#review-counts")).to_contain_text(f"{place} by you today")
        button.click()
        assert expect_opinions(page, queue, items[place])[0].decision is decision
    page.get_by_role("button", name="Undo").click()
    expect_message(page, texts[4])
