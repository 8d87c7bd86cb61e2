"""Rules 21 and 22: one transaction, one event and at most one version for a change; stale forms are refused."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from flask import Flask

from tests.factories import ASA, LULEA, make_order, make_product
from tests.operations.steps import changing, events_of, kinds_of, line_of, messages_of, product, read, shape, stock_of
from webshop_orders.db.extensions import db
from webshop_orders.errors import AlreadyDone, NotFound, RuleViolation, StaleVersion
from webshop_orders.models import (
    Actor,
    ActorKind,
    Comment,
    CommentKind,
    Customer,
    DeliveryStatus,
    EventKind,
    Order,
)
from webshop_orders.operations.orders import (
    cancellation,
    comments,
    confirmations,
    customers,
    lines,
    shipments,
    splits,
    tracking,
)
from webshop_orders.transactions.unit_of_work import editing

BO = Customer("Bo Ek", email="bo@example.com")


@dataclass(frozen=True)
class Change:
    """A change, some facts of its event, and whether it makes forms stale."""

    kind: EventKind
    carry_out: Callable[[Order, Actor], object]
    facts: dict[str, Any]
    bumps_version: bool = True


# Of an order of 5 CANDLE at 100,00 (3 covered) and 1 WICK at 10,00, in its shipment 1.
CHANGES = [
    Change(
        EventKind.LINE_ADDED,
        lambda order, by: lines.add(order, product("OIL"), 2, by=by),
        {"sku": "OIL", "quantity": 2, "unit_price": 2_000, "total": {"before": 51_000, "after": 55_000}},
    ),
    Change(
        EventKind.LINE_CHANGED,
        lambda order, by: lines.change(line_of(order, "CANDLE"), quantity=4, by=by),
        {"sku": "CANDLE", "quantity": {"before": 5, "after": 4}, "total": {"before": 51_000, "after": 41_000}},
    ),
    Change(
        EventKind.LINE_REMOVED,
        lambda order, by: lines.remove(line_of(order, "WICK"), by=by),
        {"sku": "WICK", "quantity": 1, "unit_price": 1_000, "total": {"before": 51_000, "after": 50_000}},
    ),
    Change(
        EventKind.LINE_SPLIT,
        lambda order, by: splits.split(line_of(order, "CANDLE"), 3, to=None, by=by),
        {"sku": "CANDLE", "quantity": 3, "source": "H-1-1", "target": "H-1-2"},
    ),
    Change(
        EventKind.BACKORDERED_SPLIT,
        lambda order, by: splits.split_backordered(order.shipments[0], by=by),
        {"quantity": 2, "source": "H-1-1", "target": "H-1-2"},
    ),
    Change(
        EventKind.SHIPMENT_SHIPPED,
        lambda order, by: shipments.ship(order.shipments[0], by=by),
        {"shipment": "H-1-1", "status": {"before": "backordered", "after": "shipped"}, "mailed_to": "asa@example.com"},
    ),
    Change(
        EventKind.STATUS_SET,
        lambda order, by: shipments.set_status(order.shipments[0], DeliveryStatus.READY, by=by),
        {"shipment": "H-1-1", "status": {"before": "backordered", "after": "ready"}},
    ),
    Change(
        EventKind.TRACKING_ADDED,
        lambda order, by: tracking.add(order.shipments[0], "RR1", "DHL", None, by=by),
        {"shipment": "H-1-1", "code": "RR1", "carrier": "DHL"},
    ),
    Change(
        EventKind.CUSTOMER_CHANGED,
        lambda order, by: customers.change(order, BO, LULEA, LULEA, by=by),
        {},
    ),
    Change(
        EventKind.ORDER_CANCELLED,
        lambda order, by: cancellation.cancel(order, by=by),
        {"status": {"before": "backordered", "after": "cancelled"}},
    ),
    Change(
        EventKind.COMMENT_ADDED,
        lambda order, by: comments.add(order, CommentKind.INTERNAL, "Hej", by=by),
        {"text": "Hej"},
        bumps_version=False,
    ),
    Change(
        EventKind.CONFIRMATION_SENT,
        lambda order, by: confirmations.send_order_confirmation(order, "bo@example.com", by=by),
        {"mailed_to": "bo@example.com"},
        bumps_version=False,
    ),
]


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("CANDLE", stock=3, price=10_000)
    make_product("WICK", price=1_000)
    make_product("OIL", price=2_000)
    return make_order(("CANDLE", 5), ("WICK", 1), number="H-1", send_confirmation=False)


def all_values(order: Order) -> tuple[object, ...]:
    """All values that a change could touch."""
    current = read(order)
    return (
        shape(order),
        current.version,
        current.total,
        current.customer,
        current.status,
        current.event_count,
        current.message_count,
        [shipment.status for shipment in read(order).shipments],
        [code.code for shipment in read(order).shipments for code in shipment.tracking_codes],
        len(events_of(order)),
        len(messages_of(order)),
        db.session.scalar(db.select(db.func.count()).select_from(Comment)),
        [stock_of(sku) for sku in ("CANDLE", "WICK", "OIL")],
    )


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.kind.value)
def test_rule_22_a_stale_form_changes_nothing(order: Order, anna: Actor, change: Change) -> None:
    form_version = read(order).version
    with changing(order, anna) as current:
        lines.add(current, product("OIL"), 1, by=anna)
    before = all_values(order)

    with pytest.raises(StaleVersion) as refusal, editing(order.number, form_version, anna) as current:
        change.carry_out(current, anna)

    assert refusal.value.form_version == form_version
    assert all_values(order) == before


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.kind.value)
def test_rule_21_a_change_that_fails_before_the_commit_is_rolled_back(
    order: Order, anna: Actor, change: Change
) -> None:
    before = all_values(order)

    def fail_before_the_commit() -> None:
        with changing(order, anna) as current:
            change.carry_out(current, anna)
            db.session.flush()
            raise RuntimeError("the power fails")

    with pytest.raises(RuntimeError, match="power"):
        fail_before_the_commit()

    assert all_values(order) == before


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.kind.value)
def test_rule_21_a_change_is_one_event_with_actor_and_both_values(order: Order, anna: Actor, change: Change) -> None:
    before = read(order).version

    with changing(order, anna) as current:
        change.carry_out(current, anna)

    _placed, event = events_of(order)
    after = read(order)
    assert (event.kind, event.actor_kind, event.actor_name) == (change.kind, anna.kind, anna.name)
    assert change.facts.items() <= event.facts.items()
    assert after.version == event.version == before + change.bumps_version
    assert after.event_count == 2
    assert event.at.tzinfo is not None


def test_rule_21_a_changed_customer_is_recorded_before_and_after(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        customers.change(current, BO, LULEA, LULEA, by=anna)

    customer = events_of(order)[-1].facts["customer"]
    assert (customer["before"]["name"], customer["after"]["name"]) == (ASA.name, BO.name)


def test_rule_21_reopening_records_the_former_time_of_shipping(order: Order, anna: Actor) -> None:
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    shipped_at = read(order).shipments[0].shipped_at

    with changing(order, anna) as current:
        shipments.reopen(current.shipments[0], by=anna)

    event = events_of(order)[-1]
    assert shipped_at is not None
    assert event.facts == {
        "shipment": "H-1-1",
        "status": {"before": "shipped", "after": "backordered"},
        "shipped_at": shipped_at.isoformat(),
        "mail_withdrawn": True,
    }
    assert read(order).version == 3


def test_rule_22_a_comment_does_not_make_a_form_stale(order: Order, anna: Actor) -> None:
    form_version = read(order).version
    with editing(order.number, None, anna) as current:
        comments.add(current, CommentKind.INTERNAL, "Hej", by=anna)

    with editing(order.number, form_version, anna) as current:
        lines.change(line_of(current, "CANDLE"), quantity=4, by=anna)

    assert kinds_of(order)[-1] is EventKind.LINE_CHANGED


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.kind.value)
@pytest.mark.parametrize(("user_id", "conflicts"), [(1, False), (2, True), (None, True)])
def test_rule_32_a_change_conflicts_with_one_by_another_user_of_the_same_name_and_not_with_ones_own(
    order: Order, anna: Actor, change: Change, user_id: int | None, conflicts: bool
) -> None:
    form_version = read(order).version
    with changing(order, anna) as current:
        lines.add(current, product("OIL"), 1, by=replace(anna, user_id=user_id))
    anna = replace(anna, user_id=1)

    def send_form() -> None:
        with editing(order.number, form_version, anna) as current:
            change.carry_out(current, anna)

    if conflicts:
        with pytest.raises(StaleVersion):
            send_form()
    else:
        send_form()
        assert kinds_of(order)[-2:] == [EventKind.LINE_ADDED, change.kind]


def test_rule_32_a_change_of_ones_own_hides_none_by_others(order: Order, anna: Actor) -> None:
    anna, bo = replace(anna, user_id=1), Actor(ActorKind.STAFF, "Bo Ek", user_id=2)
    form_version = read(order).version
    for by, status in [(anna, DeliveryStatus.READY), (bo, DeliveryStatus.BACKORDERED), (anna, DeliveryStatus.READY)]:
        with editing(order.number, None, by) as current:
            shipments.set_status(current.shipments[0], status, by=by)

    with pytest.raises(StaleVersion), editing(order.number, form_version, anna):
        pass


@pytest.mark.parametrize("version", [0, 99])
def test_rule_22_a_version_that_the_order_never_had_is_stale(order: Order, anna: Actor, version: int) -> None:
    with pytest.raises(StaleVersion), editing(order.number, version, replace(anna, user_id=1)):
        pass


@pytest.mark.parametrize("with_version", [True, False])
def test_rule_22_a_repeated_request_is_carried_out_once(order: Order, anna: Actor, with_version: bool) -> None:
    form_version = read(order).version if with_version else None
    actor = anna.with_request_key("request-1")

    def add_tracking_code() -> None:
        with editing(order.number, form_version, actor) as current:
            tracking.add(current.shipments[0], f"RR{current.event_count}", None, None, by=actor)

    add_tracking_code()
    before = all_values(order)
    with pytest.raises(AlreadyDone):
        add_tracking_code()

    assert all_values(order) == before
    assert kinds_of(order).count(EventKind.TRACKING_ADDED) == 1


def test_rule_22_a_request_key_is_unique_within_one_order(order: Order, anna: Actor) -> None:
    other = make_order(("WICK", 1))
    actor = anna.with_request_key("request-1")

    for changed_order in (order, other):
        with editing(changed_order.number, None, actor) as current:
            comments.add(current, CommentKind.INTERNAL, "Hej", by=actor)

    assert kinds_of(order)[-1] is kinds_of(other)[-1] is EventKind.COMMENT_ADDED


def test_a_refused_change_is_rolled_back_completely(order: Order, anna: Actor) -> None:
    before = all_values(order)

    def change_two_lines() -> None:
        with changing(order, anna) as current:
            lines.change(line_of(current, "CANDLE"), quantity=1, by=anna)
            lines.change(line_of(current, "WICK"), quantity=0, by=anna)

    with pytest.raises(RuleViolation):
        change_two_lines()

    assert all_values(order) == before


def test_an_unknown_order_is_not_found(app: Flask, anna: Actor) -> None:
    with pytest.raises(NotFound, match="WS-0"), editing("WS-0", None, anna):
        pass
