"""The server: one ASGI application, the API with the chat page mounted on it."""

import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import gradio as gr
from fastapi import FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware

from agent.agent import CustomerServiceAgent
from agent.handover.webhooks import WebhookSender
from agent.release_follower import ReleaseFollower
from ui.access.roles import Permission
from ui.api.routes import add_api
from ui.browser_guard import BrowserGuard
from ui.chat import ChatPage
from ui.request_guard import RequestGuard
from ui.services import Services
from ui.site_cors import SiteCORS
from ui.staff import door
from ui.staff.inbox import InboxPage

logger = logging.getLogger(__name__)

REFRESH_S = 2.0
TELL_S = 1.0
SUMMARY = "A customer-service agent that answers from your FAQ, and says so when it does not know."
STYLE = Path(__file__).parent / "chat.css"
INBOX_STYLE = Path(__file__).parent / "staff" / "inbox.css"
ICON = Path(__file__).parent / "icon.svg"
FONTS = ("system-ui", "-apple-system", "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif")


def create_app(services: Services, follower: ReleaseFollower | None = None) -> FastAPI:
    """Build the server: the API, and the page mounted on it.

    Args:
        services: what it is built from; they stay open when the server stops.
        follower: has the agent serve with what is promoted; None where it is to keep its release.

    Example:
        >>> uvicorn.run(create_app(Services.of(agent, directory, settings)))
    """
    agent = services.agent

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stop = threading.Event()
        threads = [threading.Thread(target=_keep_fresh, args=(agent, follower, stop), name="refresh", daemon=True)]
        if services.webhook:
            threads.append(threading.Thread(target=_tell, args=(services.webhook, stop), name="webhook", daemon=True))
        for thread in threads:
            thread.start()
        async with services.feed.running():
            yield
        stop.set()
        for thread in threads:
            thread.join(timeout=10)

    app = FastAPI(lifespan=lifespan, title="Frontdesk", version="1", summary=SUMMARY, docs_url=None, redoc_url=None)
    app.add_middleware(CORSMiddleware, allow_origins=[])  # without it, Gradio reflects any origin
    app.add_middleware(SiteCORS, sites=services.sites)
    app.add_middleware(BrowserGuard)
    app.add_middleware(RequestGuard)
    add_api(app, services)
    app.include_router(door.router)
    inbox = InboxPage(agent, services.contacts)
    _mount(app, inbox.blocks, "/staff/inbox", INBOX_STYLE, partial(door.only, Permission.ANSWER, services.staff))
    page = ChatPage(agent, services.contacts, staff_panel=services.staff_panel, secret=services.browser_secret)
    _mount(app, page.blocks, "/", STYLE)
    return app


def _mount(app: FastAPI, blocks: gr.Blocks, path: str, style: Path, who: Callable[[Request], str] | None = None) -> None:
    """Put a page on the application; `who` names the person a request comes from, or refuses it."""
    blocks.queue(default_concurrency_limit=32, api_open=False)
    gr.mount_gradio_app(
        app,
        blocks,
        path=path,
        app_kwargs={"openapi_url": None},
        auth_dependency=who,
        theme=gr.themes.Base(primary_hue="teal", neutral_hue="slate", font=FONTS, font_mono=("ui-monospace", "Consolas", "monospace")),
        css_paths=style,
        favicon_path=str(ICON) if path == "/" else None,
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        max_file_size=1,  # nothing is uploaded here
    )


def _keep_fresh(agent: CustomerServiceAgent, follower: ReleaseFollower | None, stop: threading.Event) -> None:
    """Take in what other commands change: the FAQ, and the release in service. One thread does both: each may change the index."""
    while not stop.wait(REFRESH_S):
        try:
            changed = agent.retriever.index.refresh()
            if changed:
                logger.info("%d changed FAQ entries are in service.", changed)
        except Exception:
            logger.exception("The FAQ's changes could not be taken in; it is tried again in %.0f seconds.", REFRESH_S)
        try:
            if follower:
                follower.follow()
        except Exception:
            logger.exception("Whether another release was promoted could not be found out; it is tried again.")


def _tell(webhook: WebhookSender, stop: threading.Event) -> None:
    """Tell another program of who answers."""
    while not stop.wait(TELL_S):
        try:
            webhook.send_pending()
        except Exception:
            logger.exception("The webhook could not be told; it is tried again.")
    webhook.close()
