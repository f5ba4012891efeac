"""What every page has in common, and how it is put on the application."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr
from fastapi import Depends, FastAPI, Request

PRIVATE: dict[str, Any] = {"api_visibility": "private", "show_progress": "hidden"}  # of every event
STYLE = Path(__file__).with_name("page.css")
SCRIPT = Path(__file__).with_name("page.js").read_text(encoding="utf-8")
ICON = Path(__file__).with_name("icon.svg")
FONTS = ("system-ui", "-apple-system", "Segoe UI", "PingFang SC", "Microsoft YaHei", "Noto Sans CJK SC", "sans-serif")


def mount_page(
    app: FastAPI,
    blocks: gr.Blocks,
    path: str,
    styles: Sequence[Path],
    who: Callable[[Request], str] | None = None,
    *,
    largest_file: int = 1,
) -> None:
    """Put a page on the application.

    Args:
        app: gets it.
        blocks: the page.
        path: where it stands.
        styles: its style sheets, after those of every page.
        who: names the person a request comes from, or refuses it; None where everybody may see it.
        largest_file: in bytes; on most pages nothing is uploaded.
    """
    blocks.queue(default_concurrency_limit=32, api_open=False)
    gr.mount_gradio_app(
        app,
        blocks,
        path=path,
        # Gradio itself asks who somebody is at some of its routes only.
        app_kwargs={"openapi_url": None, "dependencies": [Depends(who)] if who else []},
        auth_dependency=who,
        theme=gr.themes.Base(primary_hue="teal", neutral_hue="slate", font=FONTS, font_mono=("ui-monospace", "Consolas", "monospace")),
        css_paths=[STYLE, *styles],
        head=f"<script>{SCRIPT}</script>",
        favicon_path=str(ICON) if path == "/" else None,
        footer_links=[],
        run_history=False,
        show_error=False,
        enable_monitoring=False,
        max_file_size=largest_file,
    )
