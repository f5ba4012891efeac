"""Trainings are started, followed and looked back on."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy import delete

from agent.utterances import Utterance
from tests.ui.chatting import PHONE
from tests.ui.review.reviewing import open_review
from tests.ui.staffing import ATTACK, House, SignIn, assert_fits, open_tab
from training.datasets.message import DatasetMessage, Origin, Part
from training.datasets.tables import DatasetRow
from training.datasets.versions import DatasetVersions
from training.loop.report import report_page
from training.loop.runs import LoopRun, LoopRuns, Outcome, Step
from training.loop.tables import LoopRunRow

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("queue")]


@pytest.fixture
def runs(house: House) -> Iterator[LoopRuns]:
    """No training yet; nothing is left of those of the test."""
    yield house.services.learning.runs
    with house.agent.log.database.transaction() as connection:
        for table in (LoopRunRow, DatasetRow):
            connection.execute(delete(table))


def promoted(runs: LoopRuns) -> LoopRun:
    """A run that ended well."""
    run = runs.advance(runs.begin(ATTACK, "champion-1"), Step.TRAINING, {}, dataset=1)
    run = runs.advance(run, Step.COMPARISON, {}, challenger="challenger-2")
    return runs.end(run, Outcome.PROMOTED, "It is better.")


@pytest.mark.slow
@pytest.mark.usefixtures("runs")
def test_a_training_is_started_and_followed_to_its_end(sign_in: SignIn) -> None:
    page = open_review(sign_in)
    open_tab(page, "Learning")
    expect(page.locator("#learning-runs")).to_contain_text("Nothing was trained yet")
    page.locator("#train-now").click()
    expect(page.locator("#learning-message")).to_contain_text("has begun")
    expect(page.locator("#train-now")).to_be_disabled()
    expect(page.locator("#learning-state [aria-current=step]")).to_have_text("Dataset", timeout=120_000)
    other = open_review(sign_in, "boss")
    open_tab(other, "Learning")
    expect(other.locator("#train-now")).to_be_disabled()
    row = page.locator("#learning-runs tbody tr")  # the page looks by itself
    expect(row.locator(".badge")).to_have_text("Nothing new", timeout=120_000)
    expect(row).to_contain_text("tara")
    expect(row).to_contain_text("Nothing was reviewed that")
    expect(page.locator("#train-now")).to_be_enabled(timeout=30_000)
    expect(page.locator("#learning-state")).to_be_hidden()


def test_runs_and_datasets_say_what_became_of_them(house: House, runs: LoopRuns, sign_in: SignIn) -> None:
    run = promoted(runs)
    runs.advance(runs.begin("wei", "challenger-2"), Step.TRAINING, {}, dataset=2)
    page_of = report_page(house.services.learning.directory.reports, run.id)
    page_of.parent.mkdir(parents=True, exist_ok=True)
    page_of.write_text("<h1>What was measured</h1>", encoding="utf-8")
    versions = DatasetVersions(house.agent.log.database, house.services.learning.directory.datasets)
    rows = [DatasetMessage(Utterance(f"text {place}", "en", "coupon", None), Part.TRAINING, Origin.FILES) for place in range(5)]
    versions.freeze(rows[:3], "lin")
    versions.freeze(rows[1:], "wei")
    page = open_review(sign_in)
    open_tab(page, "Learning")
    expect(page.locator("#learning-state")).to_contain_text("was interrupted")
    expect(page.locator("#learning-state li.done")).to_have_text(["Dataset"])
    lines = page.locator("#learning-runs tbody tr")
    expect(lines.locator(".badge")).to_have_text(["Training", "In service"])
    expect(lines.nth(1)).to_contain_text(ATTACK)
    expect(lines.nth(1)).to_contain_text("Release challenger-2 is in service, in place of champion-1.")
    expect(lines.nth(1)).to_contain_text("champion-1→ challenger-2")
    expect(lines.nth(0).get_by_role("link")).to_have_count(0)
    with page.context.expect_page() as opened:
        lines.nth(1).get_by_role("link", name="Report").click()
    expect(opened.value.locator("h1")).to_have_text("What was measured")
    frozen = page.locator("#learning-datasets tbody tr")
    expect(frozen.nth(0)).to_contain_text("4 messages2 added · 1 removed · 0 relabelledcoupon +1")
    expect(frozen.nth(1)).to_contain_text("3 messages")
    assert page.locator("#desk img, #desk script").count() == 0
    assert page.context.request.get(f"{house.url}staff/reports/loop-999").status == 404


def test_it_is_read_on_a_phone_in_chinese(runs: LoopRuns, sign_in: SignIn) -> None:
    promoted(runs)
    page = open_review(sign_in, locale="zh-CN", viewport=PHONE)
    open_tab(page, "模型训练")
    expect(page.locator("#learning-runs .badge")).to_have_text("已上线")
    expect(page.locator("#learning-runs")).to_contain_text("版本 challenger-2 已上线，替换 champion-1。")
    expect(page.locator("#train-now")).to_have_text("立即训练")
    assert_fits(page)
