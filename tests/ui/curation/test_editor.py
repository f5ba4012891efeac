"""An entry is written, published, found, and brought back; and nobody's work is lost."""

import pytest
from playwright.sync_api import expect

from tests.ui.curation.curating import answer_box, open_entry, publish, questions_box, sent_for
from tests.ui.staffing import ATTACK, House, SignIn, open_tab

pytestmark = pytest.mark.browser


def test_a_new_entry_is_written_previewed_published_and_found(house: House, sign_in: SignIn) -> None:
    page = sign_in()
    expect(page.locator("#entries-table tbody tr")).to_have_count(50)
    page.locator("#new-entry").click()
    page.locator("#entry-id input, #entry-id textarea").fill("stargazing")
    page.locator("#entry-tags input, #entry-tags textarea").fill("stars， season, stars")
    questions_box(page).fill("Do you run stargazing evenings?\n\nWhen is the next telescope night?")
    answer_box(page).fill("Yes, for **3 euro**.\n\n<b>[x](javascript:alert(1))</b>")
    preview = page.locator("#language-en .block.preview")
    expect(preview.locator("strong")).to_have_text("3 euro")
    expect(preview).to_contain_text("<b>x</b>")
    questions_box(page, "zh").fill("有观星活动吗？")
    page.locator("#save").click()
    expect(page.locator("#entry-message")).to_contain_text("zh")  # a question without an answer
    expect(page.locator("#entry-message [role=alert]")).to_be_visible()
    expect(questions_box(page, "zh")).to_have_value("有观星活动吗？")
    answer_box(page, "zh").fill("可以，3 欧元。")
    page.locator("#save").click()
    expect(page.locator("#entry-message")).to_contain_text("Saved as version 1")
    expect(page.locator("#entry-head")).to_contain_text("Customers are not told it")
    assert sent_for(house, "Do you run stargazing evenings?") != "stargazing"
    page.locator("#publish").click()
    expect(page.locator("#entry-message")).to_contain_text("Version 2 is published")
    assert sent_for(house, "Do you run stargazing evenings?") == "stargazing"
    version = house.curation.heads(["stargazing"])["stargazing"]
    assert (version.author, version.entry.tags, sorted(version.entry.variants)) == ("cara", ("stars", "season"), ["en", "zh"])
    assert version.entry.variants["en"].questions == ("Do you run stargazing evenings?", "When is the next telescope night?")


def test_another_language_is_added(house: House, sign_in: SignIn) -> None:
    publish(house, "french")
    page = sign_in()
    open_entry(page, "french")
    page.locator("#add-language").click()
    page.locator("#language-more-2 .code input, #language-more-2 .code textarea").fill("fr")
    questions_box(page, "more-2").fill("Emballez-vous les cadeaux ?")
    answer_box(page, "more-2").fill("Oui.")
    page.locator("#publish").click()
    expect(page.locator("#entry-message")).to_contain_text("is published")
    assert house.curation.heads(["french"])["french"].entry.variants["fr"].answer == "Oui."
    questions_box(page, "more-2").fill("")
    answer_box(page, "more-2").fill("")
    page.locator("#save").click()
    expect(page.locator("#entry-message")).to_contain_text("Saved")
    assert "fr" not in house.curation.heads(["french"])["french"].entry.variants


def test_the_second_of_two_is_told_who_was_faster_and_keeps_the_text(house: House, sign_in: SignIn) -> None:
    publish(house, "contested", "Who is first?", "Ann.")
    cara, cleo = sign_in("cara"), sign_in("cleo")
    for page in (cara, cleo):
        open_entry(page, "contested")
    answer_box(cara).fill("Cara.")
    cara.locator("#publish").click()
    expect(cara.locator("#entry-message")).to_contain_text("is published")
    answer_box(cleo).fill("Cleo.\n" + ATTACK)
    cleo.locator("#publish").click()
    expect(cleo.locator("#entry-message")).to_contain_text("cara changed entry contested")
    expect(cleo.locator("#conflict del", has_text="-Cara.")).to_be_visible()
    expect(cleo.locator("#conflict ins", has_text="+Cleo.")).to_be_visible()
    expect(answer_box(cleo)).to_have_value("Cleo.\n" + ATTACK)
    assert house.curation.heads(["contested"])["contested"].entry.variants["en"].answer == "Cara."
    cleo.locator("#keep-mine").click()
    expect(cleo.locator("#conflict")).to_be_hidden()
    expect(answer_box(cleo)).to_have_value("Cleo.\n" + ATTACK)
    cleo.locator("#publish").click()
    expect(cleo.locator("#entry-message")).to_contain_text("is published")
    assert house.curation.heads(["contested"])["contested"].entry.variants["en"].answer.startswith("Cleo.")
    answer_box(cara).fill("Cara again.")
    cara.locator("#save").click()
    expect(cara.locator("#entry-message")).to_contain_text("cleo changed entry contested")
    cara.locator("#take-theirs").click()
    expect(answer_box(cara)).to_have_value("Cleo.\n" + ATTACK)


def test_an_id_that_is_taken_is_refused_and_the_text_stays(house: House, sign_in: SignIn) -> None:
    publish(house, "taken", answer="Mine.")
    page = sign_in()
    page.locator("#new-entry").click()
    page.locator("#entry-id input, #entry-id textarea").fill("taken")
    questions_box(page).fill("Whose is it?")
    answer_box(page).fill("Yours.")
    page.locator("#publish").click()
    expect(page.locator("#entry-message")).to_contain_text("There is an entry taken already")
    expect(answer_box(page)).to_have_value("Yours.")
    assert house.curation.heads(["taken"])["taken"].entry.variants["en"].answer == "Mine."


def test_what_is_not_saved_is_not_closed_by_the_way(house: House, sign_in: SignIn) -> None:
    publish(house, "unsaved")
    page = sign_in()
    open_entry(page, "unsaved")
    answer_box(page).fill("Something else.")
    for press in ("#back", "#archive"):
        page.locator(press).click()
        expect(page.locator("#entry-message")).to_contain_text("not saved")
        expect(answer_box(page)).to_have_value("Something else.")
    open_tab(page, "Playground")
    page.locator("#play-question textarea").fill("How long does delivery take?")
    page.locator("#play-ask").click()
    page.locator("#play-found button.link").first.click()
    expect(page.locator("#entry-message")).to_contain_text("not saved")
    expect(answer_box(page)).to_have_value("Something else.")
    page.locator("#leave").click()
    expect(page.locator("#entries-table")).to_be_visible()
    assert house.curation.heads(["unsaved"])["unsaved"].number == 1


def test_an_older_version_is_seen_and_restored(house: House, sign_in: SignIn) -> None:
    publish(house, "restored", answer="The first answer.")
    publish(house, "restored", answer="The second answer. " + ATTACK)
    page = sign_in()
    open_entry(page, "restored")
    page.locator("#history-box > button").click()
    newest = page.locator("details.version").first
    newest.locator("summary").click()
    expect(newest.locator("del")).to_have_text("-The first answer.")
    expect(newest.locator("ins")).to_have_text("+The second answer. " + ATTACK)
    page.locator("details.version").nth(1).locator("summary").click()
    page.get_by_role("button", name="Restore this version").click()
    expect(page.locator("#entry-message")).to_contain_text("Version 3 is a draft now")
    expect(answer_box(page)).to_have_value("The first answer.")
    page.locator("#discard").click()
    expect(page.locator("#entry-message")).to_contain_text("changes are gone")
    expect(answer_box(page)).to_have_value("The second answer. " + ATTACK)


def test_a_language_that_is_out_of_date_is_marked_until_it_is_confirmed(house: House, sign_in: SignIn) -> None:
    publish(house, "stale", answer="From 9 to 5.")
    page = sign_in()
    open_entry(page, "stale")
    answer_box(page).fill("From 9 to 6.")
    page.locator("#publish").click()
    expect(page.locator("#entry-head .badge.stale")).to_have_text("Chinese to confirm")
    answer_box(page).fill("From 9 to 7.")
    page.locator("#confirm").click()
    expect(page.locator("#entry-message")).to_contain_text("Confirmed")
    expect(page.locator("#entry-head .badge.stale")).to_have_count(0)
    expect(answer_box(page)).to_have_value("From 9 to 7.")
    page.locator("#save").click()
    expect(page.locator("#entry-message")).to_contain_text("Saved")
    page.locator("#back").click()
    page.locator("#filter-stale input").check()
    expect(page.locator('#entries-table [data-open="stale"]')).to_be_visible()
