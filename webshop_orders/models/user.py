from __future__ import annotations

import secrets
import unicodedata
from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash

from webshop_orders.clock import now
from webshop_orders.db.columns import Json, enum_column
from webshop_orders.db.extensions import IDS_USED_ONCE, Base
from webshop_orders.models.actor import Actor, ActorKind


class Role(StrEnum):
    """The permissions of a user; each role includes those before it."""

    VIEWER = "viewer"
    WAREHOUSE = "warehouse"
    STAFF = "staff"
    ADMIN = "admin"

    rank: int

    def __init__(self, value: str) -> None:
        self.rank = len(type(self).__members__)

    def includes(self, other: Role) -> bool:
        return self.rank >= other.rank


class User(Base):
    """A person who signs in with e-mail and password, or through a `host` that embeds the desk, as its `subject`.

    `session_key` is part of every session of the user, so that a new one ends them all. `second_factor` is the TOTP
    secret of their authenticator app, and `second_factor_step` the time step of the last code that was used (RFC 6238).
    `recovery_codes` are hashes of the codes that replace the app, once each. `list_columns` are the columns they
    selected for the list of orders. `changes` counts their changes where there is a replica: it shows whether the
    replica has their latest one.
    """

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("host", "subject"),
        CheckConstraint("(host is null) = (subject is null)", name="host"),
        CheckConstraint("email is not null or host is not null", name="email"),
        IDS_USED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(unique=True)
    host: Mapped[str | None]
    subject: Mapped[str | None]
    name: Mapped[str]
    role: Mapped[Role] = mapped_column(enum_column(Role))
    password_hash: Mapped[str | None]
    active: Mapped[bool] = mapped_column(default=True)
    session_key: Mapped[str] = mapped_column(default=secrets.token_hex)
    signed_in_at: Mapped[datetime | None]
    changes: Mapped[int] = mapped_column(default=0)
    second_factor: Mapped[str | None]
    second_factor_step: Mapped[int | None]
    recovery_codes: Mapped[list[str]] = mapped_column(Json(), default=list)
    list_columns: Mapped[list[str] | None] = mapped_column(Json())

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.STAFF, self.name, user_id=self.id)

    def set_password(self, password: str) -> None:
        """Set a password, which ends all sessions of the user and invalidates the links that were mailed to them."""
        self.set_password_hash(hash_password(password))

    def set_password_hash(self, password_hash: str) -> None:
        """The same with a hash that was computed before, since that takes a while."""
        self.password_hash = password_hash
        self.session_key = secrets.token_hex()

    def has_password(self, password: str) -> bool:
        return self.password_hash is not None and verify_password(password, self.password_hash)


def hash_password(password: str) -> str:
    """The hash that is stored of a password: scrypt, slow on purpose, over its NFKC normalisation."""
    return generate_password_hash(unicodedata.normalize("NFKC", password), method="scrypt")


def verify_password(password: str, password_hash: str) -> bool:
    """Whether a hash is that of a password, normalised or, as old ones were, exactly as typed."""
    candidates = dict.fromkeys([unicodedata.normalize("NFKC", password), password])
    return any(check_password_hash(password_hash, candidate) for candidate in candidates)


class FailedLogin(Base):
    """A failed sign-in; after a number of them, the next attempt is throttled."""

    __tablename__ = "failed_logins"
    __table_args__ = (
        Index("ix_failed_logins_email_at", "email", "at"),
        Index("ix_failed_logins_address_at", "address", "at"),
        IDS_USED_ONCE,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
