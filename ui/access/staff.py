"""The people who work here: their accounts, passwords and sign-ins."""

import hashlib
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from knowledge_base.database import Database
from ui.access.audit import record
from ui.access.roles import Permission, Role
from ui.access.tables import SessionRow, StaffRow
from ui.errors import AccessError

NAME = re.compile(r"[\w.@+-]{1,64}")
SHORTEST_PASSWORD = 12
SESSION = timedelta(hours=12)
HASHER = PasswordHasher()  # argon2id, the library's parameters: 110 to 150 ms
# What an unknown name is checked against, so that it takes as long as a known one.
NOBODY = HASHER.hash(secrets.token_hex(16))


@dataclass(frozen=True)
class Staff:
    """Somebody who works here.

    Attributes:
        name: to sign in with.
        role: what they may do.
        must_change: whether they still have the one-time password, with which nothing else can be done.
        disabled: whether they may not sign in any more.
    """

    name: str
    role: Role
    must_change: bool = False
    disabled: bool = False

    def may(self, permission: Permission) -> bool:
        """Whether they may do a kind of work now."""
        return not (self.must_change or self.disabled) and self.role.may(permission)


class StaffAccounts:
    """Accounts and sessions. Every change is in the audit trail.

    Args:
        database: where they live.

    Example:
        >>> password = accounts.add("lin", Role.AGENT, actor="admin")  # told once
        >>> token = accounts.sign_in("lin", password)
        >>> accounts.by_session(token)
        Staff(name='lin', role=<Role.AGENT: 'agent'>, must_change=True, disabled=False)
    """

    def __init__(self, database: Database) -> None:
        self.database = database

    def first_start(self) -> str | None:
        """Make the administrator ``admin`` where there is none. Returns their one-time password, None if there was one."""
        password, hashed = _new_password()
        with self.database.transaction() as connection:
            if connection.execute(select(StaffRow.name).where(or_(StaffRow.role == Role.ADMIN, StaffRow.name == "admin"))).first():
                return None
            self._insert(connection, "admin", Role.ADMIN, hashed, actor="first start")
        return password

    def add(self, name: str, role: Role, actor: str) -> str:
        """Add an account. Returns its one-time password.

        Raises:
            AccessError: the name is taken or none.
        """
        if not NAME.fullmatch(name):
            raise AccessError("A name has 1 to 64 letters, digits or any of . _ @ + -")
        password, hashed = _new_password()
        with self.database.transaction() as connection:
            if connection.execute(select(StaffRow.name).where(StaffRow.name == name)).first():
                raise AccessError(f"There is an account {name} already; nothing was changed.")
            self._insert(connection, name, role, hashed, actor)
        return password

    def reset_password(self, name: str, actor: str) -> str:
        """Give somebody a new one-time password and sign them out. Returns it.

        Raises:
            AccessError: there is no such account.
        """
        password, hashed = _new_password()
        self._change(name, actor, "reset password", password_hash=hashed, must_change=True)
        return password

    def change_role(self, name: str, role: Role, actor: str) -> None:
        """Change what somebody may do, and sign them out.

        Raises:
            AccessError: there is no such account, or nobody would be left to administer.
        """
        self._change(name, actor, f"role {role}", role=role)

    def disable(self, name: str, actor: str, *, disabled: bool = True) -> None:
        """Sign somebody out for good, or let them in again.

        Raises:
            AccessError: there is no such account, or nobody would be left to administer.
        """
        self._change(name, actor, "disable" if disabled else "enable", disabled=disabled)

    def all(self) -> list[Staff]:
        """Every account, by name."""
        with self.database.reading() as connection:
            return [_staff(row) for row in connection.execute(select(StaffRow.__table__).order_by(StaffRow.name)).all()]

    def sign_in(self, name: str, password: str) -> str | None:
        """Begin a session. Returns its token, None if name or password are wrong or the account is disabled. Takes 0.1 s."""
        query = select(StaffRow.__table__).where(StaffRow.name == (name if NAME.fullmatch(name) else ""))
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        right = _matches(row.password_hash if row else NOBODY, password)
        if not right or row is None or row.disabled:
            return None
        token = secrets.token_urlsafe(32)
        now = datetime.now(UTC)
        with self.database.transaction() as connection:
            connection.execute(delete(SessionRow).where(SessionRow.expires_at < now))
            connection.execute(insert(SessionRow).values(token_hash=_digest(token), staff=name, expires_at=now + SESSION))
            record(connection, name, "sign in", name)
        return token

    def by_session(self, token: str) -> Staff | None:
        """Who a session's token belongs to, None if it has ended."""
        query = (
            select(StaffRow.__table__)
            .join(SessionRow, SessionRow.staff == StaffRow.name)
            .where(SessionRow.token_hash == _digest(token), SessionRow.expires_at > datetime.now(UTC))
        )
        with self.database.reading() as connection:
            row = connection.execute(query).one_or_none()
        return _staff(row) if row and not row.disabled else None

    def sign_out(self, token: str) -> None:
        """End a session."""
        with self.database.transaction() as connection:
            connection.execute(delete(SessionRow).where(SessionRow.token_hash == _digest(token)))

    def set_password(self, name: str, old: str, new: str) -> None:
        """Choose a password of one's own; other sessions of the account end.

        Raises:
            AccessError: the old one is wrong, or the new one is too short or the same.
        """
        if len(new) < SHORTEST_PASSWORD:
            raise AccessError(f"A password has {SHORTEST_PASSWORD} characters at least.")
        if new == old:
            raise AccessError("The new password is the old one.")
        with self.database.reading() as connection:
            known = connection.execute(select(StaffRow.password_hash).where(StaffRow.name == name)).scalar_one_or_none()
        if not _matches(known or NOBODY, old) or known is None:
            raise AccessError("The old password is wrong.")
        self._change(name, name, "set password", password_hash=HASHER.hash(new), must_change=False)

    def _change(self, name: str, actor: str, action: str, **values: object) -> None:
        """Change an account and end its sessions."""
        admins = select(func.count()).select_from(StaffRow).where(StaffRow.role == Role.ADMIN, StaffRow.disabled.is_(False))
        with self.database.transaction() as connection:
            before = connection.execute(admins).scalar_one()
            if not connection.execute(update(StaffRow).where(StaffRow.name == name).values(values)).rowcount:
                raise AccessError(f"There is no account {name}.")
            if before and not connection.execute(admins).scalar_one():
                raise AccessError("Nobody would be left to administer; nothing was changed.")
            connection.execute(delete(SessionRow).where(SessionRow.staff == name))
            record(connection, actor, action, name)

    @staticmethod
    def _insert(connection: Connection, name: str, role: Role, hashed: str, actor: str) -> None:
        values = {"name": name, "role": role, "password_hash": hashed, "must_change": True, "disabled": False}
        connection.execute(insert(StaffRow).values({**values, "created_at": datetime.now(UTC)}))
        record(connection, actor, f"add {role}", name)


def _new_password() -> tuple[str, str]:
    """A one-time password, and its hash."""
    password = secrets.token_urlsafe(12)
    return password, HASHER.hash(password)


def _matches(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except VerifyMismatchError:
        return False


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _staff(row: Row[Any]) -> Staff:
    return Staff(row.name, Role(row.role), row.must_change, row.disabled)
