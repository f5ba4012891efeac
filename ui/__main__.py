"""``python -m ui``: serves the chat page and the API from the settings; ``python -m ui sites ...`` and others are for its operator."""

import argparse
import asyncio
import logging
import signal
import socket
import sys
import types
from typing import TYPE_CHECKING

from agent.settings import Settings, read_settings
from knowledge_base.errors import FrontdeskError
from knowledge_base.progress import Progress, bar, silent
from ui.commands import add_commands, run_command
from ui.errors import AddressError
from ui.logs import set_up_logs

if TYPE_CHECKING:
    from ui.access.staff import StaffAccounts


def main(arguments: list[str] | None = None) -> int:
    """Serve until interrupted, or run a command. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ui", description="Serves the chat page and the API; without a command it does that.")
    parser.add_argument("--listener", type=int, help=argparse.SUPPRESS)  # of a worker: the socket that it was given
    add_commands(parser)
    options = parser.parse_args(arguments)
    try:
        if options.command == "portal":
            _show_portal(options)
            return 0
        if options.command:
            print(run_command(options, read_settings()))
            return 0
        settings = read_settings()
        set_up_logs(settings.log_format, settings.log_level)
        logging.getLogger("uvicorn.error").addFilter(_is_news)
        signal.signal(signal.SIGTERM, _stop)
        signal.signal(signal.SIGINT, _stop)
        if options.listener is None:
            _serve(settings)
        else:
            from ui.workers import end_with_parent

            end_with_parent()
            _work(settings, socket.socket(fileno=options.listener), None)
    except FrontdeskError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    return 0


def _serve(settings: Settings) -> None:
    with _listen(settings.host, settings.port) as listener:  # before what takes seconds: the imports and the models
        url = f"http://{_shown(settings.host)}:{listener.getsockname()[1]}/"
        if settings.workers == 1:
            _work(settings, listener, url)
            return
        from ui.workers import Workers

        _prepare(settings, url)
        Workers(settings.workers, listener).run()


def _show_portal(options: argparse.Namespace) -> None:
    import uvicorn

    from ui.portal.app import Portal

    with _listen("127.0.0.1", options.port) as listener:
        print(f"The portal is at http://127.0.0.1:{listener.getsockname()[1]}/ (Ctrl-C ends it).", flush=True)
        app = Portal(options.server, options.site, options.signing_secret).app
        uvicorn.Server(uvicorn.Config(app, log_level="warning")).run(sockets=[listener])


def _work(settings: Settings, listener: socket.socket, url: str | None) -> None:
    """Serve in this process.

    Args:
        settings: all of them.
        listener: the socket that requests come in by.
        url: of the pages; None for one of several processes, which serve the API only.
    """
    from agent.assembly import data_directory, open_agent
    from agent.release_follower import ReleaseFollower
    from agent.release_loader import ReleaseLoader
    from ui.app import create_app
    from ui.server import Server
    from ui.services import Services

    agent = open_agent(settings, _progress(settings), service=True)
    try:
        directory = data_directory(settings)
        follower = ReleaseFollower(agent, directory, ReleaseLoader(settings.encoder, directory.cache))
        services = Services.of(agent, directory, settings)
        app = create_app(services, follower, pages=url is not None)
        server = Server(app, services, lambda: _say_where(url, services.staff) if url else None, settings.trusted_proxies)
        server.run(sockets=[listener])
    finally:
        agent.retriever.index.close()
        agent.log.database.close()


def _prepare(settings: Settings, url: str) -> None:
    """Do once what the workers need, and say where they are."""
    from agent.assembly import open_agent
    from ui.access.staff import StaffAccounts

    agent = open_agent(settings, _progress(settings))
    _say_where(url, StaffAccounts(agent.log.database))
    print(f"{settings.workers} workers serve the API. For the pages, start another service with FRONTDESK_WORKERS=1 and another port.")
    agent.retriever.index.close()
    agent.log.database.close()


def _progress(settings: Settings) -> Progress:
    """A bar for people; in a log for programs it would be no document."""
    return bar if settings.log_format == "text" else silent


def _say_where(url: str, staff: "StaffAccounts") -> None:
    """Say where the service is, and at the first start how to sign in."""
    print(f"The page is at {url} (Ctrl-C ends it).", flush=True)
    if password := staff.first_start():
        print(f"Staff sign in at {url}staff/ as admin; one-time password, shown only now: {password}", flush=True)


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
