"""Whatever is scanned, edited, missed and taken back in whatever sequence: what leaves is what was ticked off."""

from collections.abc import Callable
from contextlib import suppress
from random import Random

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.packing.packing import LABEL, command, load, packing_of, scan, ship, split_off, start
from tests.operations.steps import changing, events_of, read
from webshop_orders.errors import DomainError
from webshop_orders.models import Actor, EventKind, Order
from webshop_orders.operations.orders import lines, splits
from webshop_orders.operations.packing import differences, sessions
from webshop_orders.operations.packing.commands import Command
from webshop_orders.operations.packing.scanning import Elsewhere
from webshop_orders.operations.packing.sessions import Ended

SKUS = ["LJUS-12", "KAN-02", "DUK-7"]
STEPS = 60


def edit(order: Order, random: Random, by: Actor) -> None:
    with changing(order, by) as current:
        line = random.choice(list(current.lines))
        if random.random() < 0.3:
            splits.split(line, random.randint(1, line.quantity), to=None, by=by)
        else:
            lines.change(line, quantity=random.randint(1, 4), by=by)


def go_on(session: int) -> None:
    with packing_of(session) as packing:
        differences.read_again(packing)


def acts_of(order: Order, session: int, random: Random, anna: Actor) -> list[Callable[[], object]]:
    return [
        *[lambda: scan(session, random.choice(SKUS))] * 8,
        *[lambda: command(session, random.choice(list(Command)[2:]))] * 3,
        *[lambda: go_on(session)] * 3,
        lambda: edit(order, random, anna),
        lambda: split_off(order, session, **{random.choice(SKUS): 1}),
        lambda: scan(session, LABEL),
        lambda: ship(order, session, "no-code", "just-sent"),
    ]


@pytest.mark.parametrize("seed", [1, 3, 4, 7])
def test_ticks_never_exceed_the_line_and_what_leaves_is_what_was_packed(app: Flask, anna: Actor, seed: int) -> None:
    random = Random(seed)
    for sku in SKUS:
        make_product(sku, stock=None)
    order = make_order(*((sku, random.randint(1, 4)) for sku in SKUS))
    session = start(order)
    for _ in range(STEPS):
        with suppress(DomainError, Elsewhere):
            random.choice(acts_of(order, session, random, anna))()
        try:
            packing = load(session)
        except Ended:
            break
        assert all(0 <= line.packed <= line.quantity for line in packing.lines)
        if differences.find(packing) is None and packing.shipment is not None:
            seen = {line.line_id: line.quantity for line in packing.lines}
            assert seen == {line.id: line.quantity for line in sessions.packable(packing.shipment)}

    shipped = read(order).shipments[0] if read(order).shipments else None
    packed = [event for event in events_of(order) if event.kind is EventKind.SHIPMENT_PACKED]
    if packed:
        assert shipped is not None
        assert packed[0].facts["quantity"] == shipped.quantity
    assert bool(packed) == any(shipment.is_shipped for shipment in read(order).shipments)
