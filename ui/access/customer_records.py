"""What is kept about a customer: to be given to them, and to be erased."""

from datetime import UTC, datetime
from typing import Any

from agent.conversation import Conversation, Turn
from agent.conversation_log import ConversationLog
from agent.handover.contacts import Contacts
from agent.handover.desk import Desk
from training.forgetting import LearnedMessages
from ui.api.idempotency import Idempotency

BATCH = 100  # conversations that are read at a time


class CustomerRecords:
    """Exports and erases one customer's data, wherever it is kept.

    Backups keep what they have until they are deleted; the audit trail names conversations and customers by their ids only.

    Args:
        log: keeps conversations.
        desk: keeps what people said in them.
        contacts: keeps how to reach customers.
        idempotency: keeps answers for a day.
        learned: keeps what training learns from.

    Example:
        >>> records.export(customer_id("shop", "sub:c-17"))["conversations"][0]["messages"][0]["text"]
        'how long does delivery take?'
    """

    def __init__(self, log: ConversationLog, desk: Desk, contacts: Contacts, idempotency: Idempotency, learned: LearnedMessages) -> None:
        self.log, self.desk, self.contacts, self.idempotency, self.learned = log, desk, contacts, idempotency, learned

    def export(self, customer: str) -> dict[str, Any]:
        """Everything that is kept about a customer, oldest first, as a JSON document.

        Args:
            customer: see `ui.access.customers.customer_id`.
        """
        found: list[Conversation] = []
        while part := self.log.conversations(customer, BATCH, found[-1] if found else None):
            found += part
        return {
            "customer": customer,
            "exported_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "conversations": [self._conversation(one) for one in reversed(found)],
            "reviewed": self.learned.export(customer),
        }

    def erase(self, customer: str) -> int:
        """Erase everything that is kept about a customer. Returns how many conversations there were."""
        self.learned.forget(customer)  # first: interrupted, it is asked for again
        erased = self.log.erase(customer)
        self.idempotency.forget_all(customer)
        self.log.database.overwrite_deleted()
        return erased

    def _conversation(self, one: Conversation) -> dict[str, Any]:
        return {
            "id": one.id,
            "created_at": one.created_at.isoformat(),
            "state": one.state,
            "resolved": one.resolved,
            "messages": [_message(turn) for turn in self.log.turns(one.id)],
            "events": [
                {"at": event.at.isoformat(), "kind": event.kind, "author": event.author, "text": event.text}
                for event in self.desk.events(one.id)
            ],
            "contact": self.contacts.of_customer(one.id),
        }


def _message(turn: Turn) -> dict[str, Any]:
    """A message, and what was made of it."""
    reply = turn.reply
    understood = reply.intent if reply else None
    return {
        "at": turn.created_at.isoformat(),
        "text": turn.message,
        "reply": reply.text if reply else None,
        "sources": [source.id for source in reply.sources] if reply else [],
        "intent": understood.label if understood else None,
        "language": reply.language if reply else None,
        "feedback": turn.feedback,
    }
