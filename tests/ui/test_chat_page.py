"""The chat page in a real browser, on a real server."""

import re

import pytest
from playwright.sync_api import expect
from sqlalchemy import select

from agent.agent import CustomerServiceAgent
from agent.conversation_log import ConversationRow
from agent.shop import Shop
from agent.texts import say
from tests.ui.chatting import DELIVERY, PHONE, RETURNS, Open, ask, begin_new, expect_feedback, last_reply, send, turn_with
from tests.ui.serving import serve

pytestmark = pytest.mark.browser


def test_an_answer_in_english_names_its_source(open_page: Open) -> None:
    page = open_page()
    expect(page.locator(".welcome")).to_contain_text("Northlight")
    ask(page, DELIVERY)
    assert "business days" in last_reply(page)
    expect(page.locator(".user .literal")).to_have_text(DELIVERY)
    source = page.locator("details.source")
    expect(source.locator("p").last).to_be_hidden()
    source.locator("summary").click()
    expect(source).to_contain_text("Source:")
    expect(source.locator("p").last).to_have_text("Help article delivery-standard, version 1")
    expect(page.locator("#message textarea")).to_have_value("")


def test_an_answer_in_chinese_names_its_source(open_page: Open) -> None:
    page = open_page(locale="zh-CN")
    expect(page.locator("#head h1")).to_have_text("北光商城")
    expect(page.locator("#person")).to_have_text("转人工")
    expect(page.locator("#send")).to_have_text("发送")
    ask(page, "怎么退货")
    assert "申请退货" in last_reply(page)
    page.locator("details.source summary").click()
    expect(page.locator("details.source")).to_contain_text("帮助文章 return-steps，第 1 版")


@pytest.mark.parametrize("locale", ["zh-TW", "zh-HK"])
def test_the_page_in_traditional_characters(open_page: Open, locale: str) -> None:
    page = open_page(locale=locale)
    expect(page.locator("#person")).to_have_text("轉人工")
    expect(page.locator(".welcome")).to_contain_text("請告訴我")


def test_examples_of_the_faq_can_be_tapped(open_page: Open, starter_agent: CustomerServiceAgent) -> None:
    page = open_page()
    examples = page.locator(".example").all_inner_texts()
    titles = {entry.variant("en").title for entry in starter_agent.retriever.index.repository.all()}
    assert len(examples) == 3
    assert set(examples) <= titles
    page.locator(".example").first.click()
    expect(page.locator(".user .literal")).to_have_text(examples[0])
    expect(page.locator("details.source")).to_contain_text(examples[0])


def test_a_suggestion_can_be_tapped_and_a_draft_stays(open_page: Open) -> None:
    page = open_page()
    ask(page, RETURNS)
    page.locator("#message textarea").fill("a draft")
    suggestion = page.locator(".option").first.inner_text()
    page.locator(".option").first.click()
    expect(page.locator(".user .literal").last).to_have_text(suggestion)
    expect(page.locator(".reply")).to_have_count(2)
    expect(page.locator("#message textarea")).to_have_value("a draft")


def test_a_reload_keeps_the_conversation(open_page: Open) -> None:
    page = open_page()
    ask(page, DELIVERY)
    answer = last_reply(page)
    page.reload()
    expect(page.locator(".user .literal")).to_have_text(DELIVERY)
    assert last_reply(page) == answer
    ask(page, RETURNS)
    expect(page.locator(".user .literal")).to_have_count(2)


def test_a_restart_of_the_server_keeps_the_conversations(open_page: Open, starter_agent: CustomerServiceAgent) -> None:
    with serve(starter_agent) as url:
        page = open_page(url)
        ask(page, DELIVERY)
    with serve(starter_agent, port=int(url.rsplit(":")[-1].strip("/"))):
        page.reload()
        expect(page.locator(".user .literal")).to_have_text(DELIVERY)
        expect(page.locator("#conversations label")).to_have_count(1)
        ask(page, RETURNS)


def test_two_conversations_side_by_side(open_page: Open) -> None:
    page = open_page()
    ask(page, DELIVERY)
    begin_new(page)
    ask(page, RETURNS)
    titles = page.locator("#conversations label")
    expect(titles).to_have_text([RETURNS, DELIVERY])
    titles.nth(1).click()
    expect(page.locator(".user .literal")).to_have_text([DELIVERY])
    ask(page, "Can I pay with a gift card?")
    page.reload()
    expect(page.locator(".user .literal")).to_have_text([DELIVERY, "Can I pay with a gift card?"])
    page.locator("#conversations label").first.click()
    expect(page.locator(".user .literal")).to_have_text([RETURNS])


def test_a_new_chat_is_still_new_after_a_reload(open_page: Open) -> None:
    page = open_page()
    ask(page, DELIVERY)
    begin_new(page)
    page.reload()
    expect(page.locator(".welcome")).to_be_visible()
    expect(page.locator("#conversations label")).to_have_count(1)


def test_thumbs_are_stored_changed_taken_back_and_shown_again(open_page: Open, starter_agent: CustomerServiceAgent) -> None:
    page = open_page()
    message = "What does delivery cost? (rated)"
    ask(page, RETURNS)
    ask(page, message)
    buttons = page.locator(".message-buttons").last
    for press, stored in [("Like", 1), ("Dislike", -1), ("Disliked", None), ("Like", 1)]:
        buttons.get_by_role("button", name=press, exact=True).click()
        expect_feedback(page, starter_agent, message, stored)
    assert turn_with(starter_agent, RETURNS).feedback is None
    page.reload()
    expect(page.get_by_role("button", name="Liked", exact=True)).to_have_count(1)


def test_a_person_can_be_asked_for_before_and_within_a_conversation(open_page: Open, starter_agent: CustomerServiceAgent) -> None:
    page = open_page(locale="zh-CN")
    page.locator("#person").click()
    expect(page.locator(".reply")).to_contain_text("400-555-0132")
    expect(page.locator(".user .literal")).to_have_text(say("talk_to_person", "zh"))
    turn = turn_with(starter_agent, say("talk_to_person", "zh"))
    with starter_agent.log.database.reading() as connection:
        query = select(ConversationRow.state).where(ConversationRow.id == turn.conversation_id)
        assert connection.execute(query).scalar_one() == "queued"
    begin_new(page)
    ask(page, DELIVERY)
    page.locator("#person").click()
    expect(page.locator(".reply")).to_have_count(2)
    assert "team" in last_reply(page)  # in the language of the conversation


def test_an_empty_message_is_not_sent_and_a_huge_one_is_answered(open_page: Open) -> None:
    page = open_page()
    send(page, "   \n ")
    expect(page.locator("#message textarea")).to_have_value("")
    expect(page.locator(".user .literal")).to_have_count(0)
    ask(page, "x y " * 25_000)
    assert last_reply(page) == say("too_long", "en")
    ask(page, DELIVERY)


def test_a_phone_shows_the_input_and_scrolls_in_one_direction(open_page: Open) -> None:
    page = open_page(viewport=PHONE)
    expect(page.locator(".sidebar")).not_to_have_class(re.compile(r"\bopen\b"))
    ask(page, "supercalifragilistic" * 20)
    ask(page, DELIVERY)
    assert page.evaluate("document.documentElement.scrollWidth") == PHONE["width"]
    for selector in ("#message textarea", "#send", "#person"):
        box = page.locator(selector).bounding_box()
        assert box
        assert box["x"] >= 0
        assert box["y"] >= 0
        assert box["x"] + box["width"] <= PHONE["width"]
        assert box["y"] + box["height"] <= PHONE["height"]
    page.locator(".sidebar .toggle-button").click()
    page.locator("#conversations label").click()
    expect(page.locator(".sidebar")).not_to_have_class(re.compile(r"\bopen\b"))


def test_the_staff_panel_is_there_only_when_it_is_asked_for(open_page: Open, url: str, starter_agent: CustomerServiceAgent) -> None:
    page = open_page(url)
    ask(page, DELIVERY)
    assert page.locator("#staff").count() == 0
    assert "taff" not in page.evaluate("JSON.stringify(window.gradio_config.components)")
    with serve(starter_agent, staff_panel=True) as staff_url:
        page = open_page(staff_url)
        ask(page, DELIVERY)
        expect(page.locator("#staff")).to_contain_text("delivery-standard v1")
        expect(page.locator("#staff")).to_contain_text(starter_agent.release.id)
        expect(page.locator("#staff")).to_contain_text("Words that carried it")
        expect(page.locator("#staff")).to_contain_text("answer: delivery-standard")


@pytest.mark.parametrize(
    ("shop", "head"),
    [
        (Shop(), "Customer service"),
        (Shop(name={"en": "A & B </script><img src=x onerror=alert(1)>"}), "A & B </script><img src=x onerror=alert(1)>"),
    ],
)
def test_any_shop_has_a_page(open_page: Open, starter_agent: CustomerServiceAgent, shop: Shop, head: str) -> None:
    a = starter_agent
    with serve(CustomerServiceAgent(a.release, a.looker.classifier, a.retriever, a.writer.composer, a.masker, a.log, shop)) as url:
        page = open_page(url)
        expect(page.locator("#head h1")).to_have_text(head)
        expect(page.locator(".welcome")).to_contain_text("assistant" if not shop.name else head)
        assert page.locator(".welcome img, #head img").count() == 0
        ask(page, DELIVERY)
