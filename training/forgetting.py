"""What training keeps of a customer: to be given to them, and to be forgotten."""

from typing import Any

from knowledge_base.database import Database
from training.datasets.versions import forget_in_datasets
from training.review.queue import ReviewQueue


class LearnedMessages:
    """A customer's messages in review and in frozen datasets.

    A release that has learned from a message that is forgotten cannot unlearn it: `Registry.versions` tells how many there are,
    and the next release is trained without them.

    Args:
        database: the data directory's.
    """

    def __init__(self, database: Database) -> None:
        self.database, self.queue = database, ReviewQueue(database)

    def export(self, customer: str) -> list[dict[str, Any]]:
        """The messages that people reviewed, as JSON objects, oldest first."""
        return [
            {"at": item.message.at.isoformat(), "text": item.message.text, "meant": item.label.intent if item.label else None}
            for item in self.queue.of_customer(customer)
        ]

    def forget(self, customer: str) -> int:
        """Erase a customer's messages. Returns how many there were."""
        return self.queue.forget(customer) + forget_in_datasets(self.database, customer)

    def forget_erased(self) -> int:
        """Erase the messages that nobody reviewed and whose conversation is gone. Returns how many there were."""
        return self.queue.forget_erased()
