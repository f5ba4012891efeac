"""What one person wrote is no markup and runs no script where another one reads it, in a real browser."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import delete

from agent.agent import CustomerServiceAgent
from agent.conversation import Reply, RouteKind, Source
from knowledge_base.entry import EntryVariant, FAQEntry
from tests.knowledge_base.faq_index_shop import archive
from tests.ui.chatting import Open, ask, turn_with
from tests.ui.serving import serve_services, services_for
from ui.access.roles import Role
from ui.access.tables import StaffRow
from ui.staff.door import COOKIE

pytestmark = pytest.mark.browser

MARKUP = '"><img src=x onerror="attacked=1"><script>attacked=2</script>'
FRAME = "<iframe srcdoc='<script>parent.attacked=5</script>'>"
ATTACK = f"{MARKUP}</textarea><svg/onload=attacked=3>&lt;b&gt; [a](javascript:attacked=4) {FRAME}"
SHOP = f"</title></script>{MARKUP}"
PERSON = "stored-attacks"
NIGHT = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)

Inbox = Callable[[], Page]


@dataclass(frozen=True)
class Office:
    """A server of a shop with an odd name, at night, when customers leave contact details; and somebody's cookie there."""

    url: str
    cookie: str


@pytest.fixture(scope="module")
def office(starter_agent: CustomerServiceAgent) -> Iterator[Office]:
    a = starter_agent
    shop = replace(a.shop, name={"en": SHOP, "zh": SHOP})
    services = services_for(
        CustomerServiceAgent(a.release, a.looker.classifier, a.retriever, a.writer.composer, a.masker, a.log, shop, clock=lambda: NIGHT),
        staff_panel=True,
    )
    once = services.staff.add(PERSON, Role.AGENT, "tests")
    services.staff.set_password(PERSON, once, "a password of my own")
    with serve_services(services) as url:
        yield Office(url, services.staff.sign_in(PERSON, "a password of my own") or "")
    with a.log.database.transaction() as connection:
        connection.execute(delete(StaffRow).where(StaffRow.name == PERSON))


@pytest.fixture
def open_inbox(browser: Browser, office: Office) -> Iterator[Inbox]:
    """Opens the inbox; afterwards nothing must have failed or asked anything."""
    contexts, wrong = [], list[str]()

    def open_inbox() -> Page:
        context = browser.new_context(locale="en-GB")
        contexts.append(context)
        context.add_cookies([{"name": COOKIE, "value": office.cookie, "url": office.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(f"a dialog: {dialog.message}"))
        page.goto(f"{office.url}staff/inbox/")
        page.locator("#queue h1").wait_for()
        return page

    yield open_inbox
    for context in contexts:
        context.close()
    assert wrong == []


def assert_unharmed(page: Page) -> None:
    """No attack has run, nor is any of it an element."""
    page.wait_for_timeout(300)
    assert page.evaluate("() => window.attacked") is None
    assert page.locator("img[src=x], svg[onload], iframe, a[href^='javascript'], main script").count() == 0


def text_of(page: Page, selector: str) -> str:
    """The text of the last such element, as it is."""
    return str(page.locator(selector).last.evaluate("e => e.textContent"))


def test_what_a_customer_wrote_is_literal_in_the_inbox_and_the_answer_on_their_page(
    office: Office, open_page: Open, open_inbox: Inbox
) -> None:
    customer = open_page(office.url)
    ask(customer, ATTACK)
    customer.get_by_role("button", name="Talk to a person").click()
    customer.locator("#details input, #details textarea").fill(ATTACK)
    customer.get_by_role("button", name="Leave contact details").click()
    expect(customer.locator("#contact")).to_be_hidden()
    inbox = open_inbox()
    row = inbox.locator("#waiting label").filter(has_text=ATTACK[:30])
    assert ATTACK[:40] in row.inner_text()
    row.click()
    expect(inbox.locator("#case-chat .user .literal").first).to_have_text(ATTACK)
    assert_unharmed(inbox)
    inbox.locator("#take").click()
    expect(inbox.locator(".summary")).to_contain_text("Contact")
    assert ATTACK in text_of(inbox, ".summary")
    assert_unharmed(inbox)
    inbox.locator("#answer textarea").fill(ATTACK)
    inbox.locator("#answer-send").click()
    for page, chat in ((customer, "#chat"), (inbox, "#case-chat")):
        expect(page.locator(f"{chat} .person .literal")).to_have_text(ATTACK)
        assert_unharmed(page)
    inbox.locator("#close").click()
    expect(customer.locator("#chat")).to_contain_text("has ended this conversation")
    assert_unharmed(customer)


def test_what_stands_in_the_log_is_literal_on_both_pages(
    office: Office, open_page: Open, open_inbox: Inbox, starter_agent: CustomerServiceAgent
) -> None:
    log, opening = starter_agent.log, "hello, I have something stored for you"
    customer = open_page(office.url)
    ask(customer, opening)
    conversation = turn_with(starter_agent, opening).conversation_id
    reply = Reply(
        text=ATTACK,
        language="en",
        route=RouteKind.CLARIFY,
        intent=None,
        sources=(Source(MARKUP, 1, 0.9, MARKUP),),
        suggestions=(MARKUP, "[a](javascript:attacked=6)"),
        composed=False,
        offers_person=False,
        release=MARKUP,
        timings_ms={},
    )
    log.add_reply(log.add_message(conversation, "and then?"), reply)
    customer.reload()
    for suggestion in reply.suggestions:
        expect(customer.locator("#chat").get_by_role("button", name=suggestion, exact=True)).to_be_visible()
    assert_unharmed(customer)
    starter_agent.desk.take(conversation, PERSON)
    inbox = open_inbox()
    inbox.locator("#waiting label").filter(has_text="hello, I have").click()
    for page, chat in ((customer, "#chat"), (inbox, "#case-chat")):
        expect(page.locator(f"{chat} details.source summary").last).to_have_text(f"Source: {MARKUP}")
        assert "<svg/onload=attacked=3>" in text_of(page, f"{chat} .reply")
        assert_unharmed(page)
    starter_agent.desk.close(conversation, PERSON)


def test_the_shops_name_the_faqs_questions_and_the_staff_panel_are_literal(
    office: Office, open_page: Open, starter_agent: CustomerServiceAgent
) -> None:
    repository, question = starter_agent.retriever.index.repository, "<img src=x onerror=attacked=1>"
    entries = [
        FAQEntry(f"attack-{n}", {"zh": EntryVariant("zh", (question if n == 0 else f"{question} {n}",), ATTACK)}, category="attack")
        for n in range(12)
    ]
    repository.put(entries)
    try:
        page = open_page(office.url, locale="zh-CN")
        assert text_of(page, "#head h1") == SHOP
        assert page.title() == SHOP
        expect(page.locator("#chat").get_by_text(question, exact=True)).to_be_visible()
        assert SHOP in text_of(page, ".welcome")
        assert_unharmed(page)
        ask(page, ATTACK)
        expect(page.locator("#staff")).to_contain_text("read as")
        assert "<script>attacked=2</script>" in text_of(page, "#staff")
        assert_unharmed(page)
    finally:
        for entry in entries:
            archive(repository, entry.id)
