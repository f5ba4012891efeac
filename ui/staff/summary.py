"""What somebody who takes a conversation over wants to know first."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.conversation import Turn


@dataclass(frozen=True)
class Summary:
    """A conversation at a glance.

    Attributes:
        messages: how many the customer wrote.
        wishes: the intents of their messages, each once, in order.
        tried: titles of the entries that were sent, each once, in order.
        disliked: how many replies got a thumb down.
    """

    messages: int
    wishes: tuple[str, ...]
    tried: tuple[str, ...]
    disliked: int


def summarise(turns: Sequence[Turn]) -> Summary:
    """Sum up a conversation.

    >>> summarise([]).messages
    0
    """
    replies = [turn.reply for turn in turns if turn.reply]
    wishes = dict.fromkeys(reply.intent.label for reply in replies if reply.intent and not reply.intent.is_rejected)
    tried = dict.fromkeys(source.title for reply in replies for source in reply.sources)
    return Summary(len(turns), tuple(wishes), tuple(tried), sum(turn.feedback == -1 for turn in turns))
