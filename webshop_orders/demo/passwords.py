"""The password of the demo's users, which the demo prints: made once, and kept beside its database."""

import os
import secrets
from contextlib import suppress
from pathlib import Path

from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.demo.shop import USERS
from webshop_orders.models import User
from webshop_orders.transactions.unit_of_work import writing

FILE = "demo_password"


def load_or_create(folder: Path) -> str:
    """The password, in a file that only its owner can read."""
    path = folder / FILE
    with suppress(FileExistsError):
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write("-".join(secrets.token_hex(2) for _group in range(4)))
    return path.read_text().strip()


def give(password: str) -> list[User]:
    """Give the demo's users who have no password this one; returns all of them, with this or another password.

    A user who chose another password keeps it, and so does everyone who is not of the demo.
    """
    emails = [email for email, _name, _role in USERS]
    with writing():
        users = list(db.session.scalars(select(User).where(User.email.in_(emails), User.active).order_by(User.id)))
        for user in users:
            if user.password_hash is None:
                user.set_password(password)
    return users
