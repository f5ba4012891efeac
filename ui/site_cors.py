"""Lets the pages of known portals, and no others, call the API from browsers."""

import time

from starlette.middleware.cors import CORSMiddleware
from starlette.types import ASGIApp, Receive, Scope, Send

from ui.access.sites import Sites

FRESH_S = 10.0  # that a changed list of origins takes to count
HEADERS = ("Authorization", "Content-Type", "Idempotency-Key", "Last-Event-ID", "X-Customer-Token", "X-Request-ID", "X-Site")
SHOWN = ("Idempotency-Replayed", "Retry-After", "X-Request-ID")


class SiteCORS(CORSMiddleware):
    """Answers browsers that ask whether a page of another origin may call.

    Args:
        app: the application behind.
        sites: the portals.
    """

    def __init__(self, app: ASGIApp, sites: Sites) -> None:
        super().__init__(app, allow_methods=("GET", "POST", "PUT", "DELETE"), allow_headers=HEADERS, expose_headers=SHOWN, max_age=600)
        self.sites = sites
        self._origins: frozenset[str] = frozenset()
        self._read_at = 0.0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request; pages are for their own origin only."""
        if scope["type"] == "http" and not scope["path"].startswith("/v1/"):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)

    def is_allowed_origin(self, origin: str) -> bool:
        """Whether a portal has pages of this origin."""
        if time.monotonic() - self._read_at > FRESH_S:
            self._origins = self.sites.origins()
            self._read_at = time.monotonic()
        return origin.lower() in self._origins
