"""The log of incoming calls and the connected shops, as they are stored now."""

from typing import Any

from sqlalchemy import select

from webshop_orders.db.extensions import db
from webshop_orders.models import Connection, ConnectionKind, IncomingCall, Order
from webshop_orders.operations.settings import connections
from webshop_orders.transactions import order_intake
from webshop_orders.transactions.unit_of_work import writing


def calls() -> list[IncomingCall]:
    db.session.rollback()
    db.session.expire_all()
    return list(db.session.scalars(select(IncomingCall).order_by(IncomingCall.id)))


def the_call() -> IncomingCall:
    (call,) = calls()
    return call


def outcomes() -> list[str]:
    return [call.outcome.value for call in calls()]


def connection_of(kind: ConnectionKind = ConnectionKind.WOOCOMMERCE) -> Connection:
    db.session.rollback()
    return connections.list_connected(kind)[0]


def set_up(kind: ConnectionKind = ConnectionKind.WOOCOMMERCE, **values: Any) -> None:
    """Set some settings of the connected shop of a kind."""
    connection_id = connection_of(kind).id
    with writing():
        connections.change(connection_id, values)


def order_of(reference: str = "wc-727") -> Order:
    db.session.rollback()
    db.session.expire_all()
    order = order_intake.find_by_reference(reference)
    assert order is not None
    return order
