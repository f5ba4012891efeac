"""Tells open streams what happens in their conversations: one look at the database a second, however many listen."""

import logging
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import anyio
from anyio import to_thread
from anyio.streams.memory import MemoryObjectSendStream
from fastapi import HTTPException

from agent.handover.desk import Desk
from agent.handover.events import Event

logger = logging.getLogger(__name__)

EVERY_S = 1.0
MOST = 2000  # streams
PING_S = 15.0  # proxies cut streams that say nothing


class EventFeed:
    """Reads new events and hands each to who listens to its conversation.

    Args:
        desk: where they are written.
    """

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self._listening: dict[str, list[MemoryObjectSendStream[Event]]] = defaultdict(list)
        self._newest = 0

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Read while the server runs; at its end all streams end."""
        self._newest = await to_thread.run_sync(self.desk.newest_event)
        async with anyio.create_task_group() as group:
            group.start_soon(self._read)
            try:
                yield
            finally:
                group.cancel_scope.cancel()
                self.end()

    def end(self) -> None:
        """End all streams; who listens may come back, and goes on where they were."""
        for streams in self._listening.values():
            for stream in streams:
                stream.close()

    async def follow(self, conversation_id: str, after: int) -> AsyncIterator[Event | None]:
        """The events of a conversation, those that are there first; None every few seconds in which there is none.

        Args:
            conversation_id: the conversation's.
            after: only what came after the event with this id.
        """
        send, receive = anyio.create_memory_object_stream[Event](100)
        self._listening[conversation_id].append(send)
        try:
            async with receive:
                for event in await to_thread.run_sync(self.desk.events, conversation_id, after):
                    after = event.id
                    yield event
                while True:
                    try:
                        with anyio.fail_after(PING_S):
                            event = await receive.receive()
                    except TimeoutError:
                        yield None
                        continue
                    except anyio.EndOfStream:
                        return
                    if event.id > after:
                        after = event.id
                        yield event
        finally:
            self._listening[conversation_id].remove(send)
            if not self._listening[conversation_id]:
                del self._listening[conversation_id]

    def require_room(self) -> None:
        """Refuse one more stream where there are too many.

        Raises:
            HTTPException: 503, there are.
        """
        if sum(map(len, self._listening.values())) >= MOST:
            raise HTTPException(503, "Too many streams are open. Ask for the list of events instead.", {"Retry-After": "30"})

    async def _read(self) -> None:
        while True:
            await anyio.sleep(EVERY_S)
            if not self._listening:
                continue
            try:
                events = await to_thread.run_sync(self.desk.events, None, self._newest)
            except Exception:
                logger.exception("New events could not be read; it is tried again.")
                continue
            for event in events:
                self._newest = event.id
                for stream in self._listening.get(event.conversation_id, []):
                    # Who reads too slowly, or is being sent away, asks again with Last-Event-ID.
                    with suppress(anyio.WouldBlock, anyio.BrokenResourceError, anyio.ClosedResourceError):
                        stream.send_nowait(event)
