"""What Gradio's queue answers, as the page's script reads it."""

import json
from typing import Any

import httpx


def outputs(client: httpx.Client, queue: str, session: str) -> list[Any]:
    """Wait for what was asked in a session; gives the values of its outputs.

    Args:
        client: asked it.
        queue: the path of the page's queue.
        session: in which it was asked.
    """
    with client.stream("GET", f"{queue}/data", params={"session_hash": session}) as stream:
        for line in stream.iter_lines():
            message = json.loads(line.removeprefix("data: ")) if line.startswith("data: ") else {}
            if message.get("msg") == "process_completed":
                assert message["success"], message
                return list(message["output"]["data"])
    raise AssertionError("the stream ended early")
