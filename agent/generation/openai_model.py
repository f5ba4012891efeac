"""A language model behind an OpenAI-compatible HTTP server: vLLM, SGLang, llama.cpp, Ollama, or a provider's."""

import asyncio
import logging
import queue
import re
import threading
import time
from collections.abc import AsyncGenerator, Generator, Sequence
from typing import TYPE_CHECKING, cast

from openai import APIConnectionError, APIStatusError, APITimeoutError, AsyncOpenAI, OpenAIError, Timeout

from agent.errors import GenerationError
from agent.generation.base import ChatMessage
from agent.generation.piece_stream import deadline_passed, pieces_until

if TYPE_CHECKING:
    from openai.types.chat import ChatCompletionMessageParam

logger = logging.getLogger(__name__)

RETRY_PAUSE_S = 0.25  # where the server does not name a pause itself


class OpenAIModel:
    """Streams replies from a server's chat completions.

    A request that fails before its first piece, because the connection broke or the server answered 429 or 5xx, is sent once more.
    The requests run on an event loop in a thread of this object's own: deadlines and closing then hold in every phase, be it the
    name look-up, the connection or a silent server.

    Example:
        ::

            model = OpenAIModel("http://127.0.0.1:8000/v1", "Qwen/Qwen3-8B", "", connect_timeout_s=2, read_timeout_s=10)

    Args:
        base_url: the server's address up to and including ``/v1``.
        model: the model's name there.
        api_key: the key, or an empty string for a server without.
        connect_timeout_s: seconds to wait for a connection.
        read_timeout_s: seconds to wait for the first and for each further piece of data.
    """

    def __init__(self, base_url: str, model: str, api_key: str, *, connect_timeout_s: float, read_timeout_s: float) -> None:
        self.name = model
        self._base_url = base_url
        self._client = AsyncOpenAI(
            base_url=base_url,
            api_key=api_key or "none",  # an empty one would make an illegal header
            timeout=Timeout(read_timeout_s, connect=connect_timeout_s),
            max_retries=0,  # the client's own retries know neither the deadline nor the first piece
        )
        self._client.organization = self._client.project = None  # else taken from the environment
        self._loop = asyncio.new_event_loop()
        threading.Thread(target=self._loop.run_forever, name=f"requests to {base_url}", daemon=True).start()

    def stream(self, messages: Sequence[ChatMessage], *, max_tokens: int, deadline: float) -> Generator[str, None, None]:
        """Yield the reply in the pieces that the server sends; see `LanguageModel.stream`."""
        pieces: queue.Queue[str | None] = queue.Queue()
        work = asyncio.run_coroutine_threadsafe(self._request_with_retry(list(messages), max_tokens, deadline, pieces), self._loop)
        work.add_done_callback(lambda _: pieces.put(None))
        yield from pieces_until(deadline, work, pieces, self.name)

    async def _request_with_retry(
        self, messages: list[ChatMessage], max_tokens: int, deadline: float, pieces: "queue.Queue[str | None]"
    ) -> None:
        """Fill the queue from one request, or from a second one if the first broke before its first piece."""
        begun = False
        try:
            async with asyncio.timeout(deadline - time.monotonic()):  # the caller may have stopped asking for pieces
                for is_last in (False, True):
                    try:
                        async for piece in self._request(messages, max_tokens):
                            begun = True
                            pieces.put(piece)
                    except OpenAIError as error:
                        pause_s = _pause_before_retry(error)
                        if is_last or begun or pause_s is None or time.monotonic() + pause_s >= deadline:
                            raise
                        logger.info("%s It is asked once more.", self._explain(error))
                        await asyncio.sleep(pause_s)
                    else:
                        return
        except TimeoutError:
            raise deadline_passed(self.name) from None
        except OpenAIError as error:
            raise GenerationError(self._explain(error)) from error

    async def _request(self, messages: list[ChatMessage], max_tokens: int) -> AsyncGenerator[str, None]:
        """Send one request and yield the pieces of its reply."""
        conversation = [{"role": message.role, "content": message.content} for message in messages]
        finished = False
        async with await self._client.chat.completions.create(
            model=self.name,
            messages=cast("list[ChatCompletionMessageParam]", conversation),
            max_tokens=max_tokens,
            temperature=0,
            stream=True,
        ) as chunks:
            async for chunk in chunks:
                for choice in chunk.choices[:1]:  # a chunk that carries statistics has none
                    if choice.delta.content:
                        yield choice.delta.content
                    finished = finished or choice.finish_reason is not None
        if not finished:
            raise GenerationError(f"The language model server {self._base_url} ended the reply in the middle.")

    def _explain(self, error: OpenAIError) -> str:
        server = f"The language model server {self._base_url}"
        if isinstance(error, APIStatusError):
            return f"{server} answered {error.status_code}{_kind(error)}. Check the model's name, the key and the server's log."
        if isinstance(error, APITimeoutError):
            return f"{server} was silent for too long. Check its load, or raise the time limits."
        if isinstance(error, APIConnectionError):
            return (
                f"{server} cannot be reached, or broke the connection ({error.__cause__ or error}). Check the address and whether it runs."
            )
        return f"{server} reported an error ({type(error).__name__}). Check the server's log."


def _kind(error: APIStatusError) -> str:
    """What kind of error a server says it is; its own words stay out, because some repeat what they were asked."""
    named = str(error.code or error.type or "")
    return f" ({named})" if re.fullmatch(r"[\w.-]{1,40}", named) else ""


def _pause_before_retry(error: OpenAIError) -> float | None:
    """Seconds to wait before a second try, or None if it would not help."""
    if isinstance(error, APIConnectionError):
        return None if isinstance(error, APITimeoutError) else RETRY_PAUSE_S  # a slow server is not helped by more work
    if isinstance(error, APIStatusError) and (error.status_code == 429 or error.status_code >= 500):
        named = error.response.headers.get("retry-after", "")
        return float(named) if named.isdecimal() else RETRY_PAUSE_S
    return None
