"""The insights page shows what the log has, to everybody who works there, on a phone and in both languages."""

import pytest
from playwright.sync_api import Page, expect

from tests.training.insights.log_book import TEXTS, LogBook
from tests.ui.chatting import PHONE
from tests.ui.staffing import ATTACK, House, SignIn, assert_fits

pytestmark = pytest.mark.browser


def open_insights(sign_in: SignIn, name: str = "vera", locale: str = "en-GB", viewport: dict[str, int] | None = None) -> Page:
    page = sign_in(name, locale=locale, viewport=viewport)
    page.locator('.staff-pages a[href="/staff/insights/"]').click()
    page.locator("#insights .tile, #insights .empty").first.wait_for()
    return page


def choose(page: Page, box: str, option: str) -> None:
    page.locator(f"#insights-{box} input").click()
    page.get_by_role("option", name=option, exact=True).click()


def figure(page: Page, name: str) -> str:
    return page.locator(f"#figure-{name} .value").inner_text().replace("\N{NO-BREAK SPACE}", " ")


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("name", ["vera", "lin", "cara", "tara", "boss"])
def test_everybody_who_works_here_may_look(house: House, sign_in: SignIn, name: str) -> None:
    page = open_insights(sign_in, name)
    assert page.url == f"{house.url}staff/insights/"
    assert figure(page, "conversations")


@pytest.mark.usefixtures("filled")
def test_a_viewer_begins_here(house: House, sign_in: SignIn) -> None:
    page = sign_in("vera")
    assert page.url == f"{house.url}staff/insights/"
    expect(page.locator(".staff-pages a")).to_have_text(["Insights"])


@pytest.mark.usefixtures("book")
def test_an_empty_log_has_a_sentence_and_no_plot(sign_in: SignIn) -> None:
    page = open_insights(sign_in)
    expect(page.locator("#insights .empty")).to_contain_text("Nobody has written in this time")
    expect(page.locator("#insights svg")).to_have_count(0)


@pytest.mark.usefixtures("filled")
def test_figures_are_of_the_days_the_language_and_the_intent_that_are_chosen(sign_in: SignIn) -> None:
    page = open_insights(sign_in)
    choose(page, "days", "90")
    expect(page.locator("#figure-conversations .value")).to_have_text("84")
    assert figure(page, "resolution") == f"{(84 - 14 - 4) / 84:.0%}".replace("%", " %")
    assert figure(page, "satisfaction") == f"{14 / 28:.0%}".replace("%", " %")
    assert figure(page, "hand_over") == "0 %"
    expect(page.locator("#figure-conversations .change")).to_contain_text("nothing before")
    choose(page, "language", "Chinese")
    expect(page.locator("#figure-conversations .value")).to_have_text(str(12 + 24))
    choose(page, "intent", "coupon")
    expect(page.locator("#figure-conversations .value")).to_have_text("4")
    expect(page.locator("#drift-languages")).to_contain_text("moved")
    choose(page, "language", "English")
    expect(page.locator("#insights .empty")).to_contain_text("No conversation in this time is like that")


@pytest.mark.usefixtures("filled")
def test_tables_have_what_plots_show(sign_in: SignIn) -> None:
    page = open_insights(sign_in)
    for plot in page.locator("#insights svg").all():
        assert plot.get_attribute("role") == "img"
        assert "from" in (plot.get_attribute("aria-label") or "")
    page.get_by_text("Figures by day").click()
    days = page.locator("table.days tbody tr td:nth-child(2)").all_inner_texts()
    assert sum(map(int, days)) == int(figure(page, "conversations"))
    intents = page.locator("table.rates").first
    expect(intents.locator("tbody th").first).to_have_text("track_order")
    expect(intents.locator("tbody th", has_text=ATTACK)).to_have_count(1)
    expect(intents.locator("tbody tr", has_text="Out of scope").locator('[data-label="Declined"]')).to_have_text("100\N{NO-BREAK SPACE}%")
    assert page.locator("#insights img, #insights script").count() == 0


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(
    ("locale", "head", "told"),
    [
        ("en-GB", "messages moved in the last seven days", "Chinese rose from 20 % to 86 %"),
        ("zh-CN", "最近七天的顾客消息有变化", "中文消息占比从 20 % 升到 86 %"),
        ("zh-TW", "最近七天的顧客消息有變化", "中文消息佔比從 20 % 升到 86 %"),
    ],
)
def test_a_move_is_told_in_words(sign_in: SignIn, locale: str, head: str, told: str) -> None:
    page = open_insights(sign_in, locale=locale)
    alert = page.locator("#insights .alert")
    expect(alert.locator("h2")).to_contain_text(head)
    assert told in alert.inner_text().replace("\N{NO-BREAK SPACE}", " ")
    expect(page.locator("#drift-languages .canvas rect.marked")).to_have_count(1)
    assert not any(text in page.locator("#insights").inner_html() for text in TEXTS.values()), "no message is on the page"


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
def test_nothing_overflows_on_a_phone(sign_in: SignIn, locale: str) -> None:
    page = open_insights(sign_in, locale=locale, viewport=PHONE)
    for days in ("90", "7"):
        choose(page, "days", days)
        expect(page.locator("#insights svg").first).to_have_attribute("viewBox", f"0 0 {days} 100")
        page.evaluate("document.querySelectorAll('#insights details').forEach((folded) => { folded.open = true; })")
        assert_fits(page)


def test_what_nobody_asked_before_is_no_change(book: LogBook, sign_in: SignIn, house: House) -> None:
    book.write(house.agent.clock())
    page = open_insights(sign_in)
    assert figure(page, "conversations") == "1"
    expect(page.locator("#figure-resolution .change")).to_have_text("nothing before to compare with")
    assert figure(page, "satisfaction") == "–"
    expect(page.locator("#drift-intents .badge")).to_have_text("too little to tell")
    expect(page.locator("#insights .alert")).to_have_count(0)
