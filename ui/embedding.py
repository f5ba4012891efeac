"""The widget's and the clients' files, which pages of any origin may load."""

import os
from pathlib import Path

from starlette.applications import Starlette
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDERS = ("widget", "clients")
HEADERS = {
    "Access-Control-Allow-Origin": "*",  # scripts that are modules are loaded with CORS
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": "public, max-age=300",
}


def add_embedding(app: Starlette) -> None:
    """Serve ``/widget`` and ``/clients``."""
    for name in FOLDERS:
        app.mount(f"/{name}", _SharedFiles(directory=Path(__file__).parent / name))


class _SharedFiles(StaticFiles):
    """Files with what browsers want of a server that is not the page's own."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        """A file; nothing where the browser has it already."""
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers.update(HEADERS)
        return response
