"""Accounts, roles, sites and customers' tokens, on both databases."""

import base64
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, update

from knowledge_base.database import Database
from tests.ui.portal import sign
from ui.access.audit import AuditTrail
from ui.access.customers import customer_id, identify, new_anonymous
from ui.access.roles import Permission, Role
from ui.access.sites import Site, Sites
from ui.access.staff import Staff, StaffAccounts
from ui.access.tables import SessionRow, SiteRow, StaffRow
from ui.errors import AccessError, IdentityError

SITE = Site("shop", ("https://shop.example",), "a signing secret that is long enough")
NOW = int(datetime.now(UTC).timestamp())


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def accounts(database: Database) -> StaffAccounts:
    return StaffAccounts(database)


def test_the_first_start_makes_one_administrator_once(accounts: StaffAccounts) -> None:
    password = accounts.first_start()
    assert password
    assert accounts.first_start() is None
    assert accounts.all() == [Staff("admin", Role.ADMIN, must_change=True)]
    token = accounts.sign_in("admin", password)
    assert token
    staff = accounts.by_session(token)
    assert staff
    assert not any(staff.may(permission) for permission in Permission)  # not with the one-time password


def test_who_adds_people_before_the_first_start_gets_an_administrator_all_the_same(accounts: StaffAccounts) -> None:
    accounts.add("lin", Role.AGENT, "tests")
    assert accounts.first_start()
    assert [(one.name, one.role) for one in accounts.all()] == [("admin", Role.ADMIN), ("lin", Role.AGENT)]
    assert accounts.first_start() is None


def test_a_password_of_ones_own_ends_the_one_time_one(accounts: StaffAccounts, database: Database) -> None:
    once = accounts.add("lin", Role.AGENT, "admin")
    token = accounts.sign_in("lin", once)
    assert token
    accounts.set_password("lin", once, "a password of my own")
    assert accounts.by_session(token) is None
    assert accounts.sign_in("lin", once) is None
    token = accounts.sign_in("lin", "a password of my own")
    assert token
    staff = accounts.by_session(token)
    assert staff == Staff("lin", Role.AGENT)
    assert [permission for permission in Permission if staff.may(permission)] == [Permission.READ, Permission.ANSWER]
    with database.reading() as connection:
        stored = [
            *connection.execute(select(StaffRow.password_hash)).scalars(),
            *connection.execute(select(SessionRow.token_hash)).scalars(),
        ]
    assert not any("a password of my own" in text or token in text for text in stored)
    accounts.sign_out(token)
    assert accounts.by_session(token) is None


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [("wrong", "a password of my own", "old password is wrong"), ("", "short", "12 characters"), ("ONCE", "ONCE", "is the old one")],
)
def test_a_password_that_is_refused_changes_nothing(accounts: StaffAccounts, old: str, new: str, said: str) -> None:
    once = accounts.add("lin", Role.AGENT, "admin")
    with pytest.raises(AccessError, match=said):
        accounts.set_password("lin", old.replace("ONCE", once), new.replace("ONCE", once))
    assert accounts.sign_in("lin", once)


def test_sessions_end_by_time_by_disabling_and_by_another_role(accounts: StaffAccounts, database: Database) -> None:
    accounts.first_start()
    once = accounts.add("lin", Role.AGENT, "admin")
    token = accounts.sign_in("lin", once)
    assert token
    with database.transaction() as connection:
        connection.execute(update(SessionRow).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    assert accounts.by_session(token) is None
    token = accounts.sign_in("lin", once) or ""
    accounts.change_role("lin", Role.CURATOR, "admin")
    assert accounts.by_session(token) is None
    token = accounts.sign_in("lin", once) or ""
    accounts.disable("lin", "admin")
    assert accounts.by_session(token) is None
    assert accounts.sign_in("lin", once) is None
    accounts.disable("lin", "admin", disabled=False)
    assert accounts.sign_in("lin", accounts.reset_password("lin", "admin"))


def test_somebody_is_always_left_to_administer(accounts: StaffAccounts) -> None:
    accounts.first_start()
    with pytest.raises(AccessError, match="Nobody would be left"):
        accounts.disable("admin", "admin")
    with pytest.raises(AccessError, match="Nobody would be left"):
        accounts.change_role("admin", Role.VIEWER, "admin")
    with pytest.raises(AccessError, match="no account nobody"):
        accounts.reset_password("nobody", "admin")
    for name in ("admin", "a b", ""):
        with pytest.raises(AccessError):
            accounts.add(name, Role.VIEWER, "admin")
    assert accounts.all() == [Staff("admin", Role.ADMIN, must_change=True)]


def test_what_staff_do_is_in_the_audit_trail_and_passwords_are_not(accounts: StaffAccounts, database: Database) -> None:
    once = accounts.add("lin", Role.AGENT, "admin")
    accounts.sign_in("lin", once)
    accounts.change_role("lin", Role.ADMIN, "admin")
    trail = AuditTrail(database)
    deeds = trail.deeds()
    assert [(deed.actor, deed.action, deed.subject) for deed in deeds] == [
        ("admin", "role admin", "lin"),
        ("lin", "sign in", "lin"),
        ("admin", "add agent", "lin"),
    ]
    assert once not in repr(deeds)
    assert trail.deeds(before=deeds[1].id) == deeds[2:]


def test_a_sites_key_opens_it_until_it_is_disabled(database: Database) -> None:
    sites = Sites(database, Fernet(Fernet.generate_key()))
    credentials = sites.add("shop", ["https://Shop.example/"], "admin")
    site = sites.by_key(credentials.key)
    assert site == Site("shop", ("https://shop.example",), credentials.signing_secret)
    assert sites.by_key(credentials.key + "x") is None
    assert sites.by_origin("shop", "https://shop.example") == site
    assert sites.by_origin("shop", "https://evil.example") is None
    assert sites.origins() == {"https://shop.example"}
    with database.reading() as connection:
        row = connection.execute(select(SiteRow.__table__)).one()
    assert credentials.key not in repr(row)
    assert credentials.signing_secret not in repr(row)
    with pytest.raises(AccessError, match="a site shop already"):
        sites.add("shop", [], "admin")
    sites.disable("shop", "admin")
    assert sites.by_key(credentials.key) is None
    assert sites.origins() == frozenset()


@pytest.mark.parametrize(
    "origin", ["shop.example", "https://shop.example/path", "ftp://shop.example", "https://user@shop.example", "*", "null"]
)
def test_what_is_no_origin_is_refused(database: Database, origin: str) -> None:
    sites = Sites(database, Fernet(Fernet.generate_key()))
    with pytest.raises(AccessError, match="is no origin"):
        sites.add("shop", [origin], "admin")
    assert sites.origins() == frozenset()


def test_a_signed_customer_is_the_same_with_every_token_and_another_elsewhere() -> None:
    first, later = identify(sign(SITE, "c-17", NOW), SITE), identify(sign(SITE, "c-17", NOW - 60), SITE)
    assert first == later == customer_id("shop", "sub:c-17")
    other = Site("other", (), SITE.signing_secret)
    assert identify(sign(other, "c-17", NOW), other) != first
    anonymous = new_anonymous()
    assert identify(anonymous, SITE) == identify(anonymous, SITE) != identify(new_anonymous(), SITE)


def unsigned(claims: dict[str, object]) -> str:
    """A token that says of itself that it needs no signature."""
    parts = ({"alg": "none", "typ": "JWT"}, claims)
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        "anon_short",
        "anon_" + "x" * 44,
        sign(SITE, "c-17", NOW - 7200),  # expired
        sign(SITE, "c-17", NOW, seconds=90_000),  # valid for too long
        sign(Site("shop", (), "another secret that is long enough"), "c-17", NOW),
        sign(Site("other", (), SITE.signing_secret), "c-17", NOW),  # for another portal
        jwt.encode({"sub": "c-17", "aud": "shop", "iat": NOW}, SITE.signing_secret, "HS256"),  # for ever
        jwt.encode({"aud": "shop", "iat": NOW, "exp": NOW + 60}, SITE.signing_secret, "HS256"),  # of nobody
        jwt.encode({"sub": 17, "aud": "shop", "iat": NOW, "exp": NOW + 60}, SITE.signing_secret, "HS256"),
        unsigned({"sub": "c-17", "aud": "shop", "iat": NOW, "exp": NOW + 60}),
        sign(SITE, "c-17", NOW)[:-4] + "AAAA",
    ],
)
def test_a_token_that_is_not_right_tells_nobody(token: str) -> None:
    with pytest.raises(IdentityError):
        identify(token, SITE)
