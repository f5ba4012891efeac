"""Runs the real server in this process, for the tests of the page."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from agent.agent import CustomerServiceAgent
from ui.app import create_app

SECRET = "0123456789abcdef0123456789abcdef"


@contextmanager
def serve(agent: CustomerServiceAgent, *, staff_panel: bool = False, port: int = 0) -> Iterator[str]:
    """Serve on a loopback port, a free one unless it is named; gives the URL."""
    listener = socket.create_server(("127.0.0.1", port))
    app = create_app(agent, staff_panel=staff_panel, secret=SECRET)
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=1))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()  # the socket listens already: requests wait for the server
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    finally:
        server.should_exit = True
        thread.join()
        listener.close()
