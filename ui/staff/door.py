"""Signing in and out, and choosing a password: plain forms, and the session's cookie."""

from pathlib import Path
from typing import Annotated

import jinja2
from fastapi import APIRouter, Depends, Form, HTTPException, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from ui.access.roles import Permission
from ui.access.staff import SESSION, Staff, StaffAccounts
from ui.api.caller import Built
from ui.errors import AccessError
from ui.page_language import page_language
from ui.texts import say

COOKIE = "frontdesk_staff"
SIGN_IN, PASSWORD, HOME = "/staff/sign-in", "/staff/password", "/staff/"
# What staff work on: a page's name and who may see it, by path.
PAGES = {
    "/staff/inbox/": ("inbox", Permission.ANSWER),
    "/staff/faq/": ("faq", Permission.CURATE),
    "/staff/review/": ("review", Permission.TRAIN),
    "/staff/insights/": ("insights", Permission.READ),
}
TEMPLATE = jinja2.Environment(autoescape=True, undefined=jinja2.StrictUndefined).from_string(
    Path(__file__).with_name("form.html.jinja").read_text(encoding="utf-8")
)

router = APIRouter(prefix="/staff", include_in_schema=False)


def signed_in(request: Request, accounts: StaffAccounts) -> Staff | None:
    """Who a request comes from, None for nobody."""
    token = request.cookies.get(COOKIE)
    return accounts.by_session(token) if token else None


def same_origin(request: Request) -> None:
    """Refuse what a page of another origin sends with this browser's cookie.

    Raises:
        HTTPException: 403, it does.
    """
    origin = request.headers.get("origin")
    if origin and origin.partition("://")[2] != request.headers.get("host"):
        raise HTTPException(403, "This form was sent from another site.")


def only(permission: Permission, accounts: StaffAccounts, request: Request) -> str:
    """The name of who works here and may do that; everybody else is shown the door. For the pages that are mounted.

    Raises:
        HTTPException: 303 to the sign-in, 403 where the role is not enough.
    """
    staff = signed_in(request, accounts)
    if staff is None or staff.must_change:
        raise HTTPException(303, headers={"Location": PASSWORD if staff else SIGN_IN})
    same_origin(request)
    if not staff.may(permission):
        raise HTTPException(403, f"{staff.name} may not do that: the role {staff.role} does not include it.")
    return staff.name


@router.get("/")
def home(request: Request, built: Built) -> Response:
    """Where work begins: the first page that somebody may see."""
    staff = signed_in(request, built.staff)
    if staff is None or staff.must_change:
        return RedirectResponse(PASSWORD if staff else SIGN_IN, 303)
    pages = [path for path, (_, permission) in PAGES.items() if staff.may(permission)]
    return RedirectResponse(pages[0] if pages else next(iter(PAGES)), 303)


@router.get("/sign-in")
def sign_in_form(request: Request, built: Built) -> Response:
    """The form; who is signed in already goes on."""
    return RedirectResponse(HOME, 303) if signed_in(request, built.staff) else _form(request, "sign_in")


@router.post("/sign-in", dependencies=[Depends(same_origin)])
def sign_in(
    request: Request, built: Built, name: Annotated[str, Form(max_length=64)], password: Annotated[str, Form(max_length=200)]
) -> Response:
    """Begin a session."""
    built.limits.take("sign-in", request.client.host if request.client else "")
    built.limits.take("sign-in", f"name {name}")
    token = built.staff.sign_in(name, password)
    if token is None:
        return _form(request, "sign_in", "wrong", 401)
    response = RedirectResponse(HOME, 303)
    response.set_cookie(
        COOKIE, token, int(SESSION.total_seconds()), path="/staff", secure=request.url.scheme == "https", httponly=True, samesite="lax"
    )
    return response


@router.get("/password")
def password_form(request: Request, built: Built) -> Response:
    """The form."""
    return _form(request, "password") if signed_in(request, built.staff) else RedirectResponse(SIGN_IN, 303)


@router.post("/password", dependencies=[Depends(same_origin)])
def set_password(
    request: Request, built: Built, old: Annotated[str, Form(max_length=200)], new: Annotated[str, Form(max_length=200)]
) -> Response:
    """Choose a password; then sign in with it."""
    staff = signed_in(request, built.staff)
    if staff is None:
        return RedirectResponse(SIGN_IN, 303)
    built.limits.take("sign-in", f"name {staff.name}")
    try:
        built.staff.set_password(staff.name, old, new)
    except AccessError as error:
        return _form(request, "password", str(error), 400)
    return RedirectResponse(SIGN_IN, 303)


@router.post("/sign-out", dependencies=[Depends(same_origin)])
def sign_out(request: Request, built: Built) -> Response:
    """End the session."""
    built.staff.sign_out(request.cookies.get(COOKIE, ""))
    response = RedirectResponse(SIGN_IN, 303)
    response.delete_cookie(COOKIE, path="/staff")
    return response


def _form(request: Request, kind: str, problem: str = "", status: int = 200) -> HTMLResponse:
    language = page_language(request.headers.get("accept-language", ""))
    fields = {"sign_in": [("name", "text", "username"), ("password", "password", "current-password")]}.get(
        kind, [("old", "password", "current-password"), ("new", "password", "new-password")]
    )
    return HTMLResponse(
        TEMPLATE.render(
            language=language.code,
            title=say(f"staff_{kind}", language),
            fields=[(name, say(f"staff_{name}", language), sort, autocomplete) for name, sort, autocomplete in fields],
            send=say(f"staff_{kind}_send", language),
            hint=say("staff_password_hint", language) if kind == "password" else "",
            problem=say("staff_wrong", language) if problem == "wrong" else problem,
        ),
        status,
    )
