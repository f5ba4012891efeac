"""The line above staff's pages: where they may go, who they are, and the way out."""

from html import escape

import gradio as gr

from ui.access.staff import Staff, StaffAccounts
from ui.page_language import page_language
from ui.staff.door import PAGES, signed_in
from ui.texts import say


class Navigation:
    """The line.

    Args:
        accounts: know who may see which page.
        current: the page that it stands on.
    """

    def __init__(self, accounts: StaffAccounts, current: str) -> None:
        self.accounts, self.current = accounts, current

    def html(self, request: gr.Request) -> str:
        """The line for who asks."""
        staff = signed_in(request.request, self.accounts) if request.request else None
        return _html(staff, self.current, request.headers.get("accept-language", "")) if staff else ""


def _html(staff: Staff, current: str, accept_language: str) -> str:
    language = page_language(accept_language)
    links = "".join(_link(path, say(name, language), path == current) for path, (name, needed) in PAGES.items() if staff.may(needed))
    out = f'<button class="quiet">{escape(say("staff_sign_out", language))}</button>'
    return (
        f'<nav class="staff-pages"><span class="links">{links}</span><span>{escape(staff.name)}</span>'
        f'<form method="post" action="/staff/sign-out">{out}</form></nav>'
    )


def _link(path: str, name: str, is_here: bool) -> str:
    return f'<a href="{path}"{" aria-current=page" if is_here else ""}>{escape(name)}</a>'
