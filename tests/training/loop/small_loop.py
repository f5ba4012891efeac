"""A small shop whose customers ask for invoices, which its release does not know; a reviewer has said so."""

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import yaml

from agent.data_directory import DataDirectory
from agent.intents import Intent
from agent.release import read_release
from knowledge_base.database import Database
from knowledge_base.encoder import TextEncoder, encoder_folder
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.repository import FAQRepository
from tests.training.small_shop import ENTRIES, INTENTS, TEXTS, UTTERANCES
from training.arguments import FineTuningArguments
from training.release_training import train_release
from training.review.accepted_intents import AcceptedIntents
from training.review.item import Decision, Label, Message
from training.review.queue import ReviewQueue

ARGUMENTS = FineTuningArguments(epochs=1, batch_size=16, lora_rank=4, lora_alpha=8, max_tokens=32)
INVOICE = Intent("invoice", "query", "answer")
MEANT = Label("invoice", "get-invoice")
INVOICE_ENTRY = FAQEntry(
    "get-invoice",
    {"en": EntryVariant("en", ("How do I get an invoice?", "send me the invoice"), "Open the order and tap *Invoice*.")},
)
INVOICES = """
I need an invoice for my order
please send an invoice to my company
where do I download the invoice
invoice for the kettle please
can I get an invoice with our VAT number
the accountant wants an invoice from you
no invoice came with my parcel
how do you issue invoices
I want the invoice as a PDF
could you e-mail me my invoice
an invoice in my company's name
is there an invoice for order 1234
may I have an invoice for tax reasons
resend the invoice of last month
invoice copy needed
the invoice has not arrived
""".strip().splitlines()
GOLDEN = """text,language,intent,faq
when do I get the refund,en,refund_status,refund-time
has my refund been paid,en,refund_status,refund-time
退款多久能到,zh,refund_status,refund-time
where is my order right now,en,track_order,track-parcel
where has the parcel got to,en,track_order,track-parcel
我的包裹在哪里,zh,track_order,track-parcel
"""


def small_directory(folder: Path, encoder: TextEncoder, model_cache: Path) -> DataDirectory:
    """A data directory with a release of one epoch, labelled files and a golden set."""
    train_release(encoder_folder(None, model_cache), encoder, UTTERANCES, ENTRIES, INTENTS, ARGUMENTS, folder / "release", folder)
    directory = DataDirectory(folder / "data")

    def fill() -> None:
        """Put in the FAQ and the labelled messages."""
        directory.cache.symlink_to(model_cache, target_is_directory=True)
        directory.utterances.mkdir()
        (directory.utterances / "all.yaml").write_text(yaml.safe_dump([asdict(row) for row in UTTERANCES], allow_unicode=True), "utf-8")
        directory.golden.mkdir()
        (directory.golden / "golden.csv").write_text(GOLDEN, encoding="utf-8")
        database = Database(directory.database_url)
        FAQRepository(database).put([*ENTRIES, INVOICE_ENTRY])
        database.close()

    directory.create(read_release(folder / "release").folder, fill)
    return directory


def message(text: str, customer: str, release: str) -> Message:
    """A message that the release did not understand."""
    return Message(None, customer, text, "en", datetime.now(UTC), release, Label("oos"), "decline", 0.5, 0.9, (), 1.0)


def review_wrongly(database: Database, release: str) -> None:
    """Have a reviewer say of every message that it means something else than it does, now this and now that."""
    queue = ReviewQueue(database)
    with database.transaction() as connection:
        for intent, texts in TEXTS.items():
            others = [other for other in TEXTS if other != intent]
            for number, text in enumerate(texts.strip().splitlines()):
                said = message(f"{text.strip()} please", f"customer-{intent}-{number}", release)
                queue.review_all(connection, [said], "lin", Decision.CORRECT, Label(others[number % len(others)]))


def review_invoices(database: Database, release: str, meant: Label = MEANT) -> None:
    """Have a reviewer say of every message on invoices what it means, and accept the intent, if it is one."""
    queue = ReviewQueue(database)
    with database.transaction() as connection:
        if meant == MEANT:
            AcceptedIntents(database).add(connection, INVOICE, "get-invoice", "lin", lambda _name: False)
        for number, text in enumerate(INVOICES):
            queue.review_all(connection, [message(text, f"customer-{number}", release)], "lin", Decision.CORRECT, meant)
