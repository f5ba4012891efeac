"""Who calls: the portal, and the customer it calls for. FastAPI's dependencies."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Header, HTTPException, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from ui.access.customers import identify
from ui.access.sites import Site
from ui.services import Services

BEARER = HTTPBearer(auto_error=False, scheme_name="Site key", description="The key of a portal, for requests of its server.")
TOKEN = APIKeyHeader(
    name="X-Customer-Token",
    auto_error=False,
    scheme_name="Customer token",
    description="Whose conversations: a token of `POST /v1/customers`, or a JSON Web Token that the portal signed.",
)
UNKNOWN = "Send a portal's key as `Authorization: Bearer ...`, or, from one of its pages, its id as `X-Site`."
CHALLENGE = {"WWW-Authenticate": "Bearer"}


@dataclass(frozen=True)
class Customer:
    """Somebody who talks here, from a portal.

    Attributes:
        site: the portal.
        id: what their conversations are kept under.
    """

    site: Site
    id: str


def services(request: Request) -> Services:
    """What the application was built from."""
    return request.app.state.services  # type: ignore[no-any-return]


def site(
    request: Request,
    built: Annotated[Services, Depends(services)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)],
    x_site: Annotated[str | None, Header(description="From a portal's page: the portal's id.", max_length=40)] = None,
    origin: Annotated[str | None, Header(include_in_schema=False)] = None,
) -> Site:
    """The portal that calls.

    Raises:
        HTTPException: 401, no portal is known by that; 429, it asks too often.
    """
    if bearer:
        known = built.sites.by_key(bearer.credentials)
    else:
        built.limits.take("address", request.client.host if request.client else "")
        known = built.sites.by_origin(x_site, origin.lower()) if x_site and origin else None
    if known is None:
        raise HTTPException(401, UNKNOWN, CHALLENGE)
    built.limits.take("site", known.id)
    return known


def server(portal: Annotated[Site, Depends(site)], bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(BEARER)]) -> Site:
    """The portal, if its server calls and not one of its pages: it names customers without their tokens.

    Raises:
        HTTPException: 401, a page calls.
    """
    if bearer is None:
        raise HTTPException(401, "Only a portal's server may ask here: send its key as `Authorization: Bearer ...`.", CHALLENGE)
    return portal


def customer(portal: Annotated[Site, Depends(site)], token: Annotated[str | None, Depends(TOKEN)]) -> Customer:
    """The customer whom the portal calls for.

    Raises:
        HTTPException: 401, there is no token.
        IdentityError: the token tells nobody.
    """
    if not token:
        raise HTTPException(401, "Send the customer's token as `X-Customer-Token`; `POST /v1/customers` gives one.", CHALLENGE)
    return Customer(portal, identify(token, portal))


Built = Annotated[Services, Depends(services)]
Portal = Annotated[Site, Depends(site)]
Caller = Annotated[Customer, Depends(customer)]
Server = Annotated[Site, Depends(server)]
