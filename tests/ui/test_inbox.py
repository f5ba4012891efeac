"""From the customer's wish for a person to the person's answer, in two real browsers."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import pytest
from playwright.sync_api import Browser, Page, expect

from agent.agent import CustomerServiceAgent
from agent.conversation import ConversationState
from tests.ui.chatting import Open, ask
from tests.ui.serving import serve_services, services_for
from ui.access.roles import Role
from ui.services import Services

pytestmark = pytest.mark.browser
PASSWORD = "a password of my own"


@dataclass(frozen=True)
class Office:
    """A server, and the one-time passwords of an agent and a viewer."""

    url: str
    services: Services
    passwords: dict[str, str]


@pytest.fixture
def office(starter_agent: CustomerServiceAgent) -> Iterator[Office]:
    services = services_for(at_night(starter_agent))
    with starter_agent.log.database.transaction() as connection:
        connection.exec_driver_sql("DELETE FROM staff")
        connection.exec_driver_sql("DELETE FROM hand_overs")
    passwords = {"admin": services.staff.first_start() or ""}
    passwords |= {"lin": services.staff.add("lin", Role.AGENT, "admin"), "vera": services.staff.add("vera", Role.VIEWER, "admin")}
    with serve_services(services) as url:
        yield Office(url, services, passwords)


def at_night(agent: CustomerServiceAgent) -> CustomerServiceAgent:
    """The same agent at night, when nobody is there."""
    night = datetime(2026, 11, 28, 20, 0, tzinfo=UTC)
    a = agent
    return CustomerServiceAgent(
        a.release, a.looker.classifier, a.retriever, a.writer.composer, a.masker, a.log, a.shop, clock=lambda: night
    )


def sign_in(browser: Browser, office: Office, name: str) -> Page:
    """Sign in with the one-time password, choose another, and sign in with that."""
    page = browser.new_context(locale="en-GB").new_page()
    page.goto(f"{office.url}staff/")
    for password in (office.passwords[name], PASSWORD):
        page.get_by_label("Name").fill(name)
        page.get_by_label("Password").fill(password)
        page.get_by_role("button", name="Sign in").click()
        if password != PASSWORD:
            page.get_by_label("Present password").fill(password)
            page.get_by_label("New password").fill(PASSWORD)
            page.get_by_role("button", name="Set password").click()
    return page


def test_a_person_takes_over_answers_and_ends_the_conversation(browser: Browser, office: Office, open_page: Open) -> None:
    staff = sign_in(browser, office, "lin")
    expect(staff.locator("#queue h1")).to_have_text("Inbox")
    customer = open_page(office.url)
    ask(customer, "How long does standard delivery take?")
    customer.get_by_role("button", name="Talk to a person").click()
    expect(customer.locator("#chat .bot").last).to_contain_text("will answer you here")
    customer.locator("#details input, #details textarea").fill("ann@mail.example, mornings")
    customer.get_by_role("button", name="Leave contact details").click()
    expect(customer.locator("#chat")).to_contain_text("Your contact details are with our team")
    expect(customer.locator("#contact")).to_be_hidden()
    staff.locator("#waiting label").first.click()
    expect(staff.locator(".summary")).to_contain_text("The customer asked for a person")
    expect(staff.locator(".summary")).to_contain_text("How long does standard delivery take?")
    expect(staff.locator("#case-chat")).to_contain_text("3-5 business days")
    assert "ann@mail.example" not in staff.locator("body").inner_text()
    staff.locator("#take").click()
    expect(staff.locator(".summary")).to_contain_text("ann@mail.example, mornings")
    expect(customer.locator("#chat")).to_contain_text("lin has joined")
    staff.locator("#answer textarea").fill("Good morning! <b>I'll look</b> into it.")
    staff.locator("#answer-send").click()
    expect(customer.locator("#chat")).to_contain_text("Good morning! <b>I'll look</b> into it.")
    customer.locator("#message textarea").fill("Thank you, it is order 7")
    customer.locator("#message textarea").press("Enter")
    expect(staff.locator("#case-chat")).to_contain_text("Thank you, it is order 7")
    expect(customer.locator("#chat .message.user")).to_have_count(3)
    assert customer.locator("#chat .typing, #chat .unanswered").count() == 0  # the assistant keeps quiet
    staff.locator("#close").click()
    expect(customer.locator("#chat")).to_contain_text("lin has ended this conversation")
    expect(staff.locator("#queue")).to_contain_text("Nobody is waiting")
    ask(customer, "How long does express delivery take?")
    expect(customer.locator("#chat")).to_contain_text("express", ignore_case=True)
    staff.get_by_role("button", name="Sign out").click()
    expect(staff.get_by_role("button", name="Sign in")).to_be_visible()


def test_a_second_person_is_told_who_answers(browser: Browser, office: Office, starter_agent: CustomerServiceAgent) -> None:
    conversation = starter_agent.log.start("somebody")
    starter_agent.reply(conversation, "I want to talk to a person")
    staff = sign_in(browser, office, "lin")
    staff.locator("#waiting label").first.click()
    expect(staff.locator("#take")).to_be_visible()
    starter_agent.desk.take(conversation.id, "admin")
    staff.locator("#take").click()
    expect(staff.locator(".problem")).to_contain_text("admin is answering this conversation already")
    expect(staff.locator("#answer")).to_be_hidden()
    found = starter_agent.log.find("somebody", conversation.id)
    assert found
    assert found.state is ConversationState.HUMAN


def test_only_who_may_answer_gets_in(browser: Browser, office: Office) -> None:
    stranger = browser.new_context().new_page()
    stranger.goto(f"{office.url}staff/inbox/")
    expect(stranger.get_by_role("button", name="Sign in")).to_be_visible()
    stranger.get_by_label("Name").fill("lin")
    stranger.get_by_label("Password").fill("wrong")
    stranger.get_by_role("button", name="Sign in").click()
    expect(stranger.get_by_role("alert")).to_have_text("Name or password is wrong.")
    viewer = sign_in(browser, office, "vera")
    viewer.goto(f"{office.url}staff/inbox/")
    expect(viewer.locator("body")).to_contain_text("vera may not do that")
