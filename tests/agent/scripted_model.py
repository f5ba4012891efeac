"""A language model that says what it is told to, and keeps its protocol's promises."""

import time
from collections.abc import Generator, Sequence

from agent.agent import CustomerServiceAgent
from agent.composing import Composer
from agent.errors import GenerationError
from agent.generation import ChatMessage


class ScriptedModel:
    """Says its pieces, with a pause before each, and may fail after them."""

    name = "script"

    def __init__(self, *pieces: str, error: str = "", pause_s: float = 0.0) -> None:
        self.pieces, self.error, self.pause_s = pieces, error, pause_s
        self.asked: Sequence[ChatMessage] = []
        self.said = 0

    def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int, deadline: float) -> Generator[str, None, None]:  # noqa: ARG002
        self.asked = messages
        for piece in self.pieces:
            time.sleep(min(self.pause_s, max(deadline - time.monotonic(), 0.0)))
            if time.monotonic() >= deadline:
                raise GenerationError("The deadline passed.")
            self.said += 1
            yield piece
        if self.error:
            raise GenerationError(self.error)


def words_of(text: str) -> list[str]:
    """A text in the pieces in which models write."""
    return [word + " " for word in text.split(" ")]


def composing_agent(agent: CustomerServiceAgent, composer: Composer) -> CustomerServiceAgent:
    """The same agent with another composer."""
    return CustomerServiceAgent(agent.release, agent.looker.classifier, agent.retriever, composer, agent.masker, agent.log, agent.shop)
