"""What a reviewer sees: the message, what was made of it and why, what others said; in both languages, and safely."""

import pytest
from playwright.sync_api import expect

from tests.ui.chatting import PHONE
from tests.ui.review.reviewing import ASKED, DELIVERY, REFUND, ask, card, expect_message, expect_opinions, fill, open_review
from tests.ui.staffing import ATTACK, House, SignIn, assert_fits, open_tab
from training.review.item import Decision, Label
from training.review.queue import ReviewQueue

pytestmark = pytest.mark.browser


def test_a_message_comes_with_what_was_made_of_it(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    queue.fill([ask(house, DELIVERY, signals=("asked_back", "thumb_down", "from_the_future"))])
    page = open_review(sign_in)
    expect_message(page, DELIVERY)
    facts = card(page).locator("dl")
    expect(facts).to_contain_text("How long does standard delivery take? delivery_time · delivery-standard")
    expect(facts).to_contain_text("Answered")
    expect(facts).to_contain_text("% sure")
    expect(facts.locator(".badge")).to_have_text(["Asked back", "Thumb down", "from the future"])
    expect(card(page).locator(".about")).to_contain_text("English")
    words = page.locator("#review-card section:not([hidden]) .words li")
    expect(words.filter(has_text="delivery")).to_have_count(1)
    expect(page.get_by_role("status").first).to_contain_text("1 waiting")


@pytest.mark.usefixtures("queue")
def test_the_words_are_those_of_the_message_that_is_shown(house: House, sign_in: SignIn) -> None:
    fill(house, DELIVERY, REFUND)
    page = open_review(sign_in)
    words = page.locator("#review-card section:not([hidden]) .words")
    expect(words).to_contain_text("delivery")
    page.keyboard.press("a")
    expect_message(page, REFUND)
    expect(words).to_contain_text("money")
    expect(words).not_to_contain_text("delivery")


def test_markup_is_shown_and_never_run(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    first, *_ = fill(house, ATTACK, DELIVERY)
    queue.review(first.id, "wei", Decision.NEW_INTENT, note=ATTACK)
    page = open_review(sign_in)
    expect_message(page, ATTACK)
    expect(card(page).locator("dl")).to_contain_text(f"wei: New intent {ATTACK}")
    expect(page.locator("#review-card section")).to_be_attached()
    page.keyboard.press("1")
    expect_message(page, DELIVERY)
    open_tab(page, "Disputed")
    expect(page.locator("#disputed-found h3")).to_have_text(ATTACK)
    page.locator("#disputed-found button", has_text="New intent").click()
    expect(page.locator("#disputed-message")).to_contain_text("Settled as “Out of scope”")
    assert page.locator("#desk img, #desk script").count() == 0
    assert [review.note for review in queue.find(first.id).reviews] == [ATTACK, ATTACK]


def test_a_message_that_is_erased_meanwhile_is_passed_over(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    gone, left = ask(house, DELIVERY, worth=0.9, customer="bob"), ask(house, REFUND, worth=0.5)
    queue.fill([gone, left])
    page = open_review(sign_in)
    expect_message(page, DELIVERY)
    queue.forget("bob")
    page.keyboard.press("a")
    expect(page.locator("#review-message [role=alert]")).to_contain_text("no longer in review")
    expect_message(page, REFUND)
    page.keyboard.press("a")
    expect(page.locator("#review-card")).to_contain_text("Nothing waits for you")
    expect(page.locator("#review-message [role=alert]")).to_have_count(0)


def test_what_is_refused_is_shown_again(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    first, second = fill(house, DELIVERY, REFUND)
    page = open_review(sign_in)
    for _ in range(2):
        expect_message(page, DELIVERY)
        # At once: the buttons are drawn anew when the words come.
        card(page).locator(".choices button").first.evaluate("one => { one.dataset.label = 'delivery_time/not-there'; one.click(); }")
        expect(page.locator("#review-message [role=alert]")).to_contain_text("no longer there")
        expect_message(page, DELIVERY)
    assert (queue.find(first.id).reviews, queue.find(second.id).reviews) == ((), ())


def test_every_second_opinion_counts(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    first, second = fill(house, DELIVERY, REFUND)
    assert first.message.predicted
    for item in (first, second):
        queue.review(item.id, "wei", Decision.NO_QUESTION)
    page = open_review(sign_in)  # the first of ten is asked of somebody else, too
    expect_message(page, DELIVERY)
    expect(card(page).locator("dl")).to_contain_text("wei: Out of scope")
    page.keyboard.press("a")
    expect(page.locator("#review-counts")).to_contain_text("0 waiting · 1 by you today · 1 settled · 1 disputed · 0 % agreement")
    open_tab(page, "Disputed")
    dispute = page.locator("#disputed-found .item")
    expect(dispute.locator("dt")).to_have_text(["wei", "tara"])
    expect(dispute.locator("dd").first).to_contain_text("Out of scope 20")
    boss = open_review(sign_in, "boss")
    open_tab(boss, "Disputed")
    queue.review(first.id, "lin", Decision.CORRECT, Label("refund_status", "refund-time"))
    boss.locator("#disputed-found button", has_text="Out of scope").click()
    expect(boss.locator("#disputed-message")).to_contain_text("still disputed")
    expect(boss.locator("#disputed-found button")).to_have_count(3)
    dispute.locator("button", has_text="Out of scope").click()  # who was outvoted before comes round
    expect(page.locator("#disputed-message")).to_contain_text("Settled as “Out of scope”")
    expect(page.locator("#disputed-found")).to_contain_text("Nobody disagrees")
    assert [review.reviewer for review in queue.find(first.id).reviews] == ["wei", "lin", "boss", "tara"]


def test_an_opinion_that_was_withdrawn_meanwhile_is_no_choice(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    (item,) = fill(house, DELIVERY)
    queue.review(item.id, "wei", Decision.NO_QUESTION)
    queue.review(item.id, "lin", Decision.ACCEPT)
    page = open_review(sign_in)
    open_tab(page, "Disputed")
    wanted = page.locator("#disputed-found button", has_text="Out of scope")
    expect(wanted).to_be_visible()
    queue.review(item.id, "wei", Decision.CORRECT, Label("coupon"))
    wanted.click()
    expect(page.locator("#disputed-message [role=alert]")).to_contain_text("changed their mind")
    expect(page.locator("#disputed-found button")).to_contain_text(["How long does standard delivery take?", "coupon"])
    assert len(queue.find(item.id).reviews) == 2


def test_an_empty_page_looks_for_messages_itself(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    page = open_review(sign_in)
    expect(page.locator("#review-message")).to_contain_text("nothing new", timeout=30_000)
    expect(page.locator("#review-card")).to_contain_text("Nothing waits for you")
    for text in ASKED:
        ask(house, text)
    page.locator("#review-fill").click()
    expect(page.locator("#review-message")).to_contain_text("3 messages are new", timeout=30_000)
    expect(card(page)).to_have_count(1)
    for item in queue.waiting("tara", most=9):
        queue.review(item.id, "tara", Decision.ACCEPT)
    ask(house, "do you deliver to the moon?")
    page.reload()
    expect_message(page, "do you deliver to the moon?")


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_nothing_overflows_on_a_phone(house: House, queue: ReviewQueue, sign_in: SignIn, locale: str) -> None:
    first, *_ = fill(house, "W" * 300, "投影仪可以租吗" * 40)
    queue.review(first.id, "wei", Decision.NEW_INTENT, note="n" * 60)
    page = open_review(sign_in, locale=locale, viewport=PHONE)
    expect(card(page)).to_have_count(1)
    assert_fits(page)
    assert page.evaluate("Math.max(...[...document.querySelectorAll('#desk button')].map(one => one.getBoundingClientRect().right))") <= 390
    page.keyboard.press("a")
    expect(card(page).locator(".said")).to_contain_text("投影仪")
    assert_fits(page)
    for tab in page.get_by_role("tab").all()[1:]:
        tab.click()
        page.wait_for_timeout(300)
        assert_fits(page)


def test_the_page_speaks_the_browsers_language(house: House, queue: ReviewQueue, sign_in: SignIn) -> None:
    (item,) = fill(house, DELIVERY)
    page = open_review(sign_in, locale="zh-TW")
    expect(page.get_by_role("tab").first).to_have_text("複核")
    expect(page.locator("[data-decision=skip]")).to_contain_text("跳過")
    expect(card(page).locator("dl")).to_contain_text("直接回答")
    expect(page.locator("#review-counts")).to_contain_text("待複核 1")
    page.keyboard.press("a")
    expect(page.locator("#review-card")).to_contain_text("沒有待複核的消息")
    assert expect_opinions(page, queue, item)[0].decision is Decision.ACCEPT


@pytest.mark.parametrize("name", ["cara", "vera"])
def test_who_may_not_train_is_refused(house: House, sign_in: SignIn, name: str) -> None:
    page = sign_in(name)
    expect(page.locator(".staff-pages")).not_to_contain_text("Review")
    for path in ("review/", "review/config", "reports/loop-1"):
        answer = page.context.request.get(f"{house.url}staff/{path}")
        assert answer.status == 403
        assert f"{name} may not do that" in answer.text()
