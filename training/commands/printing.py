"""How commands print."""

import json
import sys
from typing import Any


def say(text: str) -> None:
    """Print for a person."""
    sys.stdout.write(text + "\n")


def print_document(document: Any, *, indented: bool = False) -> None:
    """Print one JSON document."""
    say(json.dumps(document, indent=1 if indented else None, ensure_ascii=False))
