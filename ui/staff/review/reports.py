"""The reports of the learning loop's runs, for who may train."""

from typing import Annotated

from fastapi import APIRouter, Depends, Header, HTTPException, Request
from fastapi.responses import HTMLResponse

from training.loop.report import report_page
from ui.access.roles import Permission
from ui.api.caller import Built
from ui.page_language import page_language
from ui.staff.door import only

router = APIRouter(prefix="/staff/reports", include_in_schema=False)


def trainer(request: Request, built: Built) -> str:
    """Who asks, if they may train."""
    return only(Permission.TRAIN, built.staff, request)


@router.get("/loop-{run_id}")
def report(
    run_id: int, built: Built, _who: Annotated[str, Depends(trainer)], accept_language: Annotated[str, Header()] = ""
) -> HTMLResponse:
    """A run's report, in the browser's language."""
    page = report_page(built.learning.directory.reports, run_id, page_language(accept_language).code)
    if not page.is_file():
        raise HTTPException(404, f"Run {run_id} has no report.")
    return HTMLResponse(page.read_text(encoding="utf-8"))
