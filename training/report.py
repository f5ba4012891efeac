"""An evaluation as a page that a curator reads, and as a document beside it."""

import json
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from agent.release import Release
from knowledge_base.errors import SettingsError, StorageError
from training.evaluation import Judged
from training.plots import confusion_matrix, reliability, scope_scores

PAGE, DOCUMENT = "report.html", "report.json"
MARK = '<meta name="generator" content="python -m training evaluate">'  # tells a former report from a folder of somebody's own


def check_place(folder: Path) -> None:
    """Refuse a place for a report where something else stands.

    Raises:
        SettingsError: the folder exists, and is neither empty nor a former report.
    """
    if not folder.exists():
        return
    names = {path.name for path in folder.iterdir()} if folder.is_dir() else {""}
    is_report = names == {PAGE, DOCUMENT} and MARK in (folder / PAGE).read_text(encoding="utf-8", errors="replace")
    if names and not is_report:
        raise SettingsError(f"{folder} exists and is no former report; it is never overwritten. Name a new folder.")


def write_report(folder: Path, release: Release, figures: dict[str, Any], judged: Sequence[Judged]) -> None:
    """Write ``report.html`` and ``report.json``; they come into place together, never half written.

    Args:
        folder: where; a former report there is replaced.
        release: that was judged.
        figures: as the command prints them.
        judged: what the plots show.

    Raises:
        SettingsError: something else stands there.
        StorageError: the disk refuses.
    """
    check_place(folder)
    page = render(release, figures, judged)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=f".{folder.name}.", dir=folder.parent) as beside:
            part, former = Path(beside) / "new", Path(beside) / "former"
            part.mkdir()
            (part / PAGE).write_text(page, encoding="utf-8")
            (part / DOCUMENT).write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
            if folder.exists():
                folder.rename(former)
            part.rename(folder)
    except OSError as error:
        raise StorageError(f"The report {folder} cannot be written: {error}. Check permissions and free space.") from error


def render(release: Release, figures: dict[str, Any], judged: Sequence[Judged]) -> str:
    """The page; texts in it are escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["percent"] = percent
    with_support = [(name, row) for name, row in figures["by_intent"].items() if row["support"]]
    return environment.get_template("report_template.html.jinja").render(
        mark=MARK,
        release=release,
        figures=figures,
        intents=sorted(with_support, key=lambda item: item[1]["f1"]),
        confusion=confusion_matrix(judged),
        reliability=reliability(judged),
        scope=scope_scores(judged) if figures["out_of_scope"] else None,
    )


def percent(value: float | None) -> str:
    """A fraction as people read it, never broken over two lines."""
    return "none" if value is None else f"{value * 100:.1f}\N{NO-BREAK SPACE}%"
