"""What reviewers do on the page, for its tests."""

from playwright.sync_api import Locator, Page, expect

from agent.intents import OUT_OF_SCOPE
from tests.ui.staffing import House, SignIn
from training.review.item import Label, Message, Review, ReviewItem
from training.review.queue import ReviewQueue

DELIVERY, REFUND, INVOICE = "how long does delivery take?", "when do I get my money back?", "can I have an invoice?"
ASKED = (DELIVERY, REFUND, INVOICE)


def queue_of(house: House) -> ReviewQueue:
    """The messages in review at a shop."""
    return ReviewQueue(house.agent.log.database)


def ask(house: House, text: str, worth: float = 1.0, customer: str = "ann", signals: tuple[str, ...] = ("rephrased",)) -> Message:
    """Ask the assistant; gives the message as it comes into review."""
    turn = house.agent.reply(house.agent.log.start(customer), text)
    reply = turn.reply
    assert reply
    assert reply.intent
    sent = reply.sources[0].id if reply.sources else None
    label = Label(OUT_OF_SCOPE) if reply.intent.is_rejected and not sent else Label(reply.intent.label, sent)
    sure = (reply.intent.confidence, reply.intent.out_of_scope)
    return Message(
        turn.id, customer, turn.message, reply.language, turn.created_at, reply.release, label, reply.route, *sure, signals, worth
    )


def fill(house: House, *texts: str) -> list[ReviewItem]:
    """Ask, and put what was asked into review, the first text first; gives the items."""
    queue = queue_of(house)
    queue.fill([ask(house, text, worth=1 - place / 100) for place, text in enumerate(texts)])
    return queue.waiting("somebody", most=len(texts))


def open_review(sign_in: SignIn, name: str = "tara", **options: object) -> Page:
    """The page, with its first message."""
    page = sign_in(name, **options)
    if name == "boss":
        page.get_by_role("link", name="Review").click()
    expect(page.locator("#review-counts p")).to_contain_text("·")
    return page


def search(page: Page, text: str) -> None:
    """Look for another label by its key; one has the text."""
    expect(page.locator("#review-search")).to_be_visible()
    page.keyboard.press("c")
    expect(page.get_by_role("option").nth(50)).to_be_attached()  # every entry and intent
    page.keyboard.type(text)
    expect(page.get_by_role("option")).to_have_count(1)


def search_for_new(page: Page, text: str) -> None:
    """Look for a label that has just been made: the list that has it may still be on its way, and is not filtered when it comes."""
    box = page.locator("#review-search input")
    expect(box).to_be_visible()
    for _ in range(15):
        box.fill("")
        box.press_sequentially(text)
        if page.get_by_role("option").count() == 1:
            return
        box.press("Escape")
        page.wait_for_timeout(1000)
    raise AssertionError(f"{text} is not to be found.")


def card(page: Page) -> Locator:
    """The message that is shown."""
    return page.locator("#review-card article:not([hidden])")


def expect_message(page: Page, text: str) -> None:
    expect(card(page).locator(".said")).to_have_text(text)


def expect_opinions(page: Page, queue: ReviewQueue, item: ReviewItem, count: int = 1) -> tuple[Review, ...]:
    """Wait until so many opinions on a message are kept."""
    for _ in range(100):
        reviews = queue.find(item.id).reviews
        if len(reviews) == count:
            return reviews
        page.wait_for_timeout(100)
    raise AssertionError(f"There are {len(reviews)} opinions, not {count}.")
