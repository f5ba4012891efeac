"""Changes of who answers are told over real HTTP: signed, in order, again where they were not taken."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from agent.conversation_log import ConversationLog
from agent.handover import webhooks
from agent.handover.desk import Desk
from agent.handover.rules import HandOverReason
from agent.handover.webhooks import WebhookSender
from knowledge_base.database import Database

SECRET = "between us two"


@dataclass
class Receiver:
    """A program that is told; it answers with these statuses, then with 204."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def taken(self) -> list[tuple[str, str]]:
        """The ids and types of what was taken."""
        return [(headers["webhook-id"], json.loads(body)["type"]) for headers, body in self.requests]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            status = found.statuses.pop(0) if found.statuses else 204
            if status < 300:
                found.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(Database(f"sqlite:///{tmp_path}/frontdesk.db"))


def lead(desk: Desk) -> str:
    """A conversation from the queue to its end."""
    conversation = ConversationLog(desk.database).start("somebody").id
    desk.queue(conversation, HandOverReason.ASKED)
    desk.take(conversation, "lin")
    desk.say(conversation, "lin", "a secret between us")
    ConversationLog(desk.database).set_resolved(conversation, resolved=True)
    desk.close(conversation, "lin")
    return conversation


def test_every_change_is_told_once_signed_and_in_order(desk: Desk, receiver: Receiver) -> None:
    lead(desk)  # before there was a webhook
    sender = WebhookSender(desk, receiver.url, SECRET)
    assert sender.send_pending() == 0
    conversation = lead(desk)
    assert sender.send_pending() == 3
    assert sender.send_pending() == 0
    assert [kind for _, kind in receiver.taken] == ["conversation.queued", "conversation.taken", "conversation.closed"]
    for headers, body in receiver.requests:
        signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
        expected = base64.b64encode(hmac.digest(SECRET.encode(), signed, hashlib.sha256)).decode()
        assert headers["webhook-signature"] == f"v1,{expected}"
        assert json.loads(body)["data"]["conversation_id"] == conversation
        assert b"a secret between us" not in body
    sender.close()


def test_what_is_not_taken_is_sent_again_before_the_next(desk: Desk, receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhooks, "WAITS_S", (0, 0))
    sender = WebhookSender(desk, receiver.url, SECRET)
    sender.send_pending()
    receiver.statuses = [500, 302]
    lead(desk)
    assert [sender.send_pending() for _ in range(3)] == [0, 0, 3]
    assert [kind for _, kind in receiver.taken] == ["conversation.queued", "conversation.taken", "conversation.closed"]
    later = WebhookSender(desk, receiver.url, SECRET)  # after a restart
    assert later.send_pending() == 0
    receiver.statuses = [500] * 3
    lead(desk)
    assert [later.send_pending() for _ in range(3)] == [0, 0, 3]  # the first is given up, and the others come
    assert len(receiver.taken) == 5
    sender.close()
    later.close()


def test_a_server_that_is_not_there_costs_nothing(desk: Desk) -> None:
    sender = WebhookSender(desk, "http://127.0.0.1:9/hook", SECRET)
    sender.send_pending()
    lead(desk)
    assert [sender.send_pending(), sender.send_pending()] == [0, 0]
    sender.close()
