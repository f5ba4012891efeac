"""The messages in review, and what people say of them."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, Row, Select, and_, delete, exists, func, insert, or_, select, update

from knowledge_base.database import Database
from knowledge_base.normalisation import normalise
from training.errors import ReviewError
from training.review.item import Decision, ItemState, Label, Message, Review, ReviewItem, label_of, state_of
from training.review.tables import ReviewItemRow, ReviewRow

SECOND_OPINION_EVERY = 10  # items: of these another reviewer is asked, too

T = TypeVar("T")

ITEM, REVIEW = ReviewItemRow.__table__.c, ReviewRow.__table__.c


@dataclass(frozen=True)
class Counts:
    """How far reviewing has come.

    Attributes:
        open: messages that wait for this reviewer.
        today: messages that this reviewer looked at today.
        settled: messages with a label.
        disputed: messages on which reviewers disagree.
        agreement: share of the messages that several people reviewed on which they agree; None where there is no such message.
    """

    open: int
    today: int
    settled: int
    disputed: int
    agreement: float | None


class ReviewQueue:
    """Keeps the messages in review.

    Args:
        database: where the log is, too.
        clock: tells the time.

    Example:
        >>> item = queue.waiting("lin", most=1)[0]
        >>> queue.review(item.id, "lin", Decision.CORRECT, Label("refund_time", "refund-when")).state
        <ItemState.SETTLED: 'settled'>
    """

    def __init__(self, database: Database, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.database, self.clock = database, clock

    def fill(self, messages: Sequence[Message]) -> int:
        """Put in messages in place of those that nobody looked at yet. Returns how many are new.

        Each text is in review once, whoever wrote it.
        """
        worth = {key_of(message.text): message.worth for message in messages}
        with self.database.transaction() as connection:
            connection.execute(delete(ReviewItemRow).where(_untouched(), ITEM.key.not_in(worth)))
            for key in connection.execute(select(ITEM.key).where(_untouched())).scalars().all():
                connection.execute(update(ReviewItemRow).where(ITEM.key == key).values(worth=worth[key]))
            return self._insert(connection, messages)

    def waiting(self, reviewer: str, most: int) -> list[ReviewItem]:
        """The messages that a reviewer is asked about next: those worth most, and those that want another opinion among them."""
        query = select(ReviewItemRow.__table__).where(_wants(reviewer)).order_by(ITEM.worth.desc(), ITEM.id).limit(most)
        return self._items(query)

    def find(self, item_id: int) -> ReviewItem:
        """The message with a number.

        Raises:
            ReviewError: it is gone.
        """
        with self.database.reading() as connection:
            return self._one(connection, item_id)

    def disputed(self) -> list[ReviewItem]:
        """The messages on which reviewers disagree, newest first."""
        return self._items(select(ReviewItemRow.__table__).where(ITEM.state == ItemState.DISPUTED).order_by(ITEM.id.desc()))

    def settled(self, since: datetime | None = None) -> list[ReviewItem]:
        """The messages with a label, oldest first.

        Args:
            since: only those that came in from then on.
        """
        query = select(ReviewItemRow.__table__).where(ITEM.state == ItemState.SETTLED).order_by(ITEM.id)
        return self._items(query.where(ITEM.at >= since) if since else query)

    def of_customer(self, customer: str) -> list[ReviewItem]:
        """A customer's messages that somebody reviewed, oldest first."""
        query = select(ReviewItemRow.__table__).where(ITEM.customer == customer, ~_untouched()).order_by(ITEM.id)
        return self._items(query)

    def review(self, item_id: int, reviewer: str, decision: Decision, given: Label | None = None, note: str = "") -> ReviewItem:
        """Keep what somebody says of a message; said again, it replaces what they said before.

        Args:
            item_id: the message.
            reviewer: who.
            decision: what.
            given: what was meant, for `Decision.CORRECT`.
            note: what a new intent would be called.

        Raises:
            ReviewError: the message is gone, or the decision names no label where it has to.
        """
        with self.database.transaction() as connection:
            return self._review(connection, item_id, reviewer, decision, given, note)

    def review_all(
        self, connection: Connection, messages: Sequence[Message], reviewer: str, decision: Decision, given: Label | None = None
    ) -> None:
        """Keep what somebody says of several messages, which come into review with it.

        Args:
            connection: a transaction of `database`, in which more may be done.
            messages: the messages.
            reviewer: who.
            decision: what, of each of them.
            given: what was meant, for `Decision.CORRECT`.
        """
        self._insert(connection, messages)
        keys = [key_of(message.text) for message in messages]
        for item_id in connection.execute(select(ITEM.id).where(ITEM.key.in_(keys)).order_by(ITEM.id)).scalars().all():
            self._review(connection, item_id, reviewer, decision, given, "")

    def grant(self, connection: Connection, messages: Sequence[Message], label: Label) -> None:
        """Have everybody who wanted a new intent for messages mean the one that there is now; arguments as of `review_all`."""
        asked = select(ITEM.id).where(ITEM.key.in_([key_of(message.text) for message in messages]))
        wanted = update(ReviewRow).where(REVIEW.item_id.in_(asked), REVIEW.decision == Decision.NEW_INTENT)
        connection.execute(wanted.values(intent=label.intent, entry=label.entry))

    def ask_again(self, keys: Sequence[str]) -> None:
        """Have another reviewer look at messages that one has looked at, see `key_of`."""
        with self.database.transaction() as connection:
            for part in _parts(keys):
                connection.execute(update(ReviewItemRow).where(ITEM.key.in_(part)).values(wants_second=True))

    def undo(self, reviewer: str) -> ReviewItem | None:
        """Take back what somebody said last. Returns the message, None where they said nothing."""
        with self.database.transaction() as connection:
            newest = select(REVIEW.id, REVIEW.item_id).where(REVIEW.reviewer == reviewer).order_by(REVIEW.id.desc()).limit(1)
            found = connection.execute(newest).one_or_none()
            if found is None:
                return None
            connection.execute(delete(ReviewRow).where(REVIEW.id == found.id))
            return self._settle(connection, found.item_id)

    def counts(self, reviewer: str, today: datetime) -> Counts:
        """How far reviewing has come.

        Args:
            reviewer: who asks.
            today: the moment the day began.
        """
        label = REVIEW.intent + "/" + func.coalesce(REVIEW.entry, "")
        opinions = select(func.count(func.distinct(label)).label("labels")).where(REVIEW.intent.is_not(None))
        several = opinions.group_by(REVIEW.item_id).having(func.count() > 1).subquery()
        mine = select(func.count()).where(REVIEW.reviewer == reviewer, REVIEW.at >= today)
        alike = select(func.count(), func.count().filter(several.c.labels == 1)).select_from(several)
        with self.database.reading() as connection:

            def count(condition: Any) -> int:
                """How many items are so."""
                return int(connection.execute(select(func.count()).select_from(ReviewItemRow).where(condition)).scalar_one())

            looked_at, agreed_on = connection.execute(alike).one()
            return Counts(
                count(_wants(reviewer)),
                int(connection.execute(mine).scalar_one()),
                count(ITEM.state == ItemState.SETTLED),
                count(ITEM.state == ItemState.DISPUTED),
                agreed_on / looked_at if looked_at else None,
            )

    def forget(self, customer: str) -> int:
        """Erase a customer's messages, and what people said of them. Returns how many there were."""
        with self.database.transaction() as connection:
            return connection.execute(delete(ReviewItemRow).where(ITEM.customer == customer)).rowcount

    def forget_erased(self) -> int:
        """Erase the messages that nobody looked at and whose conversation is gone. Returns how many there were."""
        with self.database.transaction() as connection:
            return connection.execute(delete(ReviewItemRow).where(ITEM.turn_id.is_(None), _untouched())).rowcount

    def _insert(self, connection: Connection, messages: Sequence[Message]) -> int:
        known = set(connection.execute(select(ITEM.key)).scalars())
        turns = set(connection.execute(select(ITEM.turn_id).where(ITEM.turn_id.is_not(None))).scalars())
        rows: dict[str, dict[str, Any]] = {}
        for message in messages:
            key = key_of(message.text)
            if key not in known and message.turn_id not in turns:
                rows.setdefault(key, _row(key, message, wants_second=len(rows) % SECOND_OPINION_EVERY == 0))
        if rows:
            connection.execute(insert(ReviewItemRow), list(rows.values()))
        return len(rows)

    def _review(
        self, connection: Connection, item_id: int, reviewer: str, decision: Decision, given: Label | None, note: str
    ) -> ReviewItem:
        item = self._one(connection, item_id)
        label = label_of(decision, item.message.predicted, given)
        if label is None and decision is not Decision.SKIP:
            raise ReviewError("Say what was meant: choose an entry or an intent.")
        connection.execute(delete(ReviewRow).where(REVIEW.item_id == item_id, REVIEW.reviewer == reviewer))
        said = {"item_id": item_id, "reviewer": reviewer, "decision": decision, "note": note.strip(), "at": self.clock()}
        meant = {"intent": label.intent if label else None, "entry": label.entry if label else None}
        connection.execute(insert(ReviewRow).values(said | meant))
        return self._settle(connection, item_id)

    def _settle(self, connection: Connection, item_id: int) -> ReviewItem:
        """Give a message the state that its reviews come to."""
        item = self._one(connection, item_id)
        state = state_of([review.label for review in item.reviews if review.label])
        connection.execute(update(ReviewItemRow).where(ITEM.id == item_id).values(state=state))
        return ReviewItem(item.id, item.message, state, item.reviews)

    def _one(self, connection: Connection, item_id: int) -> ReviewItem:
        found = _read(connection, select(ReviewItemRow.__table__).where(ITEM.id == item_id))
        if not found:
            raise ReviewError("This message is no longer in review; it was erased or left the queue. Go on with the next one.")
        return found[0]

    def _items(self, query: Select[Any]) -> list[ReviewItem]:
        with self.database.reading() as connection:
            return _read(connection, query)


def key_of(text: str) -> str:
    """The same for texts that differ by nothing that matters."""
    return hashlib.sha256(normalise(text).encode()).hexdigest()


def _untouched() -> Any:
    return ~exists().where(REVIEW.item_id == ITEM.id)


def _wants(reviewer: str) -> Any:
    """Whether a message is to be looked at by somebody."""
    seen = exists().where(REVIEW.item_id == ITEM.id, REVIEW.reviewer == reviewer)
    opinions = select(func.count()).where(REVIEW.item_id == ITEM.id, REVIEW.intent.is_not(None)).scalar_subquery()
    second = and_(ITEM.state == ItemState.SETTLED, ITEM.wants_second, opinions == 1)
    return and_(~seen, or_(ITEM.state != ItemState.SETTLED, second))


def _read(connection: Connection, query: Select[Any]) -> list[ReviewItem]:
    rows = connection.execute(query).all()
    by_item: dict[int, list[Review]] = defaultdict(list)
    for part in _parts([row.id for row in rows]):
        reviews = select(ReviewRow.__table__).where(REVIEW.item_id.in_(part)).order_by(REVIEW.id)
        for row in connection.execute(reviews).all():
            by_item[row.item_id].append(_review(row))
    return [ReviewItem(row.id, _message(row), ItemState(row.state), tuple(by_item[row.id])) for row in rows]


def _parts(values: Sequence[T], size: int = 500) -> Iterable[Sequence[T]]:
    """So many at a time as a query takes."""
    return (values[start : start + size] for start in range(0, len(values), size))


def _row(key: str, message: Message, *, wants_second: bool) -> dict[str, Any]:
    predicted = message.predicted
    return {
        "turn_id": message.turn_id,
        "customer": message.customer,
        "text": message.text,
        "key": key,
        "language": message.language,
        "at": message.at,
        "release": message.release,
        "intent": predicted.intent if predicted else None,
        "entry": predicted.entry if predicted else None,
        "route": message.route,
        "confidence": message.confidence,
        "out_of_scope": message.out_of_scope,
        "signals": list(message.signals),
        "worth": message.worth,
        "state": ItemState.OPEN,
        "wants_second": wants_second,
    }


def _message(row: Row[Any]) -> Message:
    return Message(
        row.turn_id,
        row.customer,
        row.text,
        row.language,
        row.at,
        row.release,
        Label(row.intent, row.entry) if row.intent else None,
        row.route,
        row.confidence,
        row.out_of_scope,
        tuple(row.signals),
        row.worth,
    )


def _review(row: Row[Any]) -> Review:
    label = Label(row.intent, row.entry) if row.intent else None
    return Review(row.reviewer, Decision(row.decision), label, row.note, row.at)
