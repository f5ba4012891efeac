"""What customers are told, as a file to take along."""

import io
from typing import Annotated, Any

from fastapi import APIRouter, Depends, HTTPException, Request
from fastapi.responses import Response

from knowledge_base.errors import EntryError
from knowledge_base.importing.exporting import ExportFormat, write_entries
from ui.access.roles import Permission
from ui.api.caller import Built
from ui.staff.door import only

MEDIA_TYPES: dict[Any, str] = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json",
    "yaml": "application/yaml",
}

router = APIRouter(prefix="/staff/export", include_in_schema=False)


def curator(request: Request, built: Built) -> str:
    """Who asks, if they may change the FAQ."""
    return only(Permission.CURATE, built.staff, request)


@router.get("/faq.{file_format}")
def download(file_format: ExportFormat, built: Built, _who: Annotated[str, Depends(curator)]) -> Response:
    """Every entry that is published."""
    stream = io.BytesIO()
    try:
        write_entries(built.agent.retriever.index.repository.all(), stream, file_format)
    except EntryError as error:
        raise HTTPException(409, str(error)) from None
    headers = {"Content-Disposition": f'attachment; filename="faq.{file_format}"'}
    return Response(stream.getvalue(), media_type=MEDIA_TYPES[file_format], headers=headers)


def links() -> str:
    """HTML that leads to each format."""
    return "".join(f'<a class="download" href="/staff/export/faq.{name}" download>{name.upper()}</a>' for name in MEDIA_TYPES)
