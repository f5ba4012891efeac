"""Asking language models, for their tests."""

import time
from collections.abc import Sequence

from agent.errors import GenerationError
from agent.generation import ChatMessage, LanguageModel

QUESTION = [ChatMessage("system", "You answer briefly."), ChatMessage("user", "Why is the sky blue?")]

STORY = [ChatMessage("user", "Tell a very long story.")]


def soon(seconds: float) -> float:
    return time.monotonic() + seconds


def collect(
    model: LanguageModel, messages: Sequence[ChatMessage] = QUESTION, max_tokens: int = 7, deadline_s: float = 10
) -> tuple[list[str], str]:
    """The pieces that came, and the error after them if there was one."""
    pieces: list[str] = []
    try:
        for piece in model.stream(messages, max_tokens=max_tokens, deadline=soon(deadline_s)):
            pieces.append(piece)  # noqa: PERF402 - what came before an error counts
    except GenerationError as error:
        return pieces, str(error)
    return pieces, ""
