"""Goods that came back to a Shopify shop: returns of what left here, kept once, with the shop's stock and sums."""

from itertools import permutations
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.connectors.incoming.logged import order_of
from tests.connectors.incoming.test_refunds import ITEM, REFERENCE, later_shopify, money_of, shopify_refund
from tests.connectors.payloads import SHOPIFY, WOO, example, woo
from tests.connectors.sending import outcome, send_shopify, send_woo
from tests.factories import make_product
from tests.operations.steps import changing, kinds_of, line_of, stock_of
from tests.operations.undo.steps import make_user, redo, undo
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Actor, EventKind, Order, ReturnKind, ReturnReason, ReturnState
from webshop_orders.operations.after_sales import returns
from webshop_orders.operations.after_sales.returns import ReceivedUnits, ReturnedUnits
from webshop_orders.operations.orders import lines, shipments

FULFILMENT = {"id": 5, "status": "success", "created_at": "2026-11-21T08:00:00+01:00", "line_items": [ITEM]}
SHIPPED = {"fulfillment_status": "fulfilled", "fulfillments": [FULFILMENT]}


@pytest.fixture(autouse=True)
def candles(app: object) -> None:
    make_product("LJUS-12", stock=10)


def returned(number: int = 900, hours: int = 1, units: Any = 1, **changes: Any) -> dict[str, Any]:
    """A refund of units that came back into the shop's stock."""
    refund = shopify_refund(
        number, hours, **({"units": units, "amount": f"{183 * units}.00"} if units in (1, 3) else {})
    )
    line = {**refund["refund_line_items"][0], "quantity": units, "restock_type": "return", "location_id": 487838322}
    return {**refund, "refund_line_items": [line | changes]}


def fulfilled(hours: int = 0) -> dict[str, Any]:
    return later_shopify(hours, 3, "598.00", **SHIPPED)


def after(hours: int, left: int, *told: dict[str, Any]) -> dict[str, Any]:
    return later_shopify(hours, left, f"{49 + 183 * left}.00", *told, **SHIPPED)


def came_back(order: Order) -> list[tuple[str | None, int]]:
    """The shop's references of what came back, with the units."""
    return [(found.external_reference, sum(line.received or 0 for line in found.lines)) for found in order.returns]


def with_the_customer(order: Order) -> int:
    """The units that left and have not come back."""
    left = [line for shipment in order.shipments if shipment.is_shipped for line in shipment.lines]
    return sum(line.quantity - order.units_returned(line.id) for line in left)


def test_units_that_came_back_are_a_closed_return_of_the_line_that_left(shop: FlaskClient) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, fulfilled())
    stock = stock_of("LJUS-12")
    send_shopify(shop, after(2, 2, returned()))
    order = order_of(REFERENCE)
    (kept,) = order.returns
    (line,) = kept.lines
    (refund,) = order.refunds
    assert (kept.kind, kept.state, kept.external_reference) == (ReturnKind.RETURN, ReturnState.CLOSED, "900")
    assert (line.line_id, line.quantity, line.received, line.restocked) == (next(order.lines).id, 1, 1, 0)
    assert line.reason is ReturnReason.NOT_STATED
    assert kept.received_at == kept.closed_at == "2026-11-21T10:00:00+00:00"
    assert refund.return_id == kept.id
    assert stock_of("LJUS-12") == stock
    assert money_of(order) == (41_500, 18_300, 41_500, 0)
    told = {EventKind.REFUND_DONE, EventKind.RETURN_REGISTERED, EventKind.RETURN_RECEIVED}
    assert [kind for kind in kinds_of(order) if kind in told] == [
        EventKind.REFUND_DONE,
        EventKind.RETURN_REGISTERED,
        EventKind.RETURN_RECEIVED,
    ]


@pytest.mark.parametrize("kind", ["no_restock", "cancel", "legacy_restock", "Return ed", None, 7, ["return"]])
def test_units_of_which_nobody_says_that_they_came_back_are_only_refunded(shop: FlaskClient, kind: Any) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, fulfilled())
    send_shopify(shop, after(2, 2, returned(restock_type=kind)))
    order = order_of(REFERENCE)
    assert order.returns == []
    assert money_of(order) == (41_500, 18_300, 41_500, 0)


def test_goods_that_cost_nothing_come_back_without_a_refund(shop: FlaskClient) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, fulfilled())
    free = {**returned(subtotal="0.00", total_tax="0.00"), "transactions": []}
    for _turn in range(2):
        send_shopify(shop, free, "refunds/create")
    order = order_of(REFERENCE)
    assert (came_back(order), order.refunds) == ([("900", 1)], [])
    assert money_of(order) == (59_800, 0, 59_800, 0)


@pytest.mark.parametrize("with_order", [True, False])
def test_what_comes_back_by_a_message_of_its_own_is_kept_once(shop: FlaskClient, with_order: bool) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, fulfilled())
    for _turn in range(2):
        assert outcome(send_shopify(shop, returned(), "refunds/create")) == "followed"
        if with_order:
            send_shopify(shop, after(2, 2, returned()))
            send_shopify(shop, after(3, 2, returned(), {"id": 5}))
    order = order_of(REFERENCE)
    assert came_back(order) == [("900", 1)]
    assert kinds_of(order).count(EventKind.RETURN_RECEIVED) == 1
    assert order.refunds[0].return_id == order.returns[0].id
    assert money_of(order) == (41_500, 18_300, 41_500, 0)


@settings(max_examples=12, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
@given(st.permutations(range(6)), st.lists(st.integers(0, 5), max_size=4), st.integers(1, 10**9))
def test_messages_in_any_sequence_leave_the_customer_with_the_same_goods(
    shop: FlaskClient, sequence: list[int], repeated: list[int], number: int
) -> None:
    first, second = returned(900, 1), returned(910, 3)
    messages = [
        ("orders/create", SHOPIFY),
        ("orders/fulfilled", fulfilled()),
        ("refunds/create", first),
        ("orders/updated", after(2, 2, first)),
        ("refunds/create", second),
        ("orders/updated", after(4, 1, first, second)),
    ]
    for place in (*sequence, *repeated):
        topic, body = messages[place]
        about = {"order_id": number} if topic.startswith("refunds") else {"id": number}
        assert outcome(send_shopify(shop, {**body, **about}, topic)) != "not taken"
    order = order_of(f"shopify-{number}")
    assert with_the_customer(order) == 1
    assert len({reference for reference, _units in came_back(order)}) == len(order.returns)
    assert all(units == 1 for _reference, units in came_back(order))
    assert money_of(order) == (23_200, 36_600, 23_200, 0)


@pytest.mark.parametrize("sequence", list(permutations(range(3))))
def test_each_of_several_refunds_has_the_goods_that_came_with_it(shop: FlaskClient, sequence: tuple[int, ...]) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, fulfilled())
    for place in sequence:
        send_shopify(shop, returned(900 + place, 1 + place), "refunds/create")
    order = order_of(REFERENCE)
    assert sorted(came_back(order)) == [("900", 1), ("901", 1), ("902", 1)]
    assert with_the_customer(order) == 0


def test_what_had_not_left_here_is_returned_once_the_shop_tells_that_it_had(shop: FlaskClient) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, returned(), "refunds/create")
    order = order_of(REFERENCE)
    assert (order.returns, len(order.refunds)) == ([], 1)
    for hours in (0, 0, 2):
        send_shopify(shop, {**fulfilled(hours), "refunds": [returned()] if hours else []})
    order = order_of(REFERENCE)
    assert came_back(order) == [("900", 1)]
    assert with_the_customer(order) == 2


def test_an_order_that_came_without_what_came_back_has_it_in_its_refund_alone(shop: FlaskClient) -> None:
    for hours in (2, 3):
        send_shopify(shop, after(hours, 2, returned()))
        send_shopify(shop, returned(), "refunds/create")
    order = order_of(REFERENCE)
    assert (order.returns, with_the_customer(order)) == ([], 2)
    assert [refund.external_reference for refund in order.refunds] == ["900"]


def test_an_order_that_comes_back_as_a_whole_is_returned_and_owes_nothing(shop: FlaskClient) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, fulfilled())
    whole = {**returned(units=3), "transactions": [{"kind": "refund", "status": "success", "amount": "598.00"}]}
    for _turn in range(2):
        send_shopify(shop, after(2, 0, whole) | {"financial_status": "refunded", "current_total_price": "0.00"})
    order = order_of(REFERENCE)
    assert came_back(order) == [("900", 3)]
    assert (order.paid, order.refunded, money_of(order)[3]) == (0, 59_800, 0)
    assert stock_of("LJUS-12") == (7, 0, 0)


def test_goods_that_staff_registered_as_coming_back_are_the_same(shop: FlaskClient, anna: Actor) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, fulfilled())
    with changing(order_of(REFERENCE), anna) as order:
        line = line_of(order, "LJUS-12")
        own = returns.register(order, ReturnKind.RETURN, [ReturnedUnits(line.id, 1, ReturnReason.WITHDRAWN)], by=anna)
    send_shopify(shop, returned(), "refunds/create")
    with changing(order_of(REFERENCE), anna) as order:
        returns.receive(order, own.id, [ReceivedUnits(line_of(order, "LJUS-12").id, 1)], by=anna)
    send_shopify(shop, after(2, 2, returned()))
    order = order_of(REFERENCE)
    assert came_back(order) == [(None, 1)]
    assert stock_of("LJUS-12") == (8, 0, 0)
    send_shopify(shop, after(4, 1, returned(), returned(910, 3)))
    assert came_back(order_of(REFERENCE)) == [(None, 1), ("910", 1)]


def test_what_came_back_to_the_shop_can_neither_come_back_here_nor_never_have_left(
    shop: FlaskClient, anna: Actor
) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, fulfilled())
    send_shopify(shop, after(2, 2, returned()))
    line = line_of(order_of(REFERENCE), "LJUS-12")
    with pytest.raises(RuleViolation, match=r"WS-.*-R1"), changing(order_of(REFERENCE), anna) as order:
        shipments.reopen(order.shipments[0], by=anna)
    for units in (3, 2):
        wanted = [ReturnedUnits(line.id, units, ReturnReason.WITHDRAWN)]
        if units == 3:
            with pytest.raises(RuleViolation), changing(order_of(REFERENCE), anna) as order:
                returns.register(order, ReturnKind.RETURN, wanted, by=anna)
        else:
            with changing(order_of(REFERENCE), anna) as order:
                returns.register(order, ReturnKind.RETURN, wanted, by=anna)
    assert with_the_customer(order_of(REFERENCE)) == 0


def test_taking_back_what_staff_changed_leaves_what_came_back(shop: FlaskClient) -> None:
    anna = make_user("Anna")
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, fulfilled())
    send_shopify(shop, returned(), "refunds/create")
    with changing(order_of(REFERENCE), anna) as order:
        lines.add_free(order, "Kort", 1, unit_price=0, vat_rate=2500, to=None, by=anna)
    undo(order_of(REFERENCE), anna)
    order = order_of(REFERENCE)
    assert (came_back(order), len(list(order.lines))) == ([("900", 1)], 1)
    redo(order_of(REFERENCE), anna)
    assert came_back(order_of(REFERENCE)) == [("900", 1)]


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": 0},
        {"quantity": -1},
        {"quantity": 2.5},
        {"quantity": "x"},
        {"quantity": 10**9},
        {"quantity": None},
        {"line_item_id": 77, "line_item": {"id": 77, "sku": "ANNAN", "name": "Annan"}},
        {"line_item_id": 77, "line_item": None},
        {"line_item_id": None, "line_item": {"sku": "\x00\ud800"}},
        {"line_item_id": {"x": 1}, "line_item": []},
    ],
)
def test_units_that_cannot_be_attributed_are_left_to_the_refund(shop: FlaskClient, changes: dict[str, Any]) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, fulfilled())
    for _turn in range(2):
        outcome(send_shopify(shop, returned(**changes), "refunds/create"))
        outcome(send_shopify(shop, after(2, 2, returned(**changes))))
    order = order_of(REFERENCE)
    assert order.returns == []
    assert order.paid + order.refunded == 59_800


def test_more_units_than_left_never_come_back(shop: FlaskClient) -> None:
    send_shopify(shop, SHOPIFY)
    send_shopify(shop, fulfilled())
    send_shopify(shop, returned(quantity=99), "refunds/create")
    send_shopify(shop, returned(910, 2, quantity=2), "refunds/create")
    order = order_of(REFERENCE)
    assert (came_back(order), with_the_customer(order)) == ([("900", 3)], 0)


def test_the_documented_order_and_refund_of_shopify_give_its_lines_back(shop: FlaskClient) -> None:
    order = {**example("shopify_order.json")["order"], "refunds": [], "fulfillments": []}
    items = [item for item in order["line_items"] if item.get("sku")]
    fulfilment = {"id": 1, "status": "success", "created_at": order["created_at"], "line_items": items}
    back = {
        "id": 509562969,
        "order_id": order["id"],
        "created_at": "2026-11-22T11:15:00-04:00",
        "note": "it broke during shipping",
        "restock": True,
        "refund_line_items": [
            {
                "id": 104689539 + place,
                "quantity": 1,
                "line_item_id": item["id"],
                "line_item": item,
                "restock_type": kind,
            }
            for place, (item, kind) in enumerate(zip(items, ["return", "no_restock"], strict=False))
        ],
        "transactions": [{"id": 179259969, "kind": "refund", "status": "success", "amount": "209.00"}],
        "order_adjustments": [],
    }
    send_shopify(shop, order, "orders/create")
    paid = sum(money_of(order_of(f"shopify-{order['id']}"))[:2])
    shipped = {**order, "updated_at": "2026-11-22T11:00:00Z", "fulfillments": [fulfilment]}
    send_shopify(shop, shipped | {"fulfillment_status": "fulfilled"}, "orders/fulfilled")
    for _turn in range(2):
        assert outcome(send_shopify(shop, back, "refunds/create")) == "followed"
    placed = order_of(f"shopify-{order['id']}")
    (kept,) = placed.returns
    assert [(line.sku, line.received) for line in kept.lines] == [(items[0]["sku"], 1)]
    assert sum(money_of(placed)[:2]) == paid


def test_refunds_of_woocommerce_say_nothing_of_goods(shop: FlaskClient) -> None:
    send_woo(shop, WOO)
    (item,) = WOO["line_items"]
    flagged = {**item, "meta_data": [{"key": "_restock_refunded_items", "value": "1"}]}
    refund = {"id": 3, "reason": "", "total": "-199.33", "line_items": [{**item, "quantity": -1}]}
    done = woo(status="completed", date_modified_gmt="2026-11-21T10:30:00", date_completed_gmt="2026-11-21T10:00:00")
    send_woo(shop, {**done, "line_items": [flagged], "refunds": [refund]})
    order = order_of()
    assert (order.returns, with_the_customer(order)) == ([], 3)
    assert money_of(order) == (44_767, 19_933, 44_767, 0)
