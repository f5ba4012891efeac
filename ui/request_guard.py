"""Keeps requests small and swift, names each, and counts them."""

import asyncio
import logging
import re
import secrets
import time
from contextvars import ContextVar

from prometheus_client import Counter, Histogram
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.api.problems import problem

LARGEST_BODY = 1_000_000  # bytes; the longest message takes 16,000
SLOWEST_BODY_S = 15.0
LARGEST_FILE = 20 * 1024**2  # bytes, where files are uploaded
FORM = 10_000  # bytes that the form around a file may take
SLOWEST_FILE_S = 120.0
ASKED_ALL_THE_TIME = {"page", "/health", "/ready", "/metrics"}
DEFECT = "Something went wrong here. It has been logged with the response's X-Request-ID."
ID = re.compile(r"[\w.-]{1,64}")
REQUESTS = Counter("frontdesk_http_requests_total", "Requests by method, route and status.", ["method", "route", "status"])
SECONDS = Histogram("frontdesk_http_request_duration_seconds", "Seconds until a response was complete.", ["route"])

logger = logging.getLogger(__name__)
request_id: ContextVar[str] = ContextVar("request_id", default="-")


class RequestGuard:
    """Refuses bodies that are too large or too slow, and gives every request an id that its log lines and its response carry.

    It answers errors that nobody expected, too: what stands further out knows the id no more.

    Args:
        app: the application behind.
        largest_body: bytes.
        slowest_body_s: seconds in which a body has to arrive.
        uploads: the one path at which files arrive, which may be larger and slower.
    """

    def __init__(
        self, app: ASGIApp, largest_body: int = LARGEST_BODY, slowest_body_s: float = SLOWEST_BODY_S, uploads: str | None = None
    ) -> None:
        self.app, self.largest_body, self.slowest_body_s, self.uploads = app, largest_body, slowest_body_s, uploads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle a request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        given = headers.get("x-request-id", "")
        name = given if ID.fullmatch(given) else secrets.token_hex(8)
        token, began, status, began_to_answer = request_id.set(name), time.perf_counter(), 500, False
        largest, slowest_s = (
            (LARGEST_FILE + FORM, SLOWEST_FILE_S) if scope["path"] == self.uploads else (self.largest_body, self.slowest_body_s)
        )
        body = _Body(receive, largest, began + slowest_s)

        async def send_named(message: Message) -> None:
            """Pass a part of the response on, with the request's id."""
            nonlocal status, began_to_answer
            if message["type"] == "http.response.start":
                status, began_to_answer = message["status"], True
                MutableHeaders(scope=message)["X-Request-ID"] = name
            await send(message)

        try:
            if int(headers.get("content-length") or 0) > largest:
                await problem(413, _too_large(largest), headers={"Connection": "close"})(scope, receive, send_named)
            else:
                await self.app(scope, body.receive, send_named)
        except Exception:
            logger.exception("A request failed.")
            if began_to_answer:
                raise  # what was sent is not whole: the connection is cut
            await problem(500, DEFECT)(scope, receive, send_named)
        finally:
            route, seconds = getattr(scope.get("route"), "path", "page"), time.perf_counter() - began
            REQUESTS.labels(scope["method"], route, status).inc()
            SECONDS.labels(route).observe(seconds)
            # By its route: ids and questions stay out of the log.
            level = logging.DEBUG if route in ASKED_ALL_THE_TIME else logging.INFO
            logger.log(level, "%s %s %d in %.0f ms", scope["method"], route, status, 1000 * seconds)
            request_id.reset(token)


class _Body:
    """A request's body as it arrives."""

    def __init__(self, receive: Receive, largest: int, deadline: float) -> None:
        self._receive, self.largest, self.deadline = receive, largest, deadline
        self.size, self.whole = 0, False

    async def receive(self) -> Message:
        """The next part."""
        if self.whole:  # what comes now is that the client left
            return await self._receive()
        try:
            message = await asyncio.wait_for(self._receive(), max(0.0, self.deadline - time.perf_counter()))
        except TimeoutError:
            raise HTTPException(408, "The request's body did not arrive in time.", {"Connection": "close"}) from None
        self.size += len(message.get("body", b""))
        self.whole = not message.get("more_body", False)
        if self.size > self.largest:
            raise HTTPException(413, _too_large(self.largest), {"Connection": "close"})
        return message


def _too_large(most: int) -> str:
    return f"A request has at most {most} bytes."
