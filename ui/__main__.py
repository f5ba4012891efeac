"""``python -m ui``: serves the chat page and the API from the settings; ``python -m ui sites ...`` lets portals in."""

import argparse
import asyncio
import logging
import signal
import socket
import sys
import types
from collections.abc import Callable

import uvicorn

from agent.settings import Settings, read_settings
from knowledge_base.errors import FrontdeskError
from ui.commands import add_commands, run_command
from ui.errors import AddressError


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted, or run a command. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ui", description="Serves the chat page and the API; without a command it does that.")
    add_commands(parser)
    options = parser.parse_args(arguments)
    try:
        if options.command:
            print(run_command(options, read_settings()))
            return 0
        logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
        logging.getLogger("uvicorn.error").addFilter(_is_news)
        signal.signal(signal.SIGTERM, _stop)
        signal.signal(signal.SIGINT, _stop)
        _serve(read_settings())
    except FrontdeskError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _serve(settings: Settings) -> None:
    with _listen(settings.host, settings.port) as listener:  # before what takes seconds: the imports and the models
        from agent.assembly import data_directory, open_agent
        from agent.commands import bar
        from agent.release_follower import ReleaseFollower
        from agent.release_loader import ReleaseLoader
        from ui.app import create_app
        from ui.services import Services

        agent = open_agent(settings, bar, service=True)
        try:
            directory = data_directory(settings)
            follower = ReleaseFollower(agent, directory, ReleaseLoader(settings.encoder, directory.cache))
            services = Services.of(agent, directory, settings)
            app = create_app(services, follower)
            config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=5)
            _Server(config, f"http://{_shown(settings.host)}:{settings.port}/", services.staff.first_start).run(sockets=[listener])
        finally:
            agent.retriever.index.close()
            agent.log.database.close()


class _Server(uvicorn.Server):
    """Says where the page is, as soon as it is, and at the first start how to sign in."""

    def __init__(self, config: uvicorn.Config, url: str, first_start: Callable[[], str | None]) -> None:
        super().__init__(config)
        self.url, self.first_start = url, first_start

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            print(f"The page is at {self.url} (Ctrl-C ends it).", flush=True)
            if password := self.first_start():
                print(f"Staff sign in at {self.url}staff/ as admin; one-time password, shown only now: {password}", flush=True)


def _listen(host: str, port: int) -> socket.socket:
    """Take the address, so that nobody else can while the models load.

    Raises:
        AddressError: it is taken, or not this machine's.
    """
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        return socket.create_server((host, port), family=family)
    except OSError as error:
        reason = str(error.strerror or error).partition(" (")[0]
        raise AddressError(
            f"The page cannot listen on {host}:{port}: {reason}. "
            "Stop the program that does, or set FRONTDESK_PORT (and FRONTDESK_HOST) to a free address of this machine."
        ) from error


def _shown(host: str) -> str:
    """The host as a browser on this machine reaches it."""
    if host in {"0.0.0.0", "::", ""}:  # noqa: S104 - compared, not bound
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host


def _is_news(record: logging.LogRecord) -> bool:
    """Not that a page was still listening when the server ended."""
    return (
        not (record.exc_info and isinstance(record.exc_info[1], asyncio.CancelledError)) and "graceful shutdown" not in record.getMessage()
    )


def _stop(_signal: int, _frame: types.FrameType | None) -> None:
    sys.exit(0)  # uvicorn raises the signal again once it has shut down


if __name__ == "__main__":
    sys.exit(main())
