"""Errors as ``application/problem+json`` (RFC 9457)."""

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

from agent.errors import BusyError, ErasedError, HandOverError
from knowledge_base.errors import FrontdeskError
from ui.errors import AccessError, IdentityError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
STATUS: Mapping[type[FrontdeskError], int] = {AccessError: 400, IdentityError: 401, HandOverError: 409, ErasedError: 410, BusyError: 503}


class Problem(BaseModel):
    """What was wrong with a request, or here."""

    type: Annotated[str, Field(description="`about:blank`: the status says what kind of problem it is.")] = "about:blank"
    title: Annotated[str, Field(description="The status in words.", examples=["Not Found"])]
    status: Annotated[int, Field(examples=[404])]
    detail: Annotated[str, Field(description="What is wrong, and what to do.", examples=["There is no such conversation."])]
    errors: Annotated[list[dict[str, Any]], Field(description="For 422: each place that is wrong (`loc`), and why (`msg`).")] = []
    message: Annotated[str, Field(description="`detail` once more, where OpenAI's clients look for it.")]


def responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documentation of problems that a route may answer with; 400, 401, 422, 429 and 503 may always come."""
    return {
        status: {"description": HTTPStatus(status).phrase, "content": {MEDIA_TYPE: {"schema": Problem.model_json_schema()}}}
        for status in sorted({400, 401, 422, 429, 503, *statuses})
    }


def problem(status: int, detail: str, errors: Sequence[Mapping[str, Any]] = (), headers: Mapping[str, str] | None = None) -> JSONResponse:
    """A problem as a response."""
    return JSONResponse(problem_document(status, detail, errors), status, headers, MEDIA_TYPE)


def problem_document(status: int, detail: str, errors: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """A problem as JSON."""
    title = HTTPStatus(status).phrase
    return Problem(title=title, status=status, detail=detail, errors=[dict(error) for error in errors], message=detail).model_dump()


def add_handlers(app: FastAPI) -> None:
    """Have every error of an app's routes answered as a problem."""

    @app.exception_handler(HTTPException)
    def refused(_request: Request, error: HTTPException) -> JSONResponse:
        """A refusal."""
        return problem(error.status_code, str(error.detail), headers=error.headers)

    @app.exception_handler(RequestValidationError)
    def invalid(_request: Request, error: RequestValidationError) -> JSONResponse:
        """A request that does not fit the schema; what was sent is not repeated."""
        errors = [{"loc": [str(part) for part in one["loc"]], "msg": one["msg"]} for one in error.errors()]
        return problem(422, "The request does not fit the schema; `errors` names what.", errors)

    @app.exception_handler(FrontdeskError)
    def known(_request: Request, error: FrontdeskError) -> JSONResponse:
        """An error of ours."""
        status = next((status for kind, status in STATUS.items() if isinstance(error, kind)), 503)
        if status == 503 and not isinstance(error, BusyError):
            logger.error("A request failed: %s", error)
            return problem(503, "The service cannot do that now. Try again soon.", headers={"Retry-After": "5"})
        return problem(status, str(error), headers={"Retry-After": "2"} if status == 503 else None)
