"""Where a list goes on: opaque to who passes it back."""

import base64

from fastapi import HTTPException


def cursor_of(place: str) -> str:
    """A cursor for a place in a list.

    >>> read_cursor(cursor_of("17"))
    '17'
    """
    return base64.urlsafe_b64encode(place.encode()).decode().rstrip("=")


def read_cursor(cursor: str) -> str:
    """The place that a cursor stands for.

    Raises:
        HTTPException: 400, it is none.
    """
    try:
        place = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode("ascii")
    except ValueError:
        place = ""
    if not place.isalnum():
        raise HTTPException(400, "The cursor is none of this list.")
    return place
