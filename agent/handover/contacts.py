"""How to reach customers who wrote while nobody was there: encrypted, apart from the log, and for who answers them only."""

from datetime import UTC, datetime

from cryptography.fernet import Fernet
from sqlalchemy import delete, insert, select

from agent.conversation import Conversation, ConversationState
from agent.conversation_log import ConversationRow
from agent.errors import HandOverError
from agent.handover.desk import tell
from agent.handover.events import EventKind
from agent.handover.tables import ContactRow, HandOverRow
from agent.shop import Shop
from knowledge_base.database import Database

LONGEST = 500  # characters


class Contacts:
    """Keeps contact details.

    Args:
        database: where conversations live.
        box: encrypts the details.

    Example:
        >>> contacts.leave(conversation.id, "ann@mail.example, mornings")
        >>> contacts.read(conversation.id, "lin")  # who has taken the conversation over
        'ann@mail.example, mornings'
    """

    def __init__(self, database: Database, box: Fernet) -> None:
        self.database = database
        self.box = box

    def leave(self, conversation_id: str, details: str) -> None:
        """Keep how to reach a customer whose conversation waits for a person; later details take the place of earlier ones.

        Raises:
            HandOverError: the conversation does not wait, or the details are empty or too long.
        """
        details = details.strip()
        if not details or len(details) > LONGEST:
            raise HandOverError(f"Contact details have 1 to {LONGEST} characters.")
        with self.database.transaction() as connection:
            state = connection.execute(select(ConversationRow.state).where(ConversationRow.id == conversation_id)).scalar_one_or_none()
            if state != ConversationState.QUEUED:
                raise HandOverError("Contact details are taken while a conversation waits for a person.")
            connection.execute(delete(ContactRow).where(ContactRow.conversation_id == conversation_id))
            values = {"conversation_id": conversation_id, "details": self.box.encrypt(details.encode()), "at": datetime.now(UTC)}
            connection.execute(insert(ContactRow).values(values))
            tell(connection, conversation_id, EventKind.CONTACT)

    def read(self, conversation_id: str, person: str) -> str | None:
        """The details, None where the customer left none.

        Raises:
            HandOverError: the person is not in charge.
        """
        query = (
            select(ContactRow.details, HandOverRow.person)
            .join(HandOverRow, HandOverRow.conversation_id == ContactRow.conversation_id)
            .where(ContactRow.conversation_id == conversation_id)
        )
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        if row and row.person != person:
            raise HandOverError("Contact details are for who answers the conversation.")
        return self.box.decrypt(row.details).decode() if row else None

    def of_customer(self, conversation_id: str) -> str | None:
        """The details, None where the customer left none; for the customer, whose they are."""
        with self.database.reading() as connection:
            details = connection.execute(
                select(ContactRow.details).where(ContactRow.conversation_id == conversation_id)
            ).scalar_one_or_none()
        return self.box.decrypt(details).decode() if details else None

    def are_wanted(self, conversation: Conversation, shop: Shop, now: datetime) -> bool:
        """Whether a customer waits for a person while nobody is there, and left no details yet."""
        if conversation.state is not ConversationState.QUEUED or shop.opening.next_opening(now) is None:
            return False
        return not self.are_left(conversation.id)

    def are_left(self, conversation_id: str) -> bool:
        """Whether a customer left details."""
        with self.database.reading() as connection:
            query = select(ContactRow.conversation_id).where(ContactRow.conversation_id == conversation_id)
            return connection.execute(query).first() is not None
