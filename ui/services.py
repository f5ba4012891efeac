"""What the pages and the API are built from."""

import base64
from dataclasses import dataclass

from cryptography.fernet import Fernet

from agent.agent import CustomerServiceAgent
from agent.data_directory import DataDirectory
from agent.handover.contacts import Contacts
from agent.handover.webhooks import WebhookSender
from agent.settings import Settings
from knowledge_base.database import Database
from training.forgetting import LearnedMessages
from training.loop.launching import LoopLauncher
from ui.access.customer_records import CustomerRecords
from ui.access.sites import Sites
from ui.access.staff import StaffAccounts
from ui.api.event_feed import EventFeed
from ui.api.idempotency import Idempotency
from ui.api.limiting import RateLimits
from ui.api.shared_counters import SharedCounters
from ui.api.streaming import Writers
from ui.example_questions import ExampleQuestions


@dataclass(frozen=True)
class Services:
    """What the pages and the API are built from.

    Attributes:
        agent: answers.
        sites: the portals that may call the API.
        staff: the people who work here.
        contacts: how to reach customers who wrote while nobody was there.
        records: exports and erases what is kept about a customer.
        learning: starts the learning loop.
        feed: tells what happens in conversations.
        webhook: tells another program; None where none is to know.
        limits: how often somebody may ask.
        idempotency: does what comes twice once.
        writers: the threads that write replies.
        examples: questions to tap before the first message.
        browser_secret: the key for what browsers store: the same after a restart. It goes out with the page.
        metrics_token: what a monitor has to send; None keeps the metrics closed.
        public_chat: whether everybody may open the chat page.
        retention_days: after so many days without a word conversations are erased; None keeps them.
        staff_panel: shows why each reply is what it is beside the chat; not for customers.
    """

    agent: CustomerServiceAgent
    sites: Sites
    staff: StaffAccounts
    contacts: Contacts
    records: CustomerRecords
    learning: LoopLauncher
    feed: EventFeed
    webhook: WebhookSender | None
    limits: RateLimits
    idempotency: Idempotency
    writers: Writers
    examples: ExampleQuestions
    browser_secret: str
    metrics_token: str | None
    public_chat: bool
    retention_days: int | None
    staff_panel: bool

    @classmethod
    def of(cls, agent: CustomerServiceAgent, directory: DataDirectory, settings: Settings) -> "Services":
        """Build them.

        Args:
            agent: open.
            directory: the agent's.
            settings: limits and what is shown.
        """
        database = agent.log.database
        contacts, idempotency = open_contacts(database, directory), Idempotency(database)
        return cls(
            agent,
            open_sites(database, directory),
            StaffAccounts(database),
            contacts,
            CustomerRecords(agent.log, agent.desk, contacts, idempotency, LearnedMessages(database)),
            LoopLauncher(directory, database, settings.learn_every_days),
            EventFeed(agent.desk),
            _webhook(agent, settings),
            RateLimits(
                settings.site_requests_per_minute,
                settings.address_requests_per_minute,
                settings.messages_per_minute,
                SharedCounters(database) if settings.is_shared else None,
            ),
            idempotency,
            Writers(),
            ExampleQuestions(agent),
            directory.derived_key("browser state").hex(),
            settings.metrics_token.get_secret_value() if settings.metrics_token else None,
            settings.public_chat,
            settings.retention_days,
            settings.staff_panel,
        )


def open_sites(database: Database, directory: DataDirectory) -> Sites:
    """The portals of a data directory.

    Args:
        database: the directory's.
        directory: has the key that signing secrets are encrypted with.
    """
    return Sites(database, _box(directory, "signing secrets"))


def open_contacts(database: Database, directory: DataDirectory) -> Contacts:
    """The contact details of a data directory's customers; arguments as above."""
    return Contacts(database, _box(directory, "contacts"))


def _webhook(agent: CustomerServiceAgent, settings: Settings) -> WebhookSender | None:
    if settings.webhook_url and settings.webhook_secret:
        return WebhookSender(agent.desk, settings.webhook_url, settings.webhook_secret.get_secret_value())
    return None


def _box(directory: DataDirectory, purpose: str) -> Fernet:
    """Encrypts what is kept for one purpose."""
    return Fernet(base64.urlsafe_b64encode(directory.derived_key(purpose)))
