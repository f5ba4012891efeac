"""The service's own log: for people or as JSON, each line with the id of the request it belongs to; never with what customers write."""

import logging
import sys
from typing import Literal

from pythonjsonlogger.json import JsonFormatter

from ui.request_guard import request_id

OURS = ("agent", "knowledge_base", "training", "ui")  # other packages tell at most warnings
TEXT = "%(asctime)s %(levelname)s %(name)s [%(request_id)s] %(message)s"
JSON = "%(asctime)s %(levelname)s %(name)s %(request_id)s %(message)s"
RENAMED = {"asctime": "time", "levelname": "level", "name": "logger"}


def set_up_logs(style: Literal["text", "json"], level: str) -> None:
    """Have all packages log to the error output.

    Args:
        style: for people, or one JSON document a line.
        level: the least that our own packages tell, e.g. ``info``.
    """
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(JSON, rename_fields=RENAMED) if style == "json" else logging.Formatter(TEXT))
    handler.addFilter(_name_request)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    logging.captureWarnings(capture=True)  # Python's own, of other packages
    for name in OURS:
        logging.getLogger(name).setLevel(level.upper())


def _name_request(record: logging.LogRecord) -> bool:
    """Add the id of the request that a line belongs to."""
    record.request_id = request_id.get()
    return True
