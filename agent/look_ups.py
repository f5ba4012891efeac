"""Asks the shop's own systems for what no FAQ can know: where this order is, what that account owes."""

import json
import logging
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

import httpx

from agent.privacy import Masker
from agent.signing import signed_headers

logger = logging.getLogger(__name__)

LARGEST = 65_536  # bytes of an answer
LONGEST = 2000  # characters that are told
DEFAULT_TIMEOUT_S = 2.0


@dataclass(frozen=True)
class LookUp:
    """Where to ask about messages with one intent; stands under ``look_ups`` in ``shop.yaml``.

    Attributes:
        url: is sent a signed POST request.
        needs_order: whether there is something to look up only where the message has an order or parcel number.
        timeout_s: seconds after which the FAQ answers instead.
    """

    url: str
    needs_order: bool = True
    timeout_s: float = DEFAULT_TIMEOUT_S

    @classmethod
    def from_dict(cls, settings: object) -> "LookUp":
        """Read ``{url, needs_order, timeout_s}``.

        Raises:
            ValueError: one is of the wrong kind, or unknown.
        """
        if not isinstance(settings, Mapping):
            raise ValueError(f"a look-up is a mapping, not {settings!r}")  # noqa: TRY004 - what reads it says so for all
        unknown = set(settings) - {"url", "needs_order", "timeout_s"}
        url, needs, timeout = settings.get("url"), settings.get("needs_order", True), settings.get("timeout_s", DEFAULT_TIMEOUT_S)
        if unknown or not isinstance(needs, bool) or not isinstance(timeout, int | float) or not 0 < timeout <= 30:
            raise ValueError("a look-up has `url`, `needs_order` (true or false) and `timeout_s` (at most 30)")
        if not isinstance(url, str) or not url.startswith(("http://", "https://")):
            raise ValueError(f"the look-up's url {url!r} does not begin with http:// or https://")
        return cls(url, needs, float(timeout))


class LiveAnswers:
    """Looks answers up, within a time limit; whatever goes wrong, the FAQ answers instead.

    The request's body is ``{"intent", "language", "order_numbers", "conversation_id", "customer"}``, signed like a webhook. Order numbers
    are told as the customer wrote them, because nothing else finds the order; they are stored nowhere. The answer is ``{"text": "..."}``
    or ``{"text": {"en": "...", "zh": "..."}}``, Markdown; an empty text, or a 404, is that there is nothing to tell. What comes is
    masked like everything that is kept.

    Args:
        look_ups: by intent.
        secret: signs requests.
        masker: finds order numbers, and takes personal data out of what comes.

    Example:
        >>> live.answer("order_status", "where is NL20260418-3317?", "en", conversation.id, customer)
        'It left our warehouse this morning.'
    """

    def __init__(self, look_ups: Mapping[str, LookUp], secret: str, masker: Masker) -> None:
        self.look_ups, self.secret, self.masker = look_ups, secret.encode(), masker
        self.client = httpx.Client(follow_redirects=False)

    def answer(self, intent: str | None, message: str, language: str, conversation_id: str, customer: str) -> str | None:
        """What the shop's system says, None where it was not asked, knows nothing, or failed.

        Args:
            intent: of the message.
            message: as the customer wrote it.
            language: ``en`` or ``zh``, of the reply.
            conversation_id: the conversation's.
            customer: whose it is, see `ui.access.customers.customer_id`.
        """
        look_up = self.look_ups.get(intent or "")
        if look_up is None:
            return None
        orders = [message[found.start : found.end] for found in self.masker.find(message) if found.placeholder.startswith("[order-")]
        if look_up.needs_order and not orders:
            return None
        asked = {
            "intent": intent,
            "language": language,
            "order_numbers": orders,
            "conversation_id": conversation_id,
            "customer": customer,
        }
        try:
            return self._text(self._ask(look_up, json.dumps(asked).encode()), language)
        except (httpx.HTTPError, ValueError) as error:
            logger.warning("The look-up for %s failed (%s: %s); the FAQ answers instead.", intent, type(error).__name__, error)
            return None

    def _ask(self, look_up: LookUp, body: bytes) -> bytes:
        """The body of the answer.

        Raises:
            httpx.HTTPError: it does not come, or not in time.
            ValueError: it is too large.
        """
        deadline, answer = time.monotonic() + look_up.timeout_s, b""
        headers = signed_headers(f"look-up-{secrets.token_hex(8)}", body, self.secret)
        with self.client.stream("POST", look_up.url, content=body, headers=headers, timeout=look_up.timeout_s) as response:
            if response.status_code == httpx.codes.NOT_FOUND:
                return b"{}"
            response.raise_for_status()
            for part in response.iter_bytes():
                answer += part
                if time.monotonic() > deadline:  # the client's own limit is for each part
                    raise httpx.ReadTimeout(f"no whole answer within {look_up.timeout_s} s")
                if len(answer) > LARGEST:
                    raise ValueError(f"the answer has more than {LARGEST} bytes")
        return answer

    def _text(self, answer: bytes, language: str) -> str | None:
        """The text of an answer.

        Raises:
            ValueError: it is none.
        """
        document = json.loads(answer)
        text = document.get("text") if isinstance(document, dict) else None
        if isinstance(text, dict):
            text = text.get(language)
        if text is not None and not isinstance(text, str):
            raise ValueError("`text` is no text")
        if text and len(text) > LONGEST:
            raise ValueError(f"the text has more than {LONGEST} characters")
        return self.masker.mask(text.strip()) or None if text else None
