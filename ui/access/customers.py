"""Who a customer is: somebody with a secret of their own, or somebody whom a portal vouches for."""

import hashlib
import re
import secrets
from typing import Any

import jwt

from ui.access.sites import Site
from ui.errors import IdentityError

ANONYMOUS = "anon_"
SECRET = re.compile(r"[\w-]{43}")
LONGEST = 24 * 3600  # seconds that a signed token may be valid
ALGORITHM = "HS256"


def new_anonymous() -> str:
    """A token for a customer whom nobody knows; whoever has it reads their conversations."""
    return ANONYMOUS + secrets.token_urlsafe(32)


def customer_id(site: str, subject: str) -> str:
    """The id that a customer's conversations are kept under: no secret, and none can be made of it.

    Args:
        site: the portal's id; empty for the chat page.
        subject: their secret, or their id in the portal.
    """
    return hashlib.sha256(f"{site}\0{subject}".encode("utf-8", "surrogatepass")).hexdigest()


def signed_customer_id(site: str, subject: str) -> str:
    """The id of a customer whom a portal vouches for.

    Args:
        site: the portal's id.
        subject: the customer's id there, a signed token's ``sub``.
    """
    return customer_id(site, f"sub:{subject}")


def identify(token: str, site: Site) -> str:
    """The id of the customer whom a token is of.

    A token is an anonymous one that was given out here, or a JSON Web Token (RFC 7519) that the portal signed with its secret
    (HS256): ``sub`` is the customer's id in the portal, ``aud`` the site's id, ``exp`` at most a day ahead.

    Raises:
        IdentityError: it is none of both, is signed by somebody else, or has expired.
    """
    if token.startswith(ANONYMOUS):
        if not SECRET.fullmatch(token.removeprefix(ANONYMOUS)):
            raise IdentityError("The customer token is damaged.")
        return customer_id(site.id, token)
    try:
        claims: dict[str, Any] = jwt.decode(
            token, site.signing_secret, algorithms=[ALGORITHM], audience=site.id, options={"require": ["exp", "sub", "aud", "iat"]}
        )
    except jwt.ExpiredSignatureError:
        raise IdentityError("The customer token has expired. Ask the portal for a new one.") from None
    except jwt.PyJWTError as error:
        raise IdentityError(f"The customer token is not valid: {error}.") from None
    if int(claims["exp"]) - int(claims["iat"]) > LONGEST:  # digits in a text are a number, too
        raise IdentityError("The customer token is valid for more than a day. Sign one with a nearer `exp`.")
    if not claims["sub"]:
        raise IdentityError("The customer token names nobody: its `sub` is empty.")
    return signed_customer_id(site.id, claims["sub"])
