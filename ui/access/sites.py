"""Portals that customers come from: their keys, the origins of their pages, and the secret that they sign customers' identities with."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from sqlalchemy import ColumnElement, Row, insert, select, update

from knowledge_base.database import Database
from ui.access.audit import record
from ui.access.tables import SiteRow
from ui.errors import AccessError

ID = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


@dataclass(frozen=True)
class Site:
    """A portal.

    Attributes:
        id: names it, and stands in its pages.
        origins: of its pages, e.g. ``https://shop.example``; requests from other pages are refused.
        signing_secret: shared with it; it signs customers' tokens with it.
    """

    id: str
    origins: tuple[str, ...]
    signing_secret: str


@dataclass(frozen=True)
class Credentials:
    """What a portal's operator is told once.

    Attributes:
        key: for requests of its server.
        signing_secret: for customers' tokens.
    """

    key: str
    signing_secret: str


class Sites:
    """The portals that may call the API.

    Args:
        database: where they live.
        box: encrypts signing secrets.

    Example:
        >>> credentials = sites.add("shop", ["https://shop.example"], actor="admin")
        >>> sites.by_key(credentials.key).id
        'shop'
    """

    def __init__(self, database: Database, box: Fernet) -> None:
        self.database = database
        self.box = box

    def add(self, site_id: str, origins: list[str], actor: str) -> Credentials:
        """Add a portal. Returns its credentials, of which only a hash and an encrypted copy are kept.

        Raises:
            AccessError: the id is taken or none, or an origin is none.
        """
        if not ID.fullmatch(site_id):
            raise AccessError("A site's id has 1 to 40 small letters, digits or hyphens.")
        origins = [_origin(origin) for origin in origins]
        credentials = Credentials(f"fd_{site_id}_{secrets.token_urlsafe(32)}", secrets.token_urlsafe(32))
        with self.database.transaction() as connection:
            if connection.execute(select(SiteRow.id).where(SiteRow.id == site_id)).first():
                raise AccessError(f"There is a site {site_id} already; nothing was changed.")
            connection.execute(
                insert(SiteRow).values(
                    id=site_id,
                    key_hash=_digest(credentials.key),
                    origins=origins,
                    signing_secret=self.box.encrypt(credentials.signing_secret.encode()),
                    disabled=False,
                    created_at=datetime.now(UTC),
                )
            )
            record(connection, actor, "add site", site_id, origins=origins)
        return credentials

    def disable(self, site_id: str, actor: str, *, disabled: bool = True) -> None:
        """Refuse a portal's requests from now on, or take them again.

        Raises:
            AccessError: there is no such site.
        """
        with self.database.transaction() as connection:
            if not connection.execute(update(SiteRow).where(SiteRow.id == site_id).values(disabled=disabled)).rowcount:
                raise AccessError(f"There is no site {site_id}.")
            record(connection, actor, "disable site" if disabled else "enable site", site_id)

    def origins(self) -> frozenset[str]:
        """The origins of all portals' pages."""
        with self.database.reading() as connection:
            lists = connection.execute(select(SiteRow.origins).where(SiteRow.disabled.is_(False))).scalars().all()
        return frozenset(origin for origins in lists for origin in origins)

    def by_key(self, key: str) -> Site | None:
        """The portal that a key is of, None if there is none."""
        return self._one(SiteRow.key_hash == _digest(key))

    def by_origin(self, site_id: str, origin: str) -> Site | None:
        """A portal, if a page of this origin is one of its pages."""
        site = self._one(SiteRow.id == site_id)
        return site if site and origin in site.origins else None

    def _one(self, condition: ColumnElement[bool]) -> Site | None:
        query = select(SiteRow.__table__).where(condition, SiteRow.disabled.is_(False))
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return self._site(row) if row else None

    def _site(self, row: Row[Any]) -> Site:
        return Site(row.id, tuple(row.origins), self.box.decrypt(row.signing_secret).decode())


def _origin(text: str) -> str:
    """An origin as browsers send it.

    Raises:
        AccessError: it is none.
    """
    parts = urlsplit(text)
    if (
        parts.scheme not in {"http", "https"}
        or not parts.netloc
        or parts.path not in {"", "/"}
        or parts.query
        or parts.fragment
        or "@" in text
    ):
        raise AccessError(f"{text!r} is no origin. It looks like https://shop.example, without a path.")
    return f"{parts.scheme}://{parts.netloc}".lower()


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode()).hexdigest()
