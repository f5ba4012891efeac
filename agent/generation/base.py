"""What every language model offers: a conversation in, pieces of text out, until a deadline."""

from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True)
class ChatMessage:
    """One message of the conversation that a language model continues.

    Attributes:
        role: who speaks; "system" carries the instructions.
        content: the plain text. Control tokens in it are text like any other.
    """

    role: Literal["system", "user", "assistant"]
    content: str


class LanguageModel(Protocol):
    """Writes the next message of a conversation, piece by piece.

    Example:
        ::

            with contextlib.closing(model.stream(messages, max_tokens=120, deadline=time.monotonic() + 8)) as pieces:
                for piece in pieces:
                    print(piece, end="", flush=True)

    Attributes:
        name: the model's name, as it is recorded with every reply.
    """

    name: str

    def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int, deadline: float) -> Generator[str, None, None]:
        """Yield the reply in pieces, as they come; nothing starts before the first one is asked for.

        Closing the iterator stops the work. Joined, the pieces are the reply; `max_tokens` may cut it short without an error.

        Args:
            messages: the conversation so far, oldest first.
            max_tokens: the most tokens to write.
            deadline: the `time.monotonic()` moment, in seconds, at which an unfinished reply is given up.

        Yields:
            Non-empty pieces of text. Those already yielded stay valid when an error follows.

        Raises:
            GenerationError: the model is broken, slow, full or not there, or the deadline passed.
        """
        ...
