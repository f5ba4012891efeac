"""What curators do on the page, for its tests."""

from playwright.sync_api import Locator, Page, expect

from knowledge_base.entry import EntryVariant, FAQEntry
from tests.ui.staffing import House


def publish(
    house: House, entry_id: str, question: str = "Do you wrap gifts?", answer: str = "Yes.", *, chinese: bool = True, **fields: object
) -> None:
    variants = {"en": EntryVariant("en", (question,), answer)}
    if chinese:
        variants["zh"] = EntryVariant("zh", (f"{question}（中文）",), "可以。")
    entry = FAQEntry(entry_id, variants, **fields)  # type: ignore[arg-type]
    house.curation.publish_all([entry], "tests")


def open_entry(page: Page, entry_id: str) -> None:
    search(page, entry_id)
    # Who clicks while the list is drawn anew hits another row.
    expect(page.locator("#entries-table tbody tr").filter(has_not_text=entry_id)).to_have_count(0)
    page.locator(f'#entries-table button[data-open="{entry_id}"]').click()
    expect(page.locator("#entry-head")).to_contain_text(entry_id)


def answer_box(page: Page, code: str = "en") -> Locator:
    return page.locator(f"#language-{code} .answer textarea")


def questions_box(page: Page, code: str = "en") -> Locator:
    return page.locator(f"#language-{code} .questions textarea")


def search(page: Page, text: str) -> None:
    page.locator("#search textarea, #search input").fill(text)


def sent_for(house: House, question: str) -> str:
    """The id of the entry that customers are sent for a question, or nothing."""
    house.agent.retriever.index.refresh()
    (part, *_) = house.agent.understand(question)
    return part.route.sent.entry.id if part.route.sent else ""
