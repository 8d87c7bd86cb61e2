"""Rule 29, of goods: what comes back, never more than left, and what becomes of it."""

from collections.abc import Sequence
from typing import Any

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.after_sales.steps import close, make_shipped, receive, register, ship
from tests.operations.steps import changing, kinds_of, last_event, line_of, read, set_stock, shape, stock_of
from webshop_orders.documents.order import NewLine
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import (
    Actor,
    Disposition,
    EventKind,
    Order,
    Product,
    ReturnKind,
    ReturnReason,
    ReturnState,
)
from webshop_orders.models.goods_return import MAX_RETURNS
from webshop_orders.operations.after_sales import refunds, returns
from webshop_orders.operations.after_sales.refunds import RequestedRefund
from webshop_orders.operations.after_sales.replacements import Replacement
from webshop_orders.operations.after_sales.returns import ReturnedUnits
from webshop_orders.operations.orders import lines, shipments, splits

FAULTY, WITHDRAWN = ReturnReason.FAULTY, ReturnReason.WITHDRAWN
RESTOCK, DISCARD = Disposition.RESTOCK, Disposition.DISCARD


def returnable(order: Order, sku: str) -> int:
    current = read(order)
    return returns.returnable_units(current, line_of(current, sku))


def exchange(order: Order, by: Actor, instead: Product) -> None:
    """Exchange a candle."""
    register(order, by, ("CANDLE", 1), kind=ReturnKind.EXCHANGE, replacements=[Replacement(1, product=instead)], seq=1)


def claim(order: Order, by: Actor, **values: Any) -> None:
    """Claim all three candles, which the customer keeps."""
    register(order, by, ("CANDLE", 3), kind=ReturnKind.CLAIM, reason=FAULTY, expects_goods=False, **values)


def states(order: Order) -> Sequence[ReturnState]:
    return [a_return.state for a_return in read(order).returns]


def test_rule_29_more_than_left_is_refused_with_what_can_come_back(app: Flask, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3))
    register(order, anna, ("CANDLE", 1))

    with pytest.raises(RuleViolation, match=r"\b2\b") as refusal:
        register(order, anna, ("CANDLE", 3))

    assert refusal.value.field == returns.quantity_of(line_of(read(order), "CANDLE").id)
    assert len(read(order).returns) == 1
    assert returnable(order, "CANDLE") == 2


@pytest.mark.parametrize("quantity", [0, -1, 10**9])
def test_rule_29_a_number_of_units_that_cannot_be_is_refused(app: Flask, anna: Actor, quantity: int) -> None:
    order = make_shipped(anna, ("CANDLE", 3))

    with pytest.raises(RuleViolation):
        register(order, anna, ("CANDLE", quantity))

    assert read(order).returns == []


def test_rule_29_what_has_not_shipped_cannot_come_back(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 3))

    with pytest.raises(RuleViolation, match=f"{order.number}-1 har inte skickats"):
        register(order, anna, ("CANDLE", 1))

    assert returnable(order, "CANDLE") == 0


def test_rule_29_no_more_is_received_than_left(app: Flask, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 5))
    register(order, anna, ("CANDLE", 2))
    register(order, anna, ("CANDLE", 1))

    with pytest.raises(RuleViolation, match=r"\b4\b"):
        receive(order, anna, ("CANDLE", 5))

    assert receive(order, anna, ("CANDLE", 4)).lines[0].received == 4
    assert returnable(order, "CANDLE") == 0


def test_a_line_of_another_order_cannot_come_back(app: Flask, anna: Actor) -> None:
    order, other = make_shipped(anna, ("CANDLE", 3)), make_shipped(anna, ("LAMP", 3))
    foreign = line_of(read(other), "LAMP").id

    with pytest.raises(NotFound), changing(order, anna) as current:
        returns.register(current, ReturnKind.RETURN, [ReturnedUnits(foreign, 1, FAULTY)], by=anna)


def test_a_product_is_given_once(app: Flask, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3))

    with pytest.raises(RuleViolation, match="en gång"):
        register(order, anna, ("CANDLE", 1), ("CANDLE", 1))


def test_nothing_cannot_come_back(app: Flask, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3))

    with pytest.raises(RuleViolation):
        register(order, anna)
    register(order, anna, ("CANDLE", 1))
    with pytest.raises(RuleViolation):
        receive(order, anna)
    with pytest.raises(RuleViolation, match="Avsluta"):
        receive(order, anna, ("CANDLE", 0))


def test_an_order_has_so_many_returns(app: Flask, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 99))
    with changing(order, anna) as current:
        line_id = line_of(current, "CANDLE").id
        for _number in range(MAX_RETURNS):
            returns.register(current, ReturnKind.RETURN, [ReturnedUnits(line_id, 1, FAULTY)], by=anna)

    with pytest.raises(RuleViolation, match=str(MAX_RETURNS)):
        register(order, anna, ("CANDLE", 1))


def test_a_registered_return_says_what_who_and_why(app: Flask, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3))

    a_return = register(order, anna, ("CANDLE", 2), note="Fel färg")

    assert read(order).returns == [a_return]
    (line,) = a_return.lines
    assert (line.sku, line.quantity, line.reason, line.received) == ("CANDLE", 2, WITHDRAWN, None)
    assert (a_return.kind, a_return.state, a_return.note) == (ReturnKind.RETURN, ReturnState.REGISTERED, "Fel färg")
    assert a_return.registered_by == anna.name
    assert last_event(order).kind is EventKind.RETURN_REGISTERED
    assert last_event(order).facts["reference"] == f"{order.number}-R1"


def test_goods_come_into_stock_when_they_are_received(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=10)
    order = make_shipped(anna, ("CANDLE", 3))
    register(order, anna, ("CANDLE", 3))
    assert stock_of("CANDLE") == (7, 0, 0)

    a_return = receive(order, anna, ("CANDLE", 3))

    assert stock_of("CANDLE") == (10, 0, 0)
    assert (a_return.state, a_return.lines[0].restocked) == (ReturnState.RECEIVED, 3)
    assert read(order).returns == [a_return]
    assert last_event(order).facts["restocked"] == 3


def test_fewer_can_come_back_and_some_of_them_be_discarded(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=10)
    order = make_shipped(anna, ("CANDLE", 5))
    register(order, anna, ("CANDLE", 5))

    a_return = receive(order, anna, ("CANDLE", 3, RESTOCK), ("CANDLE", 1, DISCARD))

    assert stock_of("CANDLE") == (8, 0, 0)
    assert (a_return.lines[0].received, a_return.lines[0].restocked) == (4, 3)
    assert a_return.lines[0].disposition is RESTOCK
    assert returnable(order, "CANDLE") == 1


def test_what_is_not_named_is_awaited_still(app: Flask, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 2), ("LAMP", 2))
    register(order, anna, ("CANDLE", 2), ("LAMP", 2))

    a_return = receive(order, anna, ("CANDLE", 2))
    assert a_return.state is ReturnState.REGISTERED
    assert [line.sku for line in a_return.awaited] == ["LAMP"]

    with pytest.raises(RuleViolation, match="väntar inte"):
        receive(order, anna, ("CANDLE", 1))
    assert receive(order, anna, ("LAMP", 0)).state is ReturnState.RECEIVED
    assert (returnable(order, "CANDLE"), returnable(order, "LAMP")) == (0, 2)


def test_a_return_is_received_once(app: Flask, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3))
    register(order, anna, ("CANDLE", 1))
    receive(order, anna, ("CANDLE", 1))

    with pytest.raises(RuleViolation, match="redan"):
        receive(order, anna, ("CANDLE", 1))
    with pytest.raises(NotFound):
        receive(order, anna, ("CANDLE", 1), return_id=2)


def test_goods_that_came_back_go_to_the_order_that_has_waited_longest(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=3)
    order = make_shipped(anna, ("CANDLE", 3))
    first, second = make_order(("CANDLE", 2)), make_order(("CANDLE", 2))
    register(order, anna, ("CANDLE", 3))

    receive(order, anna, ("CANDLE", 3))

    assert (shape(first), shape(second)) == ({1: [("CANDLE", 2, 2)]}, {1: [("CANDLE", 2, 1)]})
    assert last_event(first).kind is EventKind.BACKORDER_COVERED


@pytest.mark.parametrize("in_catalogue", [True, False])
def test_products_without_stock_come_back_without_any(app: Flask, anna: Actor, in_catalogue: bool) -> None:
    if in_catalogue:
        make_product("CANDLE", stock=None)
    order = make_shipped(anna, ("CANDLE", 3))
    register(order, anna, ("CANDLE", 3))

    assert receive(order, anna, ("CANDLE", 3)).lines[0].restocked == 0
    assert not in_catalogue or stock_of("CANDLE") == (None, 0, 0)


def test_stock_that_is_no_longer_kept_gets_nothing(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=5)
    order = make_shipped(anna, ("CANDLE", 3))
    register(order, anna, ("CANDLE", 3))
    set_stock("CANDLE", None)

    assert receive(order, anna, ("CANDLE", 3)).lines[0].restocked == 0
    assert stock_of("CANDLE") == (None, 0, 0)


def test_what_is_awaited_of_a_closed_return_can_be_returned_again(app: Flask, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3), ("LAMP", 1))
    register(order, anna, ("CANDLE", 3), ("LAMP", 1))
    receive(order, anna, ("LAMP", 1))

    close(order, anna)

    assert states(order) == [ReturnState.CLOSED]
    assert (returnable(order, "CANDLE"), returnable(order, "LAMP")) == (3, 0)
    with pytest.raises(NoChange):
        close(order, anna)
    with pytest.raises(RuleViolation, match="avslutad"):
        receive(order, anna, ("CANDLE", 1))
    assert register(order, anna, ("CANDLE", 3)).id == 2


def test_a_claim_can_be_settled_without_goods_that_come_back(app: Flask, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3))
    register(order, anna, ("CANDLE", 1), kind=ReturnKind.CLAIM, reason=FAULTY, expects_goods=False)

    with pytest.raises(RuleViolation, match="utan"):
        receive(order, anna, ("CANDLE", 1))
    assert returnable(order, "CANDLE") == 2
    close(order, anna)


def test_only_a_claim_is_settled_without_goods(app: Flask, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3))

    with pytest.raises(RuleViolation):
        register(order, anna, ("CANDLE", 1), expects_goods=False)


def test_an_exchange_sends_something_else_and_shows_the_difference(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", price=10_000)
    lamp = make_product("LAMP", price=25_000, stock=4)
    order = make_shipped(anna, ("CANDLE", 3))

    a_return = register(
        order, anna, ("CANDLE", 2), kind=ReturnKind.EXCHANGE, replacements=[Replacement(1, product=lamp)]
    )

    current = read(order)
    assert a_return.replacement == 2
    assert shape(order)[2] == [("LAMP", 1, 1)]
    assert current.total == 55_000
    assert returns.difference_of(current, a_return) == 5_000
    assert kinds_of(order)[-2:] == [EventKind.RETURN_REGISTERED, EventKind.LINE_ADDED]


def test_an_exchange_names_what_leaves_and_a_return_does_not(app: Flask, anna: Actor) -> None:
    lamp = make_product("LAMP")
    order = make_shipped(anna, ("CANDLE", 3))

    with pytest.raises(RuleViolation):
        register(order, anna, ("CANDLE", 1), kind=ReturnKind.EXCHANGE)
    with pytest.raises(RuleViolation):
        register(order, anna, ("CANDLE", 1), replacements=[Replacement(1, product=lamp)])


@pytest.mark.parametrize("method", ["klarna", "instalments"])
def test_an_exchange_may_cost_no_more_where_payment_cannot_grow(app: Flask, anna: Actor, method: str) -> None:
    make_product("CANDLE", price=10_000)
    same, dearer = make_product("LAMP", price=10_000), make_product("DEAR", price=10_100)
    order = make_shipped(anna, ("CANDLE", 3), payment_method=method, paid=30_000)

    with pytest.raises(RuleViolation, match="betald"):
        register(order, anna, ("CANDLE", 1), kind=ReturnKind.EXCHANGE, replacements=[Replacement(1, product=dearer)])
    register(order, anna, ("CANDLE", 1), kind=ReturnKind.EXCHANGE, replacements=[Replacement(1, product=same)])

    assert read(order).total == 40_000
    with pytest.raises(RuleViolation, match="betald"), changing(order, anna) as current:
        lines.add(current, same, 1, by=anna)


def test_units_that_were_refunded_pay_for_no_exchange(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", price=10_000)
    lamp = make_product("LAMP", price=10_000)
    order = make_shipped(anna, ("CANDLE", 2), payment_method="klarna", paid=20_000)
    candle = line_of(read(order), "CANDLE").id
    with changing(order, anna) as current:
        refunds.request(current, RequestedRefund(lines={candle: 1}, done=True), by=anna)

    exchange(order, anna, lamp)  # of the unit that is not refunded
    with pytest.raises(RuleViolation, match="betald"):
        exchange(order, anna, lamp)

    current = read(order)
    assert (current.total, current.credited, current.paid) == (30_000, 10_000, 10_000)


def test_one_exchange_after_another_is_paid_for_by_what_comes_back(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", price=10_000)
    lamp = make_product("LAMP", price=10_000)
    order = make_shipped(anna, ("CANDLE", 3), payment_method="klarna", paid=30_000)
    candle = line_of(read(order), "CANDLE").id

    exchange(order, anna, lamp)
    exchange(order, anna, lamp)
    with changing(order, anna) as current:
        refunds.request(current, RequestedRefund(lines={candle: 2}), by=anna)
    exchange(order, anna, lamp)

    current = read(order)
    assert (current.total, current.credited) == (60_000, 20_000)
    with pytest.raises(RuleViolation, match="betald"), changing(order, anna) as current:
        lines.add(current, lamp, 1, by=anna)


def test_an_exchange_of_the_same_is_not_dearer_by_the_vat_on_top(app: Flask, anna: Actor) -> None:
    lamp = make_product("LAMP", price=10_000)
    rows = [NewLine(sku="CANDLE", name="Ljus", quantity=1, unit_price=10_000, vat_rate=2500)]
    order = make_shipped(anna, lines=rows, prices_include_vat=False, payment_method="klarna", paid=12_500)

    exchange(order, anna, lamp)

    assert read(order).total == 25_000


def test_an_exchange_of_the_same_is_not_dearer_by_how_it_is_rounded(app: Flask, anna: Actor) -> None:
    lamp = make_product("LAMP", price=1_030)
    rows = [NewLine(sku="LAMP", name="Lampa", quantity=1, unit_price=1_030, vat_rate=2500)]
    rows.append(NewLine(sku="CANDLE", name="Ljus", quantity=1, unit_price=9_010, vat_rate=2500))
    order = make_shipped(anna, lines=rows, payment_method="klarna", paid=10_000)

    register(order, anna, ("LAMP", 1), kind=ReturnKind.EXCHANGE, replacements=[Replacement(1, product=lamp)])

    assert read(order).total == 11_100


def test_a_claim_is_replaced_at_no_cost(app: Flask, anna: Actor) -> None:
    make_product("CANDLE", stock=4)
    order = make_shipped(anna, ("CANDLE", 3), payment_method="instalments", paid=59_700)
    line_id = line_of(read(order), "CANDLE").id

    register(
        order,
        anna,
        ("CANDLE", 2),
        kind=ReturnKind.CLAIM,
        expects_goods=False,
        replacements=[Replacement(2, line_id=line_id)],
    )

    assert shape(order) == {1: [("CANDLE", 3, 3)], 2: [("CANDLE", 2, 1)]}
    assert read(order).total == 59_700
    assert stock_of("CANDLE") == (1, 1, 1)


def test_a_bundle_brings_its_parts_back(app: Flask, anna: Actor) -> None:
    make_product("PART", stock=20)
    bundle = NewLine(sku="KIT", name="Kit", quantity=2, unit_price=9_900, vat_rate=2500, bundle="1")
    part = NewLine(sku="PART", name="Part", quantity=6, unit_price=0, vat_rate=2500, bundle="1", units_per_bundle=3)
    order = make_order(lines=[bundle, part])
    ship(order, anna)
    kit = line_of(read(order), "KIT").id

    a_return = register(order, anna, ("KIT", 1))
    assert [(line.sku, line.quantity) for line in a_return.lines] == [("KIT", 1), ("PART", 3)]
    receive(order, anna, ("KIT", 1), ("PART", 3))
    assert stock_of("PART") == (17, 0, 0)

    claim = register(order, anna, ("KIT", 1), kind=ReturnKind.CLAIM, replacements=[Replacement(1, line_id=kit)])
    assert [(line.sku, line.quantity) for line in claim.lines] == [("KIT", 1), ("PART", 3)]
    assert shape(order)[2] == [("KIT", 1, 1), ("PART", 3, 3)]


def test_a_parcel_that_comes_back_is_proposed_whole(app: Flask, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3), ("LAMP", 1))
    register(order, anna, ("CANDLE", 1), ("LAMP", 1))
    current = read(order)

    proposed = returns.proposed_for(current.shipments[0])

    assert proposed == [ReturnedUnits(line_of(current, "CANDLE").id, 2, ReturnReason.NOT_COLLECTED)]


def test_a_shipment_that_something_came_back_of_is_not_opened_again(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 3))
    with changing(order, anna) as current:
        splits.split(line_of(current, "CANDLE"), 1, to=None, by=anna)
    for seq in (1, 2):
        ship(order, anna, seq)
    register(order, anna, ("CANDLE", 1), seq=1)

    with pytest.raises(RuleViolation, match=f"{order.number}-R1"), changing(order, anna) as current:
        shipments.reopen(shipments.get(current, 1), by=anna)
    with changing(order, anna) as current:
        shipments.reopen(shipments.get(current, 2), by=anna)

    close(order, anna)  # without goods: nothing came back
    with changing(order, anna) as current:
        shipments.reopen(shipments.get(current, 1), by=anna)
    assert read(order).status == "ready"


def test_a_claim_by_mistake_frees_its_units_when_it_is_closed(app: Flask, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3))
    claim(order, anna)
    assert returnable(order, "CANDLE") == 0

    close(order, anna)

    assert returnable(order, "CANDLE") == 3
    assert register(order, anna, ("CANDLE", 3)).id == 2


def test_a_claim_that_was_refunded_frees_nothing_when_it_is_closed(app: Flask, anna: Actor) -> None:
    order = make_shipped(anna, ("CANDLE", 3), paid=59_700)
    claim(order, anna)
    candle = line_of(read(order), "CANDLE").id
    with changing(order, anna) as current:
        refunds.request(current, RequestedRefund(lines={candle: 3}, return_id=1), by=anna)

    close(order, anna)

    assert returnable(order, "CANDLE") == 0


def test_a_claim_that_was_replaced_frees_nothing_when_it_is_closed(app: Flask, anna: Actor) -> None:
    candle = make_product("CANDLE", stock=6)
    order = make_shipped(anna, ("CANDLE", 3))
    claim(order, anna, replacements=[Replacement(3, product=candle)])

    close(order, anna)

    current = read(order)
    assert returns.returnable_units(current, line_of(current, "CANDLE", 1)) == 0
