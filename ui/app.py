"""The server: one ASGI application, the API with the chat page mounted on it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware

from agent.release_follower import ReleaseFollower
from ui.access.roles import Permission
from ui.api.routes import add_api
from ui.background import Background
from ui.browser_guard import BrowserGuard
from ui.chat import ChatPage
from ui.embedding import add_embedding
from ui.pages import mount_page
from ui.request_guard import LARGEST_FILE, RequestGuard
from ui.services import Services
from ui.site_cors import SiteCORS
from ui.staff import door
from ui.staff.curation import downloads
from ui.staff.curation.page import CurationPage
from ui.staff.inbox import InboxPage
from ui.staff.insights.page import InsightsPage
from ui.staff.navigation import Navigation
from ui.staff.review import reports
from ui.staff.review.page import ReviewPage

SUMMARY = "A customer-service agent that answers from your FAQ, and says so when it does not know."
STYLE = Path(__file__).parent / "chat.css"
STAFF = Path(__file__).parent / "staff"
STAFF_STYLE, INBOX_STYLE = STAFF / "staff.css", STAFF / "inbox.css"
DESK_STYLES = [STAFF_STYLE, STAFF / "desk.css", STAFF / "tables.css"]
CURATION_STYLES = [*DESK_STYLES, STAFF / "curation" / "curation.css", STAFF / "curation" / "editor.css"]
REVIEW_STYLES = [*DESK_STYLES, STAFF / "review" / "review.css"]
INSIGHTS_STYLES = [*DESK_STYLES, STAFF / "insights" / "insights.css"]


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
    app.add_middleware(RequestGuard, uploads="/staff/faq/gradio_api/upload" if pages else None)
    add_embedding(app)
    add_api(app, services)
    if not pages:
        return app
    app.include_router(door.router)
    app.include_router(downloads.router)
    app.include_router(reports.router)
    inbox = InboxPage(agent, services.contacts, Navigation(services.staff, "/staff/inbox/"))
    may_answer, may_curate = (partial(door.only, permission, services.staff) for permission in (Permission.ANSWER, Permission.CURATE))
    mount_page(app, inbox.blocks, "/staff/inbox", [STAFF_STYLE, INBOX_STYLE], may_answer)
    curation = CurationPage(services, Navigation(services.staff, "/staff/faq/"))
    mount_page(app, curation.blocks, "/staff/faq", CURATION_STYLES, may_curate, largest_file=LARGEST_FILE)
    review = ReviewPage(services, Navigation(services.staff, "/staff/review/"))
    mount_page(app, review.blocks, "/staff/review", REVIEW_STYLES, partial(door.only, Permission.TRAIN, services.staff))
    insights = InsightsPage(agent, Navigation(services.staff, "/staff/insights/"))
    mount_page(app, insights.blocks, "/staff/insights", INSIGHTS_STYLES, partial(door.only, Permission.READ, services.staff))
    if services.public_chat:
        page = ChatPage(agent, services.contacts, services.examples, staff_panel=services.staff_panel, secret=services.browser_secret)
        mount_page(app, page.blocks, "/", [STYLE])
    return app
