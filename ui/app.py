"""The server: the chat page, and whether it is alive."""

import logging
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import gradio as gr
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from agent.agent import CustomerServiceAgent
from agent.release_follower import ReleaseFollower
from ui.browser_guard import BrowserGuard
from ui.chat import ChatPage

logger = logging.getLogger(__name__)

REFRESH_S = 2.0
STYLE = Path(__file__).parent / "chat.css"
ICON = Path(__file__).parent / "icon.svg"
FONTS = ("system-ui", "-apple-system", "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif")


def create_app(agent: CustomerServiceAgent, follower: ReleaseFollower | None = None, *, staff_panel: bool, secret: str) -> FastAPI:
    """Build the server around an agent.

    Args:
        agent: answers; it stays open when the server stops.
        follower: has it serve with what is promoted; None where it is to keep its release.
        staff_panel: shows why each reply is what it is beside the chat; not for customers.
        secret: see `ChatPage`.

    Example:
        >>> uvicorn.run(create_app(open_agent(settings), staff_panel=False, secret="..."))
    """
    page = ChatPage(agent, staff_panel=staff_panel, secret=secret)
    page.blocks.queue(default_concurrency_limit=32, api_open=False)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        stop = threading.Event()
        thread = threading.Thread(target=_keep_fresh, args=(agent, follower, stop), name="refresh", daemon=True)
        thread.start()
        yield
        stop.set()
        thread.join(timeout=10)

    app = FastAPI(lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(CORSMiddleware, allow_origins=[])  # without it, Gradio reflects any origin
    app.add_middleware(BrowserGuard)

    @app.get("/health")
    def health() -> dict[str, str]:
        """Tell a monitor that the server answers."""
        return {"status": "ok"}

    gr.mount_gradio_app(
        app,
        page.blocks,
        path="/",
        app_kwargs={"openapi_url": None},
        theme=gr.themes.Base(primary_hue="teal", neutral_hue="slate", font=FONTS, font_mono=("ui-monospace", "Consolas", "monospace")),
        css_paths=STYLE,
        favicon_path=str(ICON),
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        max_file_size=1,  # nothing is uploaded here
    )
    return app


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
