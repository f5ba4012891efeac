"""The demonstration portal, and how a portal's server vouches for who is signed in."""

import time
from pathlib import Path

import jwt
from cryptography.fernet import Fernet, InvalidToken
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from ui.page_language import page_language
from ui.portal.texts import TEXTS
from ui.texts import in_script

HERE = Path(__file__).parent
COOKIE = "portal-customer"
TOKEN_S = 3600
LONGEST_NAME = 60


class Portal:
    """A shop's pages.

    Args:
        server: the URL of Frontdesk as browsers reach it.
        site: the portal's id there.
        signing_secret: of ``python -m ui sites add``; None where customers stay anonymous.

    Example:
        >>> uvicorn.run(Portal("http://127.0.0.1:7860", "demo", secret).app, port=8080)
    """

    def __init__(self, server: str, site: str, signing_secret: str | None) -> None:
        self.server, self.site, self.signing_secret = server.rstrip("/"), site, signing_secret
        self.cookies = Fernet(Fernet.generate_key())
        self.pages = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined)
        self.app = Starlette(
            routes=[
                Route("/", self.page),
                Route("/orders", self.page),
                Route("/sign-in", self.sign_in, methods=["POST"]),
                Route("/sign-out", self.sign_out, methods=["POST"]),
                Route("/frontdesk-token", self.token),
                Route("/portal.css", lambda _request: FileResponse(HERE / "portal.css")),
                Route("/icon.svg", lambda _request: FileResponse(HERE.parent / "icon.svg")),
            ]
        )

    def page(self, request: Request) -> Response:
        """One of the pages."""
        language = page_language(request.headers.get("accept-language", ""))
        html = self.pages.get_template("page.html.jinja").render(
            language=language.tag,
            texts={key: in_script(texts[language.code], language) for key, texts in TEXTS.items()},
            path=request.url.path,
            customer=self._customer(request),
            server=self.server,
            site=self.site,
            signs=self.signing_secret is not None,
        )
        return HTMLResponse(html, headers={"Content-Security-Policy": self.policy})

    @property
    def policy(self) -> str:
        """What the pages may load and call: nothing inline, and Frontdesk beside the portal itself."""
        return (
            f"default-src 'none'; script-src {self.server}; connect-src 'self' {self.server}; style-src 'self'; img-src 'self'; "
            "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types frontdesk"
        )

    async def sign_in(self, request: Request) -> Response:
        """Sign a customer in; a real portal asks for more than a name."""
        async with request.form(max_files=0, max_fields=1) as form:
            name = str(form.get("name", "")).strip()[:LONGEST_NAME]
        response = RedirectResponse("/", 303)
        if name:
            response.set_cookie(COOKIE, self.cookies.encrypt(name.encode()).decode(), httponly=True, samesite="lax")
        return response

    def sign_out(self, _request: Request) -> Response:
        """Sign the customer out."""
        response = RedirectResponse("/", 303)
        response.delete_cookie(COOKIE)
        return response

    def token(self, request: Request) -> Response:
        """Vouch for who is signed in: what the widget's attribute ``identity`` names."""
        customer = self._customer(request)
        if not customer or not self.signing_secret:
            return Response(status_code=204)
        now = int(time.time())
        claims = {"sub": customer, "aud": self.site, "iat": now, "exp": now + TOKEN_S}
        return JSONResponse({"token": jwt.encode(claims, self.signing_secret, "HS256")}, headers={"Cache-Control": "no-store"})

    def _customer(self, request: Request) -> str | None:
        try:
            return self.cookies.decrypt(request.cookies.get(COOKIE, "")).decode()
        except InvalidToken:
            return None
