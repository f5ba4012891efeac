"""Files of entries come in, after a look at what they would do, and go out."""

import csv
import http.client
import io
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import FilePayload, expect

from tests.ui.curation.curating import publish
from tests.ui.staffing import ATTACK, House, SignIn, open_tab
from ui.request_guard import LARGEST_FILE

pytestmark = pytest.mark.browser


def test_a_file_is_previewed_and_imported(house: House, sign_in: SignIn, tmp_path: Path) -> None:
    publish(house, "parking", "Where can I park?", "Behind the shop.")
    path = tmp_path / "faq <b>x.csv"
    rows = [
        ("id", "language", "question", "answer"),
        ("parking", "en", "Where can I park?", "In front of the shop."),
        ("parking", "zh", "Where can I park?（中文）", "可以。"),
        ("pets", "en", f"May I bring my dog? {ATTACK}", "Yes."),
        ("broken", "en", "Is there an answer?", ""),
    ]
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    page = sign_in()
    open_tab(page, "Import and export")
    page.locator("#import-preview").click()
    expect(page.locator("#import-message")).to_contain_text("Choose a file")
    page.locator("#import-file input[type=file]").set_input_files(path)
    expect(page.locator("#import-file")).to_contain_text(".csv")
    page.locator("#import-preview").click()
    plan = page.locator("#import-plan")
    expect(plan.locator("tbody tr", has_text="parking")).to_contain_text("English, answer")
    expect(plan.locator("tbody tr", has_text="pets")).to_contain_text(ATTACK)
    expect(plan.locator("tbody tr", has=page.locator(".badge.refused"))).to_contain_text("answer")
    assert "pets" not in house.curation.heads()
    page.locator("#import-apply").click()
    expect(page.locator("#import-message")).to_contain_text("2 entries were imported")
    heads = house.curation.heads(["parking", "pets"])
    assert heads["parking"].entry.variants["en"].answer == "In front of the shop."
    assert (heads["pets"].author, heads["pets"].note[:13]) == ("cara", "imported from")


def test_a_file_that_is_none_of_entries_is_refused_by_its_name(sign_in: SignIn, tmp_path: Path) -> None:
    path = tmp_path / "notes.json"
    path.write_text("{", encoding="utf-8")
    page = sign_in()
    open_tab(page, "Import and export")
    page.locator("#import-file input[type=file]").set_input_files(path)
    expect(page.locator("#import-file")).to_contain_text(".json")
    page.locator("#import-preview").click()
    expect(page.locator("#import-message [role=alert]")).to_contain_text("notes.json")
    expect(page.locator("#import-message")).not_to_contain_text("/")
    expect(page.locator("#import-apply")).to_be_hidden()


def test_a_large_file_is_taken_here(house: House, sign_in: SignIn) -> None:
    file: FilePayload = {"name": "large.csv", "mimeType": "text/csv", "buffer": b"x" * 1_500_000}
    answer = sign_in().context.request.post(f"{house.url}staff/faq/gradio_api/upload", multipart={"files": file})
    assert answer.status == 200


@pytest.mark.parametrize(("page", "size"), [("faq", LARGEST_FILE + 100_000), ("inbox", 1_500_000)])
def test_a_larger_file_is_refused_and_a_large_one_elsewhere(house: House, page: str, size: int) -> None:
    connection = http.client.HTTPConnection(urlsplit(house.url).netloc, timeout=30)
    connection.putrequest("POST", f"/staff/{page}/gradio_api/upload")
    connection.putheader("Content-Length", str(size))
    connection.endheaders()
    assert connection.getresponse().status == 413
    connection.close()


def test_what_is_published_is_downloaded(house: House, sign_in: SignIn) -> None:
    publish(house, "exported", "Can I take it along?", "Yes, all of it.")
    page = sign_in()
    open_tab(page, "Import and export")
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    rows = csv.DictReader(io.StringIO(Path(download.value.path()).read_text(encoding="utf-8-sig")))
    assert [row["answer"] for row in rows if row["id"] == "exported" and row["language"] == "en"] == ["Yes, all of it."]
    for file_format in ("xlsx", "json", "yaml"):
        assert page.context.request.get(f"{house.url}staff/export/faq.{file_format}").ok
