"""What several customers want and no intent covers becomes an intent, or stays out of scope."""

import pytest
from playwright.sync_api import Page, expect

from agent.intents import OUT_OF_SCOPE
from tests.ui.review.reviewing import open_review, search_for_new
from tests.ui.staffing import ATTACK, House, SignIn, open_tab
from training.review.accepted_intents import AcceptedIntents
from training.review.item import Label
from training.review.queue import ReviewQueue

pytestmark = pytest.mark.browser
WANTED = (
    "can I rent a projector for a weekend?",
    "do you rent out projectors",
    "projector rental, is that possible?",
    "renting a projector for one evening",
    "投影仪可以租吗",
    "能租投影仪吗",
)


def open_proposal(house: House, sign_in: SignIn) -> Page:
    """Have customers want something new; gives the page where that is decided."""
    for text in WANTED:
        house.agent.reply(house.agent.log.start(f"customer of {text}"), text)
    page = open_review(sign_in)
    open_tab(page, "New intents")
    page.locator("#find-proposals").click()
    proposal = page.locator("#proposals-found .item")
    expect(proposal).to_have_count(1, timeout=60_000)
    expect(proposal).to_contain_text("6 conversations · English 67 % · Chinese 33 %")
    proposal.get_by_role("button", name="Look at it").click()
    expect(page.locator("#proposal-messages label:has(input)")).to_have_count(len(WANTED))
    return page


def test_an_intent_is_named_routed_and_accepted(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    page = open_proposal(house, sign_in)
    name = page.locator("#proposal-name input, #proposal-name textarea")
    expect(name).to_have_value("rent_projector")
    page.locator("#proposal-accept").click()
    expect(page.locator("#proposal-message [role=alert]")).to_contain_text("Choose the entry")
    page.locator("#proposal-entry input").click()
    page.keyboard.type("trade-in")
    page.get_by_role("option").first.click()
    name.fill(ATTACK)
    page.locator("#proposal-accept").click()
    expect(page.locator("#proposal-message [role=alert]")).to_contain_text("small letters")
    expect(name).to_have_value(ATTACK[:61])
    assert AcceptedIntents(queue.database).all() == []
    name.fill("projector_rental")
    page.get_by_label("A person answers it").check()
    expect(page.locator("#proposal-entry")).to_be_hidden()
    page.get_by_label(WANTED[1]).uncheck()
    page.locator("#proposal-accept").click()
    expect(page.locator("#proposals-message")).to_contain_text("The next training learns projector_rental from 5 messages.")
    expect(page.locator("#proposals-found")).to_contain_text("Every wish")
    (accepted,) = AcceptedIntents(queue.database).all()
    assert (accepted.intent.id, accepted.intent.act, accepted.intent.route, accepted.entry) == (
        "projector_rental",
        "request",
        "hand_off",
        None,
    )
    assert accepted.author == "tara"
    assert {item.message.text: item.label for item in queue.settled()} == {
        text: Label("projector_rental") for text in WANTED if text != WANTED[1]
    }
    open_tab(page, "Review")
    search_for_new(page, "projector rental")


def test_what_stays_out_of_scope_is_not_proposed_again(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    page = open_proposal(house, sign_in)
    for text in WANTED:
        page.get_by_label(text).uncheck()
    page.locator("#proposal-dismiss").click()
    expect(page.locator("#proposal-message [role=alert]")).to_contain_text("Choose the messages")
    for text in WANTED[1:]:
        page.get_by_label(text).check()
    page.locator("#proposal-dismiss").click()
    expect(page.locator("#proposals-message")).to_contain_text("not proposed again")
    assert {item.message.text: item.label for item in queue.settled()} == dict.fromkeys(WANTED[1:], Label(OUT_OF_SCOPE))
    page.locator("#find-proposals").click()
    expect(page.locator("#proposals-message")).to_be_empty(timeout=30_000)
    expect(page.locator("#proposals-found")).to_contain_text("Every wish")
    assert AcceptedIntents(queue.database).all() == []


def test_a_proposal_is_closed_without_a_decision(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    page = open_proposal(house, sign_in)
    page.locator("#proposal-back").click()
    expect(page.locator("#proposals-found .item")).to_be_visible()
    assert queue.settled() == []
