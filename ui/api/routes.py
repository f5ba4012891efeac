"""Puts the API's routes on an application."""

from collections import defaultdict

from fastapi import FastAPI
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ui.api import chat_completions, conversations, customers, faq, hand_over, operation, widget
from ui.api.problems import add_handlers, problem
from ui.services import Services


def add_api(app: FastAPI, services: Services) -> None:
    """Add all routes, and answer their errors as problems.

    Args:
        app: the application.
        services: what they need.
    """
    app.state.services = services
    add_handlers(app)
    for part in (customers, conversations, hand_over, chat_completions, faq, widget, operation):
        app.include_router(part.router)
    # The page is mounted on everything else; what is none of these is not its business.
    allowed: dict[str, list[str]] = defaultdict(list)
    for path, methods in app.openapi()["paths"].items():
        allowed[path] += [method.upper() for method in methods]
    for path, methods in allowed.items():
        app.router.routes.append(Route(path, _OtherMethods(methods), include_in_schema=False))
    app.router.routes.append(Route("/v1/{path:path}", _Unknown(), include_in_schema=False))


class _OtherMethods:
    """Says what may be done at a path."""

    def __init__(self, methods: list[str]) -> None:
        self.methods = ", ".join(sorted(methods))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await problem(405, f"Only {self.methods} can be done there.", headers={"Allow": self.methods})(scope, receive, send)


class _Unknown:
    """Says that there is nothing at a path."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await problem(404, f"There is no {scope['path']}. See /openapi.json for what there is.")(scope, receive, send)
