"""Tells another program of every change of who answers, signed, in order, and again until it takes it."""

import json
import logging
import time
from datetime import UTC, datetime

import httpx
from sqlalchemy import delete, insert, select

from agent.handover.desk import Desk
from agent.handover.events import Event, EventKind
from agent.handover.tables import WebhookRow
from agent.signing import signed_headers

logger = logging.getLogger(__name__)

TIMEOUT_S = 5.0
WAITS_S = (1, 5, 30, 120, 600, 3600)  # before the next try; after the last one the event is given up
BATCH = 50
UNTOLD = {EventKind.MESSAGE, EventKind.RESOLUTION}  # no change of who answers


class WebhookSender:
    """Sends events to a URL, signed as `agent.signing` does.

    What people say is not sent, nor whether an answer settled it. An event may come twice, with the same id, after a crash; the
    next one never comes before it.

    Args:
        desk: where events are written.
        url: where they go.
        secret: signs them.

    Example:
        >>> sender.send_pending()  # every second or so, in one process
        2
    """

    def __init__(self, desk: Desk, url: str, secret: str) -> None:
        self.desk, self.url, self.secret = desk, url, secret.encode()
        self.client = httpx.Client(timeout=TIMEOUT_S, follow_redirects=False)
        self._failed, self._not_before = 0, 0.0

    def send_pending(self) -> int:
        """Send what happened since the last event that was taken. Returns how many were taken now; 0 while a refused one waits."""
        if time.monotonic() < self._not_before:
            return 0
        sent = 0
        for event in self.desk.events(None, self._sent_to(), BATCH):
            if event.kind not in UNTOLD and not self._deliver(event):
                break
            sent += event.kind not in UNTOLD
            self._remember(event.id)
        return sent

    def close(self) -> None:
        """Close the connections."""
        self.client.close()

    def _deliver(self, event: Event) -> bool:
        """Send an event. Returns whether it is done with: taken, or given up."""
        try:
            body = _document(event)
            self.client.post(self.url, content=body, headers=signed_headers(f"event-{event.id}", body, self.secret)).raise_for_status()
        except httpx.HTTPError as error:
            if self._failed >= len(WAITS_S):
                logger.exception("Event %d was given up: %s did not take it in %d tries.", event.id, self.url, self._failed + 1)
                self._failed = 0
                return True
            self._not_before = time.monotonic() + WAITS_S[self._failed]
            self._failed += 1
            logger.warning("%s did not take event %d (%s); it is tried again.", self.url, event.id, error)
            return False
        self._failed = 0
        return True

    def _sent_to(self) -> int:
        with self.desk.database.reading() as connection:
            known = connection.execute(select(WebhookRow.sent_to)).scalar_one_or_none()
        if known is not None:
            return known
        newest = self.desk.newest_event()  # what happened before there was a webhook is not told
        self._remember(newest)
        return newest

    def _remember(self, event_id: int) -> None:
        with self.desk.database.transaction() as connection:
            connection.execute(delete(WebhookRow))
            connection.execute(insert(WebhookRow).values(id=1, sent_to=event_id, at=datetime.now(UTC)))


def _document(event: Event) -> bytes:
    data = {"conversation_id": event.conversation_id, "person": event.author or None, "reason": event.text or None}
    return json.dumps({"type": f"conversation.{event.kind}", "timestamp": event.at.isoformat(), "data": data}).encode()
