"""What the page does while a reply is being written, in a real browser."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from agent.agent import CustomerServiceAgent
from agent.composing import Composer
from agent.generation import OpenAIModel
from agent.grounding import GroundingCheck
from agent.prompting import ALL_FREE
from tests.agent.scripted_model import composing_agent
from tests.fake_openai_server import Answer
from tests.fake_openai_server import serve as serve_model
from tests.ui.chatting import DELIVERY, Open, begin_new, send
from tests.ui.serving import serve

FIRST, SECOND = "Standard delivery takes 3-5 business days in the mainland.", "For remote regions, please allow 5-8 business days."

pytestmark = pytest.mark.browser


@pytest.fixture
def slow_url(starter_agent: CustomerServiceAgent, grounding_check: GroundingCheck) -> Iterator[str]:
    """A page whose replies a language model composes in about three seconds."""
    yield from writing_url(starter_agent, grounding_check, [FIRST[:30], f"{FIRST[30:]} [1]."], pause_s=3.0)


@pytest.fixture
def long_url(starter_agent: CustomerServiceAgent, grounding_check: GroundingCheck) -> Iterator[str]:
    """A page whose replies grow by a sentence a second."""
    yield from writing_url(starter_agent, grounding_check, [f"{FIRST} ", *([f"{SECOND} "] * 10)], pause_s=1.0)


def writing_url(agent: CustomerServiceAgent, check: GroundingCheck, pieces: list[str], pause_s: float) -> Iterator[str]:
    """A page whose replies a language model writes in these pieces."""
    with serve_model() as model_server:
        model_server.script.extend(Answer(pieces, pause_s=pause_s) for _ in range(10))
        model = OpenAIModel(model_server.base_url, "model", "", connect_timeout_s=2, read_timeout_s=8)
        with serve(composing_agent(agent, Composer(model, check, ALL_FREE, deadline_s=30))) as url:
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


def test_a_reply_appears_by_itself_after_going_away_and_back(open_page: Open, slow_url: str) -> None:
    page = open_page(slow_url)
    send(page, DELIVERY)
    page.locator(".typing").wait_for()
    page.wait_for_timeout(1200)  # the page has asked at least once whether the reply is there
    begin_new(page)
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


def test_a_reply_grows_sentence_by_sentence_and_stops_when_it_is_told_to(open_page: Open, long_url: str) -> None:
    page = open_page(long_url)
    expect(page.locator("#stop")).to_be_hidden()
    send(page, DELIVERY)
    expect(page.locator(".growing")).to_contain_text(FIRST)
    expect(page.locator(".growing")).to_contain_text(SECOND)
    expect(page.locator(".reply")).to_have_count(0)
    page.locator("#stop").click()
    expect(page.locator(".reply")).to_contain_text(SECOND, timeout=4000)  # the whole reply would take ten seconds
    expect(page.locator("#stop")).to_be_hidden()
    expect(page.locator("details.source")).to_have_count(1)
    shown = page.locator(".reply").inner_text()
    page.reload()
    expect(page.locator(".reply")).to_have_text(shown)
