"""Replies as they are written: a blocking generator as server-sent events."""

import contextlib
import json
import logging
from collections.abc import AsyncIterator, Callable, Generator
from typing import Any, TypeVar

import anyio
from anyio import to_thread
from fastapi import HTTPException
from fastapi.responses import StreamingResponse

logger = logging.getLogger(__name__)

Result = TypeVar("Result")
WRITING = 32  # replies at the same time; each holds a thread
EVENTS = {  # how a stream stands in the OpenAPI document
    "text/event-stream": {"schema": {"type": "object", "properties": {"event": {"type": "string"}, "data": {"type": "string"}}}}
}
UNBUFFERED = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
WAITING = 256  # that may wait for their turn


class Writers:
    """The threads that write replies: so many at a time, and a bounded queue."""

    def __init__(self) -> None:
        self._limiter: anyio.CapacityLimiter | None = None

    def events(
        self,
        pieces: Callable[[], Generator[str, None, Result]],
        piece: Callable[[str], bytes],
        end: Callable[[Result], bytes],
        failed: Callable[[], bytes],
    ) -> StreamingResponse:
        """Stream a reply.

        A client that leaves does not stop it: the reply is written to its end, and is in the log.

        Args:
            pieces: begins the reply; gives its text in pieces and its result.
            piece: an event for a piece.
            end: the event for the result.
            failed: the event that ends a reply that cannot be written.

        Raises:
            HTTPException: 503, too many are waiting.
        """
        limiter = self._threads()
        return StreamingResponse(
            _events(limiter, pieces, piece, end, failed),
            media_type="text/event-stream",
            headers={"Cache-Control": "no-cache", "X-Accel-Buffering": "no"},
        )

    async def run(self, work: Callable[[], Result]) -> Result:
        """Do a piece of work in one of the threads.

        Raises:
            HTTPException: 503, too many are waiting.
        """
        return await to_thread.run_sync(work, limiter=self._threads())

    @property
    def are_busy(self) -> bool:
        """Whether one of them works, or somebody waits for one."""
        return self._limiter is not None and bool(self._limiter.borrowed_tokens or self._limiter.statistics().tasks_waiting)

    def _threads(self) -> anyio.CapacityLimiter:
        if self._limiter is None:  # it belongs to the running loop
            self._limiter = anyio.CapacityLimiter(WRITING)
        if self._limiter.statistics().tasks_waiting >= WAITING:
            raise HTTPException(503, "Too many replies are being written. Try again soon.", {"Retry-After": "2"})
        return self._limiter


def event(name: str | None, document: Any) -> bytes:
    r"""A server-sent event with a JSON document.

    >>> event("piece", {"text": "Hi"})
    b'event: piece\ndata: {"text": "Hi"}\n\n'
    """
    head = f"event: {name}\n" if name else ""
    return f"{head}data: {json.dumps(document, ensure_ascii=False)}\n\n".encode()


async def _events(
    limiter: anyio.CapacityLimiter,
    pieces: Callable[[], Generator[str, None, Result]],
    piece: Callable[[str], bytes],
    end: Callable[[Result], bytes],
    failed: Callable[[], bytes],
) -> AsyncIterator[bytes]:
    send, receive = anyio.create_memory_object_stream[bytes](1000)

    def write() -> None:
        """Write the whole reply in one thread; who listens no more misses it."""
        try:
            reply = pieces()
            while True:
                try:
                    if text := next(reply):  # empty ones come while there is nothing to show
                        _offer(send, piece(text))
                except StopIteration as stop:
                    _offer(send, end(stop.value))
                    return
        except Exception:
            logger.exception("A reply was not written.")
            _offer(send, failed())

    async def work() -> None:
        """In a thread, which goes on when the client has left."""
        with anyio.CancelScope(shield=True):
            await to_thread.run_sync(write, limiter=limiter)
        send.close()

    async with anyio.create_task_group() as group:
        group.start_soon(work)
        async with receive:
            async for message in receive:
                yield message


def _offer(send: Any, message: bytes) -> None:
    anyio.from_thread.run_sync(_put, send, message)


def _put(send: Any, message: bytes) -> None:
    # The client may have left, or read too slowly; the log has the reply.
    with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError, anyio.WouldBlock):
        send.send_nowait(message)
