"""The web server, which ends without cutting off a reply."""

import socket
from collections.abc import Callable
from typing import Any

import anyio
import uvicorn
from fastapi import FastAPI

from ui.services import Services

CLOSING_S = 5  # for what still listens then: pages and streams of events
AFTER_DEADLINE_S = 5.0  # a composed reply that is given up is followed by the entry's own


class Server(uvicorn.Server):
    """Tells when requests are taken; at the end takes no more, finishes the replies in progress, and then closes the streams.

    Args:
        app: answers.
        services: what it was built from.
        started: called as soon as requests are taken.
        trusted_proxies: addresses and networks, with commas, whose word for the client's address is taken.
    """

    def __init__(self, app: FastAPI, services: Services, started: Callable[[], object], trusted_proxies: str = "127.0.0.1") -> None:
        # h11 refuses a request whose headers are large; httptools would take them without end.
        quiet: dict[str, Any] = {"log_config": None, "access_log": False}
        super().__init__(uvicorn.Config(app, http="h11", forwarded_allow_ips=trusted_proxies, timeout_graceful_shutdown=CLOSING_S, **quiet))
        self.services, self.tell = services, started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Take requests from now on."""
        await super().startup(sockets)
        if self.started:
            self.tell()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections and no more requests on those that are open, and end."""
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        self.services.feed.end()
        with anyio.move_on_after(self.services.agent.writer.composer.deadline_s + AFTER_DEADLINE_S):
            await self._all_are_answered()
        await super().shutdown(sockets)

    async def _all_are_answered(self) -> None:
        idle = 0
        while idle < 2:  # between two steps of one answer it may seem that there is nothing to do
            await anyio.sleep(0.1)
            idle = 0 if self.services.writers.are_busy or self.services.agent.in_progress.number else idle + 1
