"""The web server, which ends without cutting off a reply."""

import socket
from collections.abc import Callable

import uvicorn
from anyio import to_thread
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
    """

    def __init__(self, app: FastAPI, services: Services, started: Callable[[], object]) -> None:
        super().__init__(uvicorn.Config(app, log_config=None, access_log=False, timeout_graceful_shutdown=CLOSING_S))
        self.services, self.tell = services, started

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Take requests from now on."""
        await super().startup(sockets)
        if self.started:
            self.tell()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, and end."""
        for server in self.servers:
            server.close()
        self.services.feed.end()
        patience = self.services.agent.writer.composer.deadline_s + AFTER_DEADLINE_S
        await to_thread.run_sync(self.services.agent.in_progress.wait_for_end, patience)
        await super().shutdown(sockets)
