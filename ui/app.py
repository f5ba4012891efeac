"""The server: one ASGI application, the API with the chat page mounted on it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import gradio as gr
from fastapi import Depends, FastAPI, Request
from fastapi.middleware.cors import CORSMiddleware

from agent.release_follower import ReleaseFollower
from ui.access.roles import Permission
from ui.api.routes import add_api
from ui.background import Background
from ui.browser_guard import BrowserGuard
from ui.chat import ChatPage
from ui.request_guard import RequestGuard
from ui.services import Services
from ui.site_cors import SiteCORS
from ui.staff import door
from ui.staff.inbox import InboxPage

SUMMARY = "A customer-service agent that answers from your FAQ, and says so when it does not know."
STYLE = Path(__file__).parent / "chat.css"
INBOX_STYLE = Path(__file__).parent / "staff" / "inbox.css"
ICON = Path(__file__).parent / "icon.svg"
FONTS = ("system-ui", "-apple-system", "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif")


def create_app(services: Services, follower: ReleaseFollower | None = None, *, pages: bool = True) -> FastAPI:
    """Build the server: the API, and the pages mounted on it.

    Args:
        services: what it is built from; they stay open when the server stops.
        follower: has the agent serve with what is promoted; None where it is to keep its release.
        pages: whether it has the pages, too; what a browser's page asks has to reach one and the same process.

    Example:
        >>> uvicorn.run(create_app(Services.of(agent, directory, settings)))
    """
    agent = services.agent

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        """Work in the background while requests are taken."""
        with Background(services, follower).running():
            async with services.feed.running():
                yield

    app = FastAPI(lifespan=lifespan, title="Frontdesk", version="1", summary=SUMMARY, docs_url=None, redoc_url=None)
    app.add_middleware(CORSMiddleware, allow_origins=[])  # without it, Gradio reflects any origin
    app.add_middleware(SiteCORS, sites=services.sites)
    app.add_middleware(BrowserGuard)
    app.add_middleware(RequestGuard)
    add_api(app, services)
    if not pages:
        return app
    app.include_router(door.router)
    inbox = InboxPage(agent, services.contacts)
    _mount(app, inbox.blocks, "/staff/inbox", INBOX_STYLE, partial(door.only, Permission.ANSWER, services.staff))
    if services.public_chat:
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
        # Gradio itself asks who somebody is at some of its routes only.
        app_kwargs={"openapi_url": None, "dependencies": [Depends(who)] if who else []},
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
