"""The WooCommerce and Shopify shops that send their orders here."""

from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import get_for_update
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import Connection, ConnectionKind

MAX_CONNECTIONS = 50
PREFIXES = {ConnectionKind.WOOCOMMERCE: "wc", ConnectionKind.SHOPIFY: "shopify"}


def add(kind: ConnectionKind, name: str, secret: str) -> Connection:
    """Connect a shop that signs with this secret; the first of a kind gets the kind's own prefix for its references.

    Raises RuleViolation if there are too many, or if another shop has the same secret.
    """
    others = list_all()
    if len(others) >= MAX_CONNECTIONS:
        raise RuleViolation(_("There is room for %(most)s shops.", most=MAX_CONNECTIONS))
    # nosemgrep: variable-time-comparison - by an administrator, who is told the outcome
    if any(other.kind is kind and other.secret == secret and other.ended_at is None for other in others):
        raise RuleViolation(_("Another shop signs with this secret already."), field="secret")
    taken = {other.prefix for other in others}
    candidates = [f"{PREFIXES[kind]}-", *(f"{PREFIXES[kind]}{number}-" for number in range(2, MAX_CONNECTIONS + 2))]
    prefix = next(candidate for candidate in candidates if candidate not in taken)
    connection = Connection(kind=kind, name=name, prefix=prefix, secret=secret)
    db.session.add(connection)
    return connection


def get(connection_id: int) -> Connection:
    """A connected shop, to be read; raises NotFound."""
    return _existing(db.session.get(Connection, connection_id))


def change(connection_id: int, values: dict[str, Any]) -> Connection:
    """Set some of the settings of a connected shop, by column name; raises NotFound."""
    connection = _existing(get_for_update(Connection, connection_id))
    for name, value in values.items():
        setattr(connection, name, value)
    return connection


def end(connection_id: int) -> Connection:
    """Disconnect a shop; its orders stay. Raises NoChange if it is disconnected already, and NotFound."""
    connection = _existing(get_for_update(Connection, connection_id))
    if connection.ended_at is not None:
        raise NoChange(_("%(name)s is disconnected already.", name=connection.name))
    connection.ended_at = now()
    return connection


def list_all() -> list[Connection]:
    return list(db.session.scalars(select(Connection).order_by(Connection.ended_at.is_not(None), Connection.id)))


def list_connected(kind: ConnectionKind) -> list[Connection]:
    """The connected shops of a kind."""
    return list(db.session.scalars(select(Connection).where(Connection.kind == kind, Connection.ended_at.is_(None))))


def _existing(connection: Connection | None) -> Connection:
    if connection is None:
        raise NotFound(_("There is no such shop."))
    return connection
