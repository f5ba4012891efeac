"""A local server that speaks OpenAI's chat completions over real HTTP, and fails in the ways real ones do."""

import asyncio
import contextlib
import json
import socket
import threading
from collections import deque
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response, StreamingResponse


@dataclass
class Answer:
    """What the server does with one request.

    Attributes:
        pieces: the texts it streams.
        status: an HTTP status other than 200 sends an error body instead.
        headers: of an error answer.
        pause_s: how long it waits between two pieces; it sends SSE comments meanwhile, as servers do to keep a connection alive.
        cut: "connection" breaks the connection after the pieces, "early" ends the body properly but without an end of the reply.
    """

    pieces: list[str] = field(default_factory=lambda: ["Hello", ", ", "world."])
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    pause_s: float = 0.0
    cut: str = ""


class FakeOpenAIServer:
    """Serves scripted answers in turn, then `Answer()`; remembers the requests."""

    def __init__(self) -> None:
        self.script: deque[Answer] = deque()
        self.requests: list[dict[str, Any]] = []
        self.abandoned = threading.Event()  # set when a client leaves in the middle of a stream
        self.base_url = ""
        self.app = FastAPI()
        self.app.post("/v1/chat/completions")(self._complete)

    async def _complete(self, request: Request) -> Response:
        body = await request.json()
        self.requests.append({"body": body, "headers": dict(request.headers)})
        answer = self.script.popleft() if self.script else Answer()
        if answer.status != 200:
            error = {"error": {"message": f"scripted {answer.status}", "type": "server_error"}}
            return JSONResponse(error, status_code=answer.status, headers=answer.headers)
        return StreamingResponse(self._events(answer, body["model"]), media_type="text/event-stream")

    async def _events(self, answer: Answer, model: str) -> AsyncIterator[str]:
        try:
            yield _chunk(model, [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}])
            for number, piece in enumerate(answer.pieces):
                for _ in range(round(answer.pause_s / 0.1) if number else 0):
                    yield ": keep-alive\n\n"
                    await asyncio.sleep(0.1)
                yield _chunk(model, [{"index": 0, "delta": {"content": piece}, "finish_reason": None}])
                await asyncio.sleep(0)
            if answer.cut == "connection":
                raise ConnectionAbortedError("scripted")
            if answer.cut == "early":
                return
            yield _chunk(model, [{"index": 0, "delta": {}, "finish_reason": "stop"}])
            yield _chunk(model, [], usage={"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2})
            yield "data: [DONE]\n\n"
        except (asyncio.CancelledError, GeneratorExit):
            self.abandoned.set()
            raise


def _chunk(model: str, choices: list[dict[str, Any]], **more: object) -> str:
    body = {"id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": model, "choices": choices, **more}
    return f"data: {json.dumps(body)}\n\n"


@contextlib.contextmanager
def serve() -> Iterator[FakeOpenAIServer]:
    """Run a server on a free loopback port."""
    fake = FakeOpenAIServer()
    listener = socket.create_server(("127.0.0.1", 0))
    fake.base_url = f"http://127.0.0.1:{listener.getsockname()[1]}/v1"
    server = uvicorn.Server(uvicorn.Config(fake.app, log_level="critical", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()  # the socket listens already: requests wait for the server
    try:
        yield fake
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
