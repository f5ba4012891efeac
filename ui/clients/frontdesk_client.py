"""Frontdesk's HTTP API in Python, for a portal's server. It needs httpx (``pip install httpx``) and nothing else: copy this file.

Example:
    >>> desk = Frontdesk("https://desk.example", KEY)
    >>> customer = desk.customer(desk.new_customer())  # or a token that the portal signed
    >>> conversation = customer.begin()
    >>> message = customer.send(conversation["id"], "How long does delivery take?")
    >>> message["reply"]["text"]
    'Standard delivery takes **3-5 business days**.'
"""

import json
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Any
from uuid import uuid4

import httpx

Document = dict[str, Any]


class FrontdeskError(Exception):
    """What was refused or failed.

    Attributes:
        status: of the response; 0 where none came.
        detail: what is wrong, and what to do.
        retry_after: seconds after which it may be tried again, where the service names them.
    """

    def __init__(self, status: int, detail: str, retry_after: float | None = None) -> None:
        super().__init__(detail)
        self.status, self.detail, self.retry_after = status, detail, retry_after


class Frontdesk:
    """The service, called by a portal's server.

    Args:
        url: the service's.
        key: the portal's, of ``python -m ui sites add``.
        timeout_s: seconds that a request may take.
    """

    def __init__(self, url: str, key: str, timeout_s: float = 30.0) -> None:
        self.http = httpx.Client(base_url=url, headers={"Authorization": f"Bearer {key}"}, timeout=timeout_s)

    def __enter__(self) -> "Frontdesk":
        """Close the connections at the end of a ``with``."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the connections."""
        self.http.close()

    def new_customer(self) -> str:
        """The token of a new anonymous customer; whoever keeps it reads their conversations."""
        return str(self.request("POST", "/v1/customers")["token"])

    def customer(self, token: str) -> "Customer":
        """A customer, by their token: one of `new_customer`, or a JSON Web Token that the portal signed."""
        return Customer(self, token)

    def search(self, question: str, limit: int = 5) -> list[Document]:
        """Entries that may answer a question, best first."""
        found: list[Document] = self.request("GET", "/v1/faq/search", params={"q": question, "limit": limit})
        return found

    def request(self, method: str, path: str, **options: Any) -> Any:
        """What a request gives as JSON, None where it gives nothing; options as httpx has them.

        Raises:
            FrontdeskError: it was refused, or no answer came.
        """
        try:
            response = self.http.request(method, path, **options)
        except httpx.HTTPError as error:
            raise FrontdeskError(0, f"The service cannot be reached: {error}") from error
        _require_success(response)
        return response.json() if response.content else None


class Customer:
    """A customer's conversations.

    Args:
        desk: the service.
        token: the customer's.
    """

    def __init__(self, desk: Frontdesk, token: str) -> None:
        self.desk, self.token = desk, token

    def begin(self) -> Document:
        """Begin a conversation."""
        return self._document("POST", "", key=uuid4().hex)

    def conversation(self, conversation_id: str) -> Document:
        """A conversation, with who is answering."""
        return self._document("GET", f"/{conversation_id}")

    def conversations(self) -> Iterator[Document]:
        """The customer's conversations, newest first."""
        return self._pages("")

    def messages(self, conversation_id: str) -> Iterator[Document]:
        """A conversation's messages with their replies, oldest first."""
        return self._pages(f"/{conversation_id}/messages")

    def send(self, conversation_id: str, text: str, key: str | None = None) -> Document:
        """Send a message; gives it with its reply. The same `key` again gives the same answer."""
        return self._document("POST", f"/{conversation_id}/messages", {"text": text}, key or uuid4().hex)

    def stream(self, conversation_id: str, text: str, key: str | None = None) -> Iterator[tuple[str, Document]]:
        """Send a message, and get its reply as it is written: ``("piece", {"text", "html"})``, at last ``("message", ...)``.

        Raises:
            FrontdeskError: it was refused, or broke off; the same `key` again goes on.
        """
        path, body = f"/v1/conversations/{conversation_id}/messages", {"text": text, "stream": True}
        try:
            with self.desk.http.stream("POST", path, json=body, headers=self._headers(key or uuid4().hex)) as response:
                _require_success(response)
                for name, data in _events(response.iter_lines()):
                    if name == "problem":
                        raise FrontdeskError(data["status"], data["detail"])
                    yield name, data
        except httpx.HTTPError as error:
            raise FrontdeskError(0, f"The reply broke off: {error}") from error

    def rate(self, conversation_id: str, message_id: int, value: str | None) -> None:
        """Say whether a reply helped: ``"up"``, ``"down"``, or None to take it back."""
        self._request("PUT", f"/{conversation_id}/messages/{message_id}/feedback", {"value": value})

    def resolve(self, conversation_id: str, resolved: bool | None) -> Document:
        """Say whether the last answer settled it; None takes it back."""
        return self._document("POST", f"/{conversation_id}/resolution", {"resolved": resolved})

    def hand_over(self, conversation_id: str) -> Document:
        """Ask for a person."""
        return self._document("POST", f"/{conversation_id}/hand-over", key=uuid4().hex)

    def leave_contact(self, conversation_id: str, details: str) -> None:
        """Leave contact details, while the conversation waits for a person."""
        self._request("PUT", f"/{conversation_id}/contact", {"details": details})

    def events(self, conversation_id: str, after: int = 0) -> list[Document]:
        """What people said and who answered since the event with this id, oldest first."""
        found: list[Document] = self._request("GET", f"/{conversation_id}/events?after={after}")
        return found

    def export(self) -> Document:
        """Everything that is kept about the customer."""
        found: Document = self.desk.request("GET", "/v1/customers/me", headers=self._headers())
        return found

    def erase(self) -> None:
        """Erase it, for good."""
        self.desk.request("DELETE", "/v1/customers/me", headers=self._headers())

    def _request(self, method: str, path: str, body: Document | None = None, key: str | None = None) -> Any:
        return self.desk.request(method, f"/v1/conversations{path}", json=body, headers=self._headers(key))

    def _document(self, method: str, path: str, body: Document | None = None, key: str | None = None) -> Document:
        found: Document = self._request(method, path, body, key)
        return found

    def _pages(self, path: str) -> Iterator[Document]:
        cursor: str | None = ""
        while cursor is not None:
            params = {"limit": "100"} | ({"cursor": cursor} if cursor else {})
            page = self.desk.request("GET", f"/v1/conversations{path}", params=params, headers=self._headers())
            yield from page["items"]
            cursor = page["next_cursor"]

    def _headers(self, key: str | None = None) -> Mapping[str, str]:
        return {"X-Customer-Token": self.token} | ({"Idempotency-Key": key} if key else {})


def _require_success(response: httpx.Response) -> None:
    if response.is_success:
        return
    response.read()
    try:
        detail = str(response.json()["detail"])
    except (ValueError, KeyError, TypeError):  # a proxy's page
        detail = response.reason_phrase
    wait = response.headers.get("Retry-After", "")
    raise FrontdeskError(response.status_code, detail, float(wait) if wait.isdigit() else None)


def _events(lines: Iterator[str]) -> Iterator[tuple[str, Document]]:
    """Read server-sent events as the service writes them: a name, and one line of JSON."""
    name = "message"
    for line in lines:
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))
            name = "message"
