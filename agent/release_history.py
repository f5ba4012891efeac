"""What was in service when: one line for each promotion and rollback."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from agent.errors import ReleaseError

Action = Literal["init", "promote", "rollback"]


@dataclass(frozen=True)
class Change:
    """Another release came into service.

    Attributes:
        time: UTC, ISO 8601.
        release: the id of the one that came.
        before: the id of the one that went, None for the first.
        action: why.
        reason: why the gate was overridden, where it was.
        gate: the figures that it was promoted on, where there were some.
    """

    time: str
    release: str
    before: str | None
    action: Action
    reason: str | None = None
    gate: Mapping[str, Any] | None = None

    def to_json(self) -> str:
        """The line in the history."""
        row = {"time": self.time, "release": self.release, "from": self.before, "action": self.action}
        return json.dumps(row | {"reason": self.reason, "gate": self.gate}, ensure_ascii=False)


def read_history(path: Path) -> list[Change]:
    """Read every line, oldest first; none where there is no file, as in data directories of earlier versions.

    Raises:
        ReleaseError: the file or a line cannot be read.
    """
    if not path.exists():
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise ReleaseError(f"{path}, the history of releases, cannot be read: {error}.") from error
    return [_read_line(line, f"{path}:{number}") for number, line in enumerate(lines, start=1)]


def that_happened(changes: Sequence[Change], current: str) -> list[Change]:
    """Leave out the changes that did not come about, because the process died between writing the line and moving the pointer.

    Args:
        changes: every line, oldest first.
        current: the release that the pointer names. The pointer is the truth.

    Returns:
        Those after which their release was in service: the next change, or the pointer, starts from it.
    """
    after = [*(change.before for change in changes[1:]), current]
    return [change for change, found in zip(changes, after, strict=True) if change.release == found] if changes else []


def served_before(changes: Sequence[Change], current: str) -> str | None:
    """The release that a rollback leads to, None where there is none: rolling back twice goes two releases back.

    Args:
        changes: those that happened, oldest first.
        current: the release in service.
    """
    stack: list[str] = []
    for change in changes:
        if not stack and change.before:
            stack.append(change.before)
        if change.action == "rollback":
            stack.pop()
        else:
            stack.append(change.release)
    if stack[-1:] != [current]:  # moved by hand
        stack.append(current)
    return stack[-2] if len(stack) > 1 else None


def periods(changes: Sequence[Change], release: str) -> list[tuple[str, str | None]]:
    """When a release was in service: from and until, None for until now."""
    times = [*(change.time for change in changes), None]
    return [(start, end) for change, (start, end) in zip(changes, pairwise(times), strict=True) if start and change.release == release]


def _read_line(line: str, place: str) -> Change:
    try:
        row = json.loads(line)
        return Change(row["time"], row["release"], row["from"], row["action"], row["reason"], row["gate"])
    except (ValueError, KeyError, TypeError) as error:
        raise ReleaseError(f"{place}: this is no line of a history of releases ({type(error).__name__}: {error}).") from error
