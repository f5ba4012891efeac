"""What customers do during a soak: locust runs this file, with the API's own client.

Example:
    $ locust -f ui/soak/customers.py --headless --host URL -u 20 -t 30m --key KEY --messages FILE --requests FILE
"""

import json
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

from locust import User, between, events, task
from locust.argument_parser import LocustArgumentParser

from ui.clients.frontdesk_client import Customer, Document, Frontdesk

ASKS_FOR_A_PERSON = 0.12  # of all visits
STREAMED = 0.75  # of all messages
WAITING = ("queued", "human")  # states of a conversation that a person has, or will have
SEARCH, FIRST_PIECE, WORDS = "GET /v1/faq/search", "first piece of a streamed reply", "a person's words on their way"
TALK = "GET events/stream, until the person ends the talk"


def _add_arguments(parser: LocustArgumentParser) -> None:
    parser.add_argument("--key", help="a portal's")
    parser.add_argument("--messages", help="a file with a JSON list of what customers write")
    parser.add_argument("--requests", help="a file that gets one line of JSON for each request")


def _note(name: str, response_time: float, exception: BaseException | None, context: Document, **_more: object) -> None:
    line = {"at": time.time(), "name": name, "ms": round(response_time, 2), "error": repr(exception) if exception else None}
    with Path(context["requests"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


events.init_command_line_parser.add_listener(_add_arguments)  # type: ignore[no-untyped-call]
events.request.add_listener(_note)  # type: ignore[no-untyped-call]


@cache
def _messages(path: str) -> list[str]:
    messages: list[str] = json.loads(Path(path).read_text(encoding="utf-8"))
    return messages


class Visitor(User):
    """One customer after another: each asks a few questions, some reach a person, and goes."""

    wait_time = between(1, 4)

    def on_start(self) -> None:
        """Connect."""
        options = self.environment.parsed_options
        self.desk = Frontdesk(str(self.host), options.key)
        self.messages, self.records = _messages(options.messages), options.requests

    def on_stop(self) -> None:
        """Disconnect."""
        self.desk.http.close()

    @task
    def visit(self) -> None:
        """From the first question to leaving."""
        with self.timed("POST /v1/customers"):
            customer = self.desk.customer(self.desk.new_customer())
        with self.timed("POST /v1/conversations"):
            conversation = customer.begin()["id"]
        for _ in range(random.randint(2, 6)):
            self.wait()  # type: ignore[no-untyped-call]
            self.ask(customer, conversation)
        if random.random() < ASKS_FOR_A_PERSON:
            with self.timed("POST hand-over"):
                customer.hand_over(conversation)
        with self.timed("GET conversation"):
            state = customer.conversation(conversation)["state"]
        if state in WAITING:  # some write so that the assistant hands them over by itself
            self.talk_to_a_person(customer, conversation)
        self.leave(customer, conversation)

    def ask(self, customer: Customer, conversation: str) -> None:
        """Send a message and read its reply; some look at the FAQ first, and some say whether it helped."""
        text = random.choice(self.messages)
        if random.random() < 0.1:
            with self.timed(SEARCH):
                self.desk.search(text)
        if random.random() < STREAMED:
            message = self.stream(customer, conversation, text)
        else:
            with self.timed("POST message"):
                message = customer.send(conversation, text)
        if message.get("reply") and random.random() < 0.2:
            with self.timed("PUT feedback"):
                customer.rate(conversation, message["id"], random.choice(("up", "down")))

    def stream(self, customer: Customer, conversation: str, text: str) -> Document:
        """Send a message, and read its reply as it comes."""
        began, message = time.perf_counter(), Document()
        with self.timed("POST message, streamed"):
            for kind, document in customer.stream(conversation, text):
                if kind == "piece" and began:
                    self.note(FIRST_PIECE, time.perf_counter() - began)
                    began = 0.0
                message = document
        return message

    def talk_to_a_person(self, customer: Customer, conversation: str) -> None:
        """Listen until the person ends the conversation, and answer once."""
        answered, listening = False, datetime.now(UTC)
        with self.timed("GET events"):
            customer.events(conversation)
        with self.timed(TALK):
            for event in self.events(customer, conversation):
                said = datetime.fromisoformat(event["at"])
                if event["kind"] == "message" and said > listening:
                    self.note(WORDS, (datetime.now(UTC) - said).total_seconds())
                if event["kind"] == "message" and not answered:
                    answered = True
                    with self.timed("POST message to a person"):
                        customer.send(conversation, random.choice(self.messages))
                if event["kind"] == "closed":
                    return
            raise EOFError("The stream of events ended before the conversation did.")

    def events(self, customer: Customer, conversation: str) -> Iterator[Document]:
        """What happens in a conversation, as it happens."""
        path = f"/v1/conversations/{conversation}/events/stream"
        with self.desk.http.stream("GET", path, headers={"X-Customer-Token": customer.token}, timeout=60) as response:
            response.raise_for_status()
            yield from (json.loads(line.removeprefix("data: ")) for line in response.iter_lines() if line.startswith("data: "))

    def leave(self, customer: Customer, conversation: str) -> None:
        """Some say that it is settled, some read everything again, and a few are forgotten."""
        if random.random() < 0.3:
            with self.timed("POST resolution"):
                customer.resolve(conversation, random.random() < 0.7)
        if random.random() < 0.2:
            with self.timed("GET messages"):
                list(customer.messages(conversation))
        if random.random() < 0.05:
            with self.timed("DELETE /v1/customers/me"):
                customer.erase()

    @contextmanager
    def timed(self, name: str) -> Iterator[None]:
        """Note how long something took, and whether it failed."""
        began = time.perf_counter()
        try:
            yield
        except Exception as error:
            self.note(name, time.perf_counter() - began, error)
            raise
        self.note(name, time.perf_counter() - began)

    def note(self, name: str, seconds: float, error: Exception | None = None) -> None:
        """Hand a measurement to locust, and so to the file of requests."""
        measured: dict[str, Any] = {"request_type": "", "name": name, "response_time": 1000 * seconds, "response_length": 0}
        self.environment.events.request.fire(**measured, exception=error, context={"requests": self.records})
