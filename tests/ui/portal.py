"""What a portal does on its own server."""

import jwt

from ui.access.sites import Site


def sign(site: Site, subject: str, issued_at: int, seconds: int = 3600) -> str:
    """Vouch for a customer."""
    claims = {"sub": subject, "aud": site.id, "iat": issued_at, "exp": issued_at + seconds}
    return jwt.encode(claims, site.signing_secret, algorithm="HS256")
