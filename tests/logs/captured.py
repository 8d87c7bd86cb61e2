"""The log as it is written, and a search of it for what must not be in it."""

import json
import logging
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from io import StringIO
from typing import Any

from sqlalchemy import select

from webshop_orders import logs
from webshop_orders.db.extensions import db
from webshop_orders.logs import json_lines
from webshop_orders.models import Message, Order, User

MAIL_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.\w+")
MIN_LENGTH = 4  # of a name's parts that are looked for by themselves


class Log:
    """What was logged since the test began."""

    def __init__(self) -> None:
        self.file = StringIO()

    @property
    def text(self) -> str:
        return self.file.getvalue()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.text.splitlines()]

    def requests(self) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["event"] == "request"]


@contextmanager
def capturing() -> Iterator[Log]:
    """All that is logged meanwhile, from `info` on, as JSON."""
    captured = Log()
    handler = logging.StreamHandler(captured.file)
    handler.setFormatter(json_lines.formatter())
    root, ours = logging.getLogger(), logging.getLogger(logs.OURS)
    level = ours.level
    root.addHandler(handler)
    ours.setLevel(logging.INFO)
    try:
        yield captured
    finally:
        root.removeHandler(handler)
        ours.setLevel(level)


def personal_data() -> set[str]:
    """What the database has of customers and users: names and each part of them, and all by which they are reached."""
    found: set[str] = set()
    names: set[str] = set()
    for order in db.session.scalars(select(Order)):
        customer = order.customer
        names |= _given(customer.name, customer.company)
        found |= _given(customer.email, customer.phone)
        for address in (order.billing_address, order.shipping_address):
            names |= _given(address.name if address else None)
            found |= _given(address.street, address.postal_code) if address else set()
    for user in db.session.scalars(select(User)):
        names |= _given(user.name)
        found |= _given(user.email)
    found |= set(db.session.scalars(select(Message.recipient)))
    db.session.rollback()
    return found | names | {part for name in names for part in name.split() if len(part) >= MIN_LENGTH}


def leaks(text: str, personal: Iterable[str]) -> set[str]:
    """What of the personal data, and which mail addresses of whomever, are in a text."""
    words = {known for known in personal if known in text and re.search(rf"(?<!\w){re.escape(known)}(?!\w)", text)}
    return words | set(MAIL_ADDRESS.findall(text))


def _given(*values: str | None) -> set[str]:
    return {value for value in values if value}
