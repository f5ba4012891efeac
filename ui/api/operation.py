"""Whether the service is alive, ready, and how it does."""

import hmac
from typing import Annotated, Literal

from fastapi import APIRouter, Header, HTTPException, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel

from ui.api.caller import Built
from ui.api.problems import responses


class Health(BaseModel):
    """The service's state."""

    status: Literal["ok"] = "ok"


router = APIRouter(tags=["Operation"])


@router.get("/health", summary="Whether the server answers")
def health() -> Health:
    """For a supervisor: restart it where this fails."""
    return Health()


@router.get("/ready", responses=responses(), summary="Whether customers can be answered")
def ready(built: Built) -> Health:
    """For a load balancer: the database answers, and the index is open."""
    built.agent.retriever.index.repository.count()
    built.agent.retriever.index.keywords.count()
    return Health()


@router.get("/metrics", response_class=Response, responses=responses(404), summary="Prometheus metrics")
def metrics(built: Built, authorization: Annotated[str | None, Header()] = None) -> Response:
    """Open to who sends `FRONTDESK_METRICS_TOKEN` as a bearer token."""
    if built.metrics_token is None:
        raise HTTPException(404, "The metrics are closed. FRONTDESK_METRICS_TOKEN opens them.")
    if not hmac.compare_digest((authorization or "").encode(), f"Bearer {built.metrics_token}".encode()):
        raise HTTPException(401, "Send FRONTDESK_METRICS_TOKEN as a bearer token.", {"WWW-Authenticate": "Bearer"})
    return Response(generate_latest(), media_type=CONTENT_TYPE_LATEST)
