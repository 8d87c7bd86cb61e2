from __future__ import annotations

import secrets
import unicodedata
from datetime import datetime
from enum import StrEnum

from sqlalchemy import JSON, CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column
from werkzeug.security import check_password_hash, generate_password_hash

from webshop_orders.clock import now
from webshop_orders.db.columns import enum_column
from webshop_orders.db.extensions import Base
from webshop_orders.models.actor import Actor, ActorKind


class Role(StrEnum):
    """What a user may do; each role may all that the ones before it may."""

    VIEWER = "viewer"
    WAREHOUSE = "warehouse"
    STAFF = "staff"
    ADMIN = "admin"

    def includes(self, other: Role) -> bool:
        ranks = list(Role)
        return ranks.index(self) >= ranks.index(other)


class User(Base):
    """Someone who signs in: by e-mail and password, or from a `host` that embeds the desk and knows them as `subject`.

    `session_key` is in every session of theirs, and a new one ends them all. `second_factor` is the secret that they
    share with their authenticator app, and `second_factor_step` the last of its codes that was used, by its number.
    `recovery_codes` are digests of the codes that stand in for the app, once each. `list_columns` are what they have
    the list of orders show, where they chose. `changes` is how many changes they made, kept where there is a replica,
    which is measured by it.
    """

    __tablename__ = "users"
    __table_args__ = (
        UniqueConstraint("host", "subject"),
        CheckConstraint("(host is null) = (subject is null)", name="host"),
        CheckConstraint("email is not null or host is not null", name="email"),
        Base.__table_args__,
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
    recovery_codes: Mapped[list[str]] = mapped_column(JSON, default=list)
    list_columns: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))

    @property
    def actor(self) -> Actor:
        return Actor(ActorKind.STAFF, self.name)

    def set_password(self, password: str) -> None:
        """Take a new password; every session of the user ends, and every link that was sent to them."""
        self.set_password_hash(hash_password(password))

    def set_password_hash(self, password_hash: str) -> None:
        """The same, where the hash was made before, since that takes a while."""
        self.password_hash = password_hash
        self.session_key = secrets.token_hex()

    def has_password(self, password: str) -> bool:
        return self.password_hash is not None and verify_password(password, self.password_hash)


def hash_password(password: str) -> str:
    """What is kept of a password: slow to make on purpose, and the same whichever way its letters are composed."""
    return generate_password_hash(unicodedata.normalize("NFKC", password), method="scrypt")


def verify_password(password: str, password_hash: str) -> bool:
    """Whether a hash was made of a password, as it was typed or, as old ones were, of the very signs."""
    typed = dict.fromkeys([unicodedata.normalize("NFKC", password), password])
    return any(check_password_hash(password_hash, one) for one in typed)


class FailedLogin(Base):
    """A sign-in that did not succeed; enough of them, and the next try has to wait."""

    __tablename__ = "failed_logins"
    __table_args__ = (
        Index("ix_failed_logins_email_at", "email", "at"),
        Index("ix_failed_logins_address_at", "address", "at"),
        Base.__table_args__,
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str]
    address: Mapped[str]
    at: Mapped[datetime] = mapped_column(default=now)
