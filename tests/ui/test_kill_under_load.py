"""The whole service is killed while customers write: what they were told stays true."""

import json
import random
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from knowledge_base.database import Database
from knowledge_base.entry import EntryVariant, FAQEntry
from knowledge_base.repository import FAQRepository
from tests.ui.service_process import ServiceProcess, copy_with_portal, service
from ui.access.customers import new_anonymous

KILLS, CUSTOMERS = 20, 8
TURNS = 8  # messages of a conversation, before its customer begins another one
INDEXED_WITHIN_S = 30.0  # after a restart, with much else to do
QUESTIONS = (
    "How long does delivery take?",
    "快递多久能到？",
    "Can I pay by card, and how do I return something?",
    "hello",
    "Where is my parcel?",
)
FEEDBACK, HAND_OVER, BEGIN = 0.2, 0.3, 0.35  # below these, a customer does that; else they write a message
Document = dict[str, Any]


@dataclass
class Chat:
    """A conversation as its customer knows it.

    Attributes:
        id: the conversation's.
        told: messages with their replies, as they were acknowledged, by id.
        thumbs: what may be kept as feedback: one value, or two where the answer to the newer one did not arrive.
        begun: messages whose reply began to arrive.
        sent: how many messages were sent.
        keyed: requests that were acknowledged under an `Idempotency-Key`, with the answer.
        waits: whether the customer was told that it waits for a person.
        contact: details that were taken.
    """

    id: str
    told: dict[int, Document] = field(default_factory=dict)
    thumbs: dict[int, set[str | None]] = field(default_factory=dict)
    begun: list[str] = field(default_factory=list)
    sent: int = 0
    keyed: list[tuple[str, Document | None, str, Document]] = field(default_factory=list)
    waits: bool = False
    contact: str | None = None

    @property
    def path(self) -> str:
        return f"/v1/conversations/{self.id}"


class Customer:
    """Writes until the service is gone, remembers what they were told, and afterwards looks whether it is so."""

    def __init__(self, number: int) -> None:
        self.token = new_anonymous()
        self.random = random.Random(number)
        self.chats: list[Chat] = []
        self.begun: list[tuple[str, str]] = []  # keys under which conversations were begun, and their ids

    def write(self, service: ServiceProcess) -> None:
        """Write messages and do what else customers do, until the connection breaks."""
        with service.customer(self.token) as client, suppress(httpx.NetworkError, httpx.RemoteProtocolError):
            self._begin(client)
            while True:
                self._do_something(client)

    def _do_something(self, client: httpx.Client) -> None:
        chat, chance = self.chats[-1], self.random.random()
        if chance < FEEDBACK and chat.told:
            self._rate(client, chat)
        elif FEEDBACK <= chance < HAND_OVER:
            self._ask_for_a_person(client, chat)
        elif (HAND_OVER <= chance < BEGIN and chat.sent) or chat.sent >= TURNS:
            self._begin(client)
        else:
            self._send(client, chat)

    def _begin(self, client: httpx.Client) -> None:
        key = self._new_key()
        answer = client.post("/v1/conversations", headers={"Idempotency-Key": key})
        assert answer.status_code == 201, answer.text
        self.chats.append(Chat(answer.json()["id"]))
        self.begun.append((key, answer.json()["id"]))

    def _send(self, client: httpx.Client, chat: Chat) -> None:
        chat.sent += 1
        body = {"text": f"{self.random.choice(QUESTIONS)} ({chat.sent})", "stream": self.random.random() < 0.5}
        key = self._new_key() if self.random.random() < 0.5 else None
        document = self._post(client, f"{chat.path}/messages", body, key, chat)
        chat.told[document["id"]] = document

    def _rate(self, client: httpx.Client, chat: Chat) -> None:
        message, value = self.random.choice(list(chat.told)), self.random.choice(["up", "down", None])
        chat.thumbs[message] = chat.thumbs.get(message, {None}) | {value}
        assert client.put(f"{chat.path}/messages/{message}/feedback", json={"value": value}).status_code == 204
        chat.thumbs[message] = {value}

    def _ask_for_a_person(self, client: httpx.Client, chat: Chat) -> None:
        document = self._post(client, f"{chat.path}/hand-over", None, self._new_key(), chat)
        chat.told[document["id"]] = document
        chat.waits = True
        details = f"customer-{self.random.randrange(10**6)}@mail.example"
        chat.contact = None  # from here on it may be the old one or the new one
        assert client.put(f"{chat.path}/contact", json={"details": details}).status_code == 204
        chat.contact = details

    def _post(self, client: httpx.Client, path: str, body: Document | None, key: str | None, chat: Chat) -> Document:
        """Send a request. Returns the message with its reply once all of it has arrived."""
        headers = {"Idempotency-Key": key} if key else {}
        with client.stream("POST", path, json=body, headers=headers) as answer:
            assert answer.status_code == 201, answer.read()
            document = self._listen(answer, body["text"], chat) if body and body["stream"] else json.loads(answer.read())
        if key:
            chat.keyed.append((path, body, key, document))
        return document

    def _listen(self, answer: httpx.Response, text: str, chat: Chat) -> Document:
        shown = ""
        for name, document in events(answer):
            if name == "piece":
                chat.begun.append(text)
                shown += document["text"]
            else:
                assert (name, document["reply"]["text"]) == ("message", shown)
                return document
        raise httpx.ReadError("the stream was cut")

    def _new_key(self) -> str:
        return f"key-{self.random.getrandbits(64):x}"

    def check(self, client: httpx.Client, chats: list[Chat]) -> None:
        """Look whether what the customer was told is kept."""
        kept = {one["id"]: one for one in client.get("/v1/customers/me").raise_for_status().json()["conversations"]}
        for chat in chats:
            before = self._check_messages(client, chat)
            for request in chat.keyed:
                check_repeated(client, *request)
            assert self._check_messages(client, chat) == before, "a repeated request made another message"
            if chat.waits:
                assert client.get(chat.path).json()["state"] == "queued"
                assert [event["kind"] for event in kept[chat.id]["events"]].count("queued") == 1
            if chat.contact:
                assert kept[chat.id]["contact"] == chat.contact

    def check_begun(self, client: httpx.Client) -> None:
        """Look whether each conversation that was begun is there, and is begun once."""
        for key, conversation in self.begun:
            again = client.post("/v1/conversations", headers={"Idempotency-Key": key})
            assert again.json()["id"] == conversation
            assert client.get(f"/v1/conversations/{conversation}").status_code == 200

    def go_on(self, client: httpx.Client) -> None:
        """Write on in the conversation that the kill interrupted."""
        chat = self.chats[-1]
        chat.sent += 1
        document = self._post(client, f"{chat.path}/messages", {"text": f"{QUESTIONS[0]} ({chat.sent})", "stream": False}, None, chat)
        assert document["reply"]["text"]
        chat.told[document["id"]] = document

    def _check_messages(self, client: httpx.Client, chat: Chat) -> list[Document]:
        kept: list[Document] = client.get(f"{chat.path}/messages", params={"limit": 100}).raise_for_status().json()["items"]
        by_id = {one["id"]: one for one in kept}
        for message, document in chat.told.items():
            thumb = by_id[message]["feedback"]
            assert thumb in chat.thumbs.get(message, {None})
            assert by_id[message] == document | {"feedback": thumb}
        assert set(chat.begun) <= {one["text"] for one in kept}
        return kept


def check_repeated(client: httpx.Client, path: str, body: Document | None, key: str, told: Document) -> None:
    """Send a request once more: the answer is the one that it had."""
    again = client.post(path, json=body, headers={"Idempotency-Key": key})
    assert (again.status_code, again.headers.get("idempotency-replayed")) == (201, "true")
    assert (list(events(again)) == [("message", told)]) if body and body["stream"] else (again.json() == told)


def events(answer: httpx.Response) -> Iterator[tuple[str, Document]]:
    """The names and documents of server-sent events, as they arrive."""
    name = ""
    for line in answer.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def check_all(service: ServiceProcess, customers: list[Customer], since: dict[str, int]) -> None:
    """Have every customer look at their conversations from a place in their lists on, and write on."""

    def check(customer: Customer) -> None:
        with service.customer(customer.token) as client:
            customer.check(client, customer.chats[since[customer.token] :])
            customer.check_begun(client)
            if customer.chats:
                customer.go_on(client)

    with ThreadPoolExecutor(CUSTOMERS) as threads:
        list(threads.map(check, customers))


def load_and_kill(service: ServiceProcess, customers: list[Customer], seconds: float) -> None:
    """Have all customers write, and kill the service after a while."""
    with ThreadPoolExecutor(CUSTOMERS) as threads:
        writing = [threads.submit(customer.write, service) for customer in customers]
        time.sleep(seconds)
        service.process.kill()
        for each in writing:
            each.result()


def word(number: int) -> str:
    """A word that no entry has."""
    return "zor" + "".join("bdfgklmnpr"[int(digit)] + "a" for digit in str(number))


def check_entry(service: ServiceProcess, number: int) -> None:
    """Wait until an entry that was put in before the kill is found."""
    deadline = time.monotonic() + INDEXED_WITHIN_S
    with service.customer() as client:
        while time.monotonic() < deadline:
            found = client.get("/v1/faq/search", params={"q": f"What is a {word(number)}?"}).raise_for_status().json()
            if found and found[0]["id"] == f"entry-{number}":
                return
            time.sleep(0.2)
    raise AssertionError(f"entry-{number} is not found: {found}")


@pytest.mark.slow
def test_what_customers_were_told_survives_twenty_kills(starter_directory: Path, tmp_path: Path) -> None:
    folder = tmp_path / "data"
    key = copy_with_portal(starter_directory, folder)
    entries = FAQRepository(Database(f"sqlite:///{folder}/frontdesk.db"))
    moments, customers = random.Random(11), [Customer(number) for number in range(CUSTOMERS)]
    since = {customer.token: 0 for customer in customers}
    for number in range(KILLS):
        with service(folder, key, tmp_path / "log") as running:
            check_all(running, customers, since)
            if number:
                check_entry(running, number - 1)
            since = {customer.token: len(customer.chats) for customer in customers}
            entries.put([FAQEntry(f"entry-{number}", {"en": EntryVariant("en", (f"What is a {word(number)}?",), f"Round {number}.")})])
            load_and_kill(running, customers, moments.uniform(0.2, 3.0))
    with service(folder, key, tmp_path / "log") as running:
        check_all(running, customers, dict.fromkeys(since, 0))
    done = Counter[str]()
    for chat in (chat for customer in customers for chat in customer.chats):
        done.update(messages=len(chat.told), streamed=len(chat.begun), keyed=len(chat.keyed), thumbs=len(chat.thumbs), waiting=chat.waits)
    assert done["messages"] > 10 * KILLS, done
    assert min(done.values()) >= 5, done
