"""Packing as a packer does it, one transaction a scan."""

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count

from tests.operations.steps import read
from webshop_orders.models import Actor, ActorKind, Order, Shipment
from webshop_orders.operations.orders import loading
from webshop_orders.operations.packing import missing, scanning, sessions, shipping
from webshop_orders.operations.packing.commands import Command
from webshop_orders.operations.packing.scanning import Outcome
from webshop_orders.operations.packing.sessions import Packing
from webshop_orders.transactions.unit_of_work import editing, writing

LARS = Actor(ActorKind.STAFF, "Lars Ek", user_id=7)
EVA = Actor(ActorKind.STAFF, "Eva Sund", user_id=8)
LABEL = "RR123456785SE"
_keys = count(1)


def start(order: Order, seq: int = 1, by: Actor = LARS, batch_id: int | None = None) -> int:
    with writing():
        return sessions.start(loading.load_order(order.number), seq, batch_id=batch_id, by=by).session.id


@contextmanager
def packing_of(session_id: int, by: Actor = LARS) -> Iterator[Packing]:
    with writing():
        yield sessions.lock(session_id, by)


def scan(session_id: int, code: str, *, key: str | None = None, by: Actor = LARS) -> Outcome:
    with packing_of(session_id, by) as packing:
        return scanning.scan(packing, code, request_key=key or f"key-{next(_keys):08}")


def command(session_id: int, code: Command, *, key: str | None = None) -> Outcome:
    with packing_of(session_id) as packing:
        return scanning.carry_out(packing, code, request_key=key or f"key-{next(_keys):08}")


def ship(order: Order, session_id: int, *agreed: str, key: str | None = None, by: Actor = LARS) -> Shipment:
    actor = by.with_request_key(key)
    with editing(order.number, None, actor) as current:
        return shipping.ship(sessions.lock(session_id, actor, current), agreed, by=actor)


def split_off(order: Order, session_id: int, **units: int) -> Shipment:
    """Split off units of lines, by their SKUs."""
    with editing(order.number, None, LARS) as current:
        packing = sessions.lock(session_id, LARS, current)
        missed = {line.line_id: units[line.sku] for line in packing.lines if line.sku in units}
        return missing.split_off(packing, missed, by=LARS)


def ticks(session_id: int, by: Actor = LARS) -> dict[str, tuple[int, int]]:
    """The packed units and the quantity of each line, by SKU, as they are stored."""
    return {line.sku: (line.packed, line.quantity) for line in load(session_id, by).lines}


def load(session_id: int, by: Actor = LARS) -> Packing:
    with writing():
        return sessions.load(session_id, by)


def codes_of(order: Order, seq: int = 1) -> list[str]:
    shipment = read(order).find_shipment(seq)
    assert shipment is not None
    return [tracking.code for tracking in shipment.tracking_codes]
