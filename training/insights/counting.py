"""Counts what became of customers' messages and conversations, and the rates that follow."""

from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from typing import TypeVar
from zoneinfo import ZoneInfo

from agent.conversation import RouteKind
from training.insights.traffic import Message

Key = TypeVar("Key")


@dataclass
class Counts:
    """What became of some messages, and of the conversations that began with one of them.

    Attributes:
        messages: to the assistant.
        answered: of them, by an entry or the shop's own system.
        asked_back: of them.
        declined: of them.
        liked: of them, by a thumb.
        disliked: likewise.
        conversations: that began in the time.
        asking: of them, those in which something was asked: not only greetings and thanks.
        settled: of the asking ones, see `resolution`.
        handed_over: of the conversations, those that were put in line for a person or taken by one.
        said_yes: of the conversations, those whose customer said that this was it.
        said_no: likewise, that it was not.
    """

    messages: int = 0
    answered: int = 0
    asked_back: int = 0
    declined: int = 0
    liked: int = 0
    disliked: int = 0
    conversations: int = 0
    asking: int = 0
    settled: int = 0
    handed_over: int = 0
    said_yes: int = 0
    said_no: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def resolution(self) -> float | None:
        """Share of the asking conversations that were settled, None without any.

        What the customer said counts first: settled if "yes", not settled if "not yet". Where they said nothing, a conversation is
        settled if its last question was answered, no answer in it got a thumb down, and no person was called. Customers who leave
        silently with an answer that did not help are among the settled ones: it is an upper estimate, and a course to watch.
        """
        return _share(self.settled, self.asking)

    @property
    def hand_over(self) -> float | None:
        """Share of the conversations that were put in line for a person or taken by one, None without any."""
        return _share(self.handed_over, self.conversations)

    @property
    def satisfaction(self) -> float | None:
        """Share of the thumbs that were up, None where nobody gave one."""
        return _share(self.liked, self.liked + self.disliked)

    @property
    def answer_share(self) -> float | None:
        """Share of the messages that were answered, None without any."""
        return _share(self.answered, self.messages)

    @property
    def decline_share(self) -> float | None:
        """Share of the messages that were declined, None without any."""
        return _share(self.declined, self.messages)


@dataclass(frozen=True)
class Cell:
    """What is counted together: messages by the shop's day, their intent and language; conversations by those of their first question."""

    day: date
    intent: str
    language: str


@dataclass(frozen=True)
class Traffic:
    """What became of the messages of a time.

    Attributes:
        cells: the counts, by day, intent and language.

    Example:
        >>> traffic.total().resolution
        0.81
        >>> traffic.where(language="zh").by(lambda cell: cell.day)[date(2026, 11, 28)].messages
        112
    """

    cells: Mapping[Cell, Counts]

    def where(self, intent: str | None = None, language: str | None = None) -> "Traffic":
        """Only what has this intent and this language; None for all."""
        wanted = {
            cell: counts
            for cell, counts in self.cells.items()
            if (intent is None or cell.intent == intent) and (language is None or cell.language == language)
        }
        return Traffic(wanted)

    def by(self, key: Callable[[Cell], Key]) -> dict[Key, Counts]:
        """The counts, added up by what a cell has in common with others."""
        sums: dict[Key, Counts] = defaultdict(Counts)
        for cell, counts in self.cells.items():
            sums[key(cell)] += counts
        return dict(sums)

    def total(self) -> Counts:
        """All counts, added up."""
        return sum(self.cells.values(), Counts())


@dataclass
class _Conversation:
    """A conversation as far as it was read."""

    cell: Cell
    is_asking: bool
    is_answered: bool  # its last question
    is_disliked: bool
    resolved: bool | None


@dataclass
class TrafficCounter:
    """Counts the messages of a time, and the conversations that began in it.

    Args:
        start: the first moment that counts.
        end: the first one that does not any more.
        timezone: whose days they are counted by.
        handed_over: the ids of the conversations that went to a person.

    Example:
        >>> counter = TrafficCounter(start, end, ZoneInfo("Asia/Shanghai"), handed_over(database, start))
        >>> for message in read_messages(database, start):
        ...     counter.add(message)
        >>> counter.traffic().total().hand_over
        0.07
    """

    start: datetime
    end: datetime
    timezone: ZoneInfo
    handed_over: Collection[str]
    _cells: dict[Cell, Counts] = field(default_factory=lambda: defaultdict(Counts))
    _conversations: dict[str, _Conversation] = field(default_factory=dict)

    def add(self, message: Message) -> None:
        """Take a message in; they come in their order, and of other times, too: a conversation may go on after its time."""
        cell = Cell(message.at.astimezone(self.timezone).date(), message.intent, message.language)
        if self.start <= message.at < self.end:
            counts = self._cells[cell]
            counts.messages += 1
            counts.answered += message.is_answered
            counts.asked_back += message.route is RouteKind.CLARIFY and not message.is_answered
            counts.declined += message.route is RouteKind.DECLINE
            counts.liked += message.feedback == 1
            counts.disliked += message.feedback == -1
        if self.start <= message.began < self.end:
            self._note(message, cell)

    def traffic(self) -> Traffic:
        """What was counted."""
        cells = defaultdict(Counts, {cell: replace(counts) for cell, counts in self._cells.items()})
        for conversation_id, one in self._conversations.items():
            was_handed_over = conversation_id in self.handed_over
            silently = one.is_answered and not one.is_disliked and not was_handed_over
            settled = silently if one.resolved is None else one.resolved
            counts = cells[one.cell]
            counts.conversations += 1
            counts.asking += one.is_asking
            counts.settled += one.is_asking and settled
            counts.handed_over += was_handed_over
            counts.said_yes += one.resolved is True
            counts.said_no += one.resolved is False
        return Traffic(dict(cells))

    def _note(self, message: Message, cell: Cell) -> None:
        """Note what a message says about its conversation."""
        one = self._conversations.get(message.conversation_id)
        if one is None:
            one = _Conversation(cell, message.is_question, message.is_answered, message.feedback == -1, message.resolved)
            self._conversations[message.conversation_id] = one
            return
        if message.is_question:
            one.cell = one.cell if one.is_asking else Cell(one.cell.day, cell.intent, cell.language)
            one.is_asking, one.is_answered = True, message.is_answered
        one.is_disliked |= message.feedback == -1


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
