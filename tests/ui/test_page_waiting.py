"""What the page does while a reply is being written, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from agent.agent import CustomerServiceAgent
from agent.composing import Composer
from agent.generation import OpenAIModel
from tests.fake_openai_server import Answer
from tests.fake_openai_server import serve as serve_model
from tests.ui.chatting import DELIVERY, Open, begin_new, send
from tests.ui.serving import serve

pytestmark = pytest.mark.browser


@pytest.fixture
def slow_url(starter_agent: CustomerServiceAgent) -> Iterator[str]:
    """A page whose replies a language model composes in about three seconds."""
    with serve_model() as model_server:
        pieces = ["It takes 3-5 business days ", "in the mainland."]
        model_server.script.extend(Answer(pieces, pause_s=3.0) for _ in range(10))
        composer = Composer(OpenAIModel(model_server.base_url, "model", "", connect_timeout_s=2, read_timeout_s=8))
        a = starter_agent
        with serve(CustomerServiceAgent(a.release, a.looker.classifier, a.retriever, composer, a.masker, a.log, a.shop)) as url:
            yield url


def test_a_message_shows_at_once_and_the_next_waits_its_turn(open_page: Open, slow_url: str) -> None:
    page = open_page(slow_url)
    send(page, DELIVERY)
    expect(page.locator(".user .literal")).to_have_text([DELIVERY], timeout=2500)
    expect(page.locator(".typing")).to_be_visible(timeout=500)
    expect(page.locator(".reply")).to_have_count(0)
    send(page, "how much does delivery cost?")
    expect(page.locator(".reply")).to_have_count(2)
    expect(page.locator(".user .literal")).to_have_text([DELIVERY, "how much does delivery cost?"])
    page.locator("details.source summary").first.click()
    expect(page.locator("details.source").first).to_contain_text("The assistant wrote the answer")


def test_a_reply_reaches_its_own_conversation_after_a_switch(open_page: Open, slow_url: str) -> None:
    page = open_page(slow_url)
    send(page, DELIVERY)
    page.locator(".typing").wait_for()
    begin_new(page)
    page.wait_for_timeout(4500)
    expect(page.locator(".welcome")).to_be_visible()
    page.locator("#conversations label").click()
    expect(page.locator(".reply")).to_contain_text("3-5 business days")


def test_a_reply_appears_by_itself_after_a_reload(open_page: Open, slow_url: str) -> None:
    page = open_page(slow_url)
    send(page, DELIVERY)
    page.locator(".typing").wait_for()
    page.wait_for_timeout(500)
    page.reload()
    expect(page.locator(".typing")).to_be_visible()
    expect(page.locator(".reply")).to_contain_text("3-5 business days")
