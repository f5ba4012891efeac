"""Look-ups in the shop's own systems, over real HTTP: what they say is told, and the FAQ answers whenever they fail."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from agent.agent import CustomerServiceAgent
from agent.conversation import Reply
from agent.look_ups import LiveAnswers, LookUp
from agent.shop import read_shop
from knowledge_base.errors import SettingsError

SECRET = "between us two"
ORDER = "NL20260418-3317"
QUESTION = f"What is the status of my order {ORDER}? Is it packed?"
Answer = Callable[[BaseHTTPRequestHandler], None]


@dataclass
class Shop:
    """The shop's own system."""

    answer: Answer
    url: str = ""
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


def says(document: object, status: int = 200) -> Answer:
    """Answer with a JSON document."""
    return sends(json.dumps(document).encode(), status)


def sends(body: bytes, status: int = 200) -> Answer:
    """Answer with these bytes."""

    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        handler.end_headers()
        handler.wfile.write(body)

    return answer


def drips(handler: BaseHTTPRequestHandler) -> None:
    """Answer so slowly that no single part is late."""
    handler.send_response(200)
    handler.end_headers()
    for _ in range(40):
        handler.wfile.write(b" ")
        handler.wfile.flush()
        time.sleep(0.2)


@pytest.fixture
def shop() -> Iterator[Shop]:
    found = Shop(says({"text": {"en": "It left our warehouse this morning.", "zh": "今早已出库。"}}))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.requests.append(({name.lower(): value for name, value in self.headers.items()}, body))
            try:
                found.answer(self)
            except BrokenPipeError:
                self.close_connection = True

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    found.url = f"http://127.0.0.1:{server.server_address[1]}/orders"
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture
def agent(starter_agent: CustomerServiceAgent, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> CustomerServiceAgent:
    look_ups = {"order_status": LookUp(shop.url, timeout_s=1.0)}
    monkeypatch.setattr(starter_agent, "live", LiveAnswers(look_ups, SECRET, starter_agent.masker))
    return starter_agent


def ask(agent: CustomerServiceAgent, message: str) -> Reply:
    turn = agent.reply(agent.log.start("ann"), message)
    assert turn.reply
    return turn.reply


def test_the_shop_answers_in_the_customers_language(agent: CustomerServiceAgent) -> None:
    english, chinese = ask(agent, QUESTION), ask(agent, f"订单{ORDER}现在是什么状态？")
    assert (english.text, english.looked_up, english.sources) == ("It left our warehouse this morning.", True, ())
    assert (chinese.text, chinese.looked_up) == ("今早已出库。", True)


def test_what_is_asked_is_signed_and_names_the_order_as_it_was_written(agent: CustomerServiceAgent, shop: Shop) -> None:
    conversation = agent.log.start("ann")
    agent.reply(conversation, QUESTION)
    ((headers, body),) = shop.requests
    assert json.loads(body) == {
        "intent": "order_status",
        "language": "en",
        "order_numbers": [ORDER],
        "conversation_id": conversation.id,
        "customer": "ann",
    }
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.digest(SECRET.encode(), signed, hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert all(ORDER not in turn.message for turn in agent.log.turns(conversation.id))


def test_without_an_order_number_or_with_another_intent_the_shop_is_not_asked(agent: CustomerServiceAgent, shop: Shop) -> None:
    assert ask(agent, "What do the order states mean?").sources[0].id == "order-states"
    assert not ask(agent, f"How do I return the lamp of order {ORDER}?").looked_up
    assert shop.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        says({}, 404),
        says({"text": ""}),
        says({"text": {"zh": "今早已出库。"}}),
        says({}, 500),
        says({}, 302),
        says({"text": 7}),
        says(["text"]),
        says({"text": "x" * 3000}),
        sends(b"no JSON"),
        sends(b"\xff\xfe"),
        sends(b" " * 200_000),
        drips,
        lambda _handler: time.sleep(3),
    ],
)
def test_whatever_goes_wrong_the_faq_answers_in_time(agent: CustomerServiceAgent, shop: Shop, answer: Answer) -> None:
    shop.answer = answer
    began = time.monotonic()
    reply = ask(agent, QUESTION)
    assert time.monotonic() - began < 4
    assert (reply.looked_up, reply.sources[0].id) == (False, "order-states")
    assert len(shop.requests) == 1


def test_a_shop_that_is_not_there_is_no_reason_to_be_silent(agent: CustomerServiceAgent, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent, "live", LiveAnswers({"order_status": LookUp("http://127.0.0.1:9/")}, SECRET, agent.masker))
    assert ask(agent, QUESTION).sources[0].id == "order-states"


def test_personal_data_in_an_answer_is_masked(agent: CustomerServiceAgent, shop: Shop) -> None:
    shop.answer = says({"text": "It went to ann@mail.example."})
    assert ask(agent, QUESTION).text == "It went to [email]."


def test_angry_customers_hear_it_too_and_get_a_person(agent: CustomerServiceAgent) -> None:
    reply = ask(agent, f"This is ridiculous! What is the status of my order {ORDER}?")
    assert reply.text.startswith("It left our warehouse this morning.\n\n")
    assert reply.offers_person


def test_shop_yaml_names_look_ups(tmp_path: Path) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text("look_ups:\n  track_order: {url: 'https://shop.example/track', needs_order: false, timeout_s: 3}\n")
    assert read_shop(file).look_ups == {"track_order": LookUp("https://shop.example/track", needs_order=False, timeout_s=3.0)}


@pytest.mark.parametrize("settings", ["{}", "{url: ftp://x}", "{url: 'http://x', wait: 3}", "{url: 'http://x', timeout_s: 900}", "7"])
def test_a_look_up_that_is_none_is_refused(tmp_path: Path, settings: str) -> None:
    file = tmp_path / "shop.yaml"
    file.write_text(f"look_ups:\n  track_order: {settings}\n")
    with pytest.raises(SettingsError, match="look"):
        read_shop(file)
