"""Signs what is sent to other programs, as https://www.standardwebhooks.com describes."""

import base64
import hashlib
import hmac
import time


def signed_headers(name: str, body: bytes, secret: bytes) -> dict[str, str]:
    """The headers of a signed JSON document: ``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``.

    The signature is ``v1,`` and the base64 of an HMAC-SHA256 of id, timestamp and body, with dots between.

    Args:
        name: the document's id: the same if it is sent again.
        body: the document.
        secret: shared with who receives it.
    """
    now = str(int(time.time()))
    signature = hmac.digest(secret, f"{name}.{now}.".encode() + body, hashlib.sha256)
    return {
        "content-type": "application/json",
        "webhook-id": name,
        "webhook-timestamp": now,
        "webhook-signature": "v1," + base64.b64encode(signature).decode(),
    }
