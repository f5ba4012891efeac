"""What customers do on the page, for its tests."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from sqlalchemy import select

from agent.agent import CustomerServiceAgent
from agent.conversation_log import TurnRow

DELIVERY, RETURNS = "How long does delivery take?", "How do I return an item?"
PHONE = {"width": 390, "height": 844}
Open = Callable[..., Page]


def ask(page: Page, text: str) -> None:
    """Send a message and wait for its reply."""
    replies = page.locator(".reply")
    before = replies.count()
    send(page, text)
    expect(replies).to_have_count(before + 1)


def send(page: Page, text: str) -> None:
    page.locator("#message textarea").fill(text)
    page.locator("#message textarea").press("Enter")


def begin_new(page: Page) -> None:
    page.locator("#new-chat").click()
    expect(page.locator(".welcome")).to_be_visible()


def last_reply(page: Page) -> str:
    return page.locator(".reply").last.inner_text()


def turn_with(agent: CustomerServiceAgent, message: str) -> TurnRow:
    """The newest logged turn with this message."""
    with agent.log.database.reading() as connection:
        query = select(TurnRow.__table__).where(TurnRow.message == message).order_by(TurnRow.id.desc()).limit(1)
        return connection.execute(query).one()  # type: ignore[return-value]


def expect_feedback(page: Page, agent: CustomerServiceAgent, message: str, stored: int | None) -> None:
    for _ in range(50):
        if turn_with(agent, message).feedback == stored:
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"feedback is {turn_with(agent, message).feedback}, not {stored}")


def ask_until(page: Page, question: str, entry_id: str) -> None:
    for _ in range(10):
        ask(page, question)
        if page.locator("details.source").last.filter(has_text=f"Help article {entry_id},").count():
            return
        page.wait_for_timeout(500)
    raise AssertionError(f"{entry_id} is not found: " + page.locator(".message-wrap").inner_text()[-1500:])
