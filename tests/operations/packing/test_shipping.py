"""A packed shipment leaves with its labels' codes, once, after what staff confirm everywhere."""

from dataclasses import replace

import pytest
from flask import Flask

from tests.factories import ASA, make_order, make_product, reshape_shop
from tests.operations.packing.packing import LABEL, LARS, codes_of, load, packing_of, scan, ship, start
from tests.operations.steps import events_of, kinds_of, messages_of, read, stock_of
from webshop_orders.errors import ConfirmationRequired, RuleViolation
from webshop_orders.models import DispatchCheck, DispatchChecks, EventKind, Order
from webshop_orders.operations.orders import splits
from webshop_orders.operations.packing import scanning, sessions, shipping
from webshop_orders.operations.packing.commands import Command
from webshop_orders.operations.packing.sessions import Ended
from webshop_orders.transactions.unit_of_work import editing


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("LJUS-12", stock=10)
    return make_order(("LJUS-12", 2))


@pytest.fixture
def session(order: Order) -> int:
    return start(order)


def test_what_is_not_packed_does_not_leave(order: Order, session: int) -> None:
    scan(session, "LJUS-12")
    with pytest.raises(RuleViolation, match="1 är inte packad än"):
        ship(order, session)
    scan(session, "LJUS-12")
    with packing_of(session) as packing:
        scanning.carry_out(packing, Command.NEW_PARCEL, request_key=None)
    with pytest.raises(RuleViolation, match="Etiketten på det nya kollit"):
        ship(order, session)
    assert not read(order).shipments[0].is_shipped


def test_it_leaves_with_its_codes_its_mail_and_both_events(order: Order, session: int) -> None:
    scan(session, "2*LJUS-12")
    scan(session, LABEL)

    ship(order, session, key="ship-key-1")

    assert codes_of(order) == [LABEL]
    assert kinds_of(order)[1:] == [EventKind.TRACKING_ADDED, EventKind.SHIPMENT_SHIPPED, EventKind.SHIPMENT_PACKED]
    assert [event.request_key for event in events_of(order)[1:]] == [None, "ship-key-1", None]
    assert [event.actor_name for event in events_of(order)[1:]] == ["Lars Ek"] * 3
    assert LABEL in messages_of(order)[-1].text
    assert stock_of("LJUS-12") == (8, 0, 0)


def test_it_leaves_once(order: Order, session: int) -> None:
    scan(session, "2*LJUS-12")
    scan(session, LABEL)
    ship(order, session, key="ship-key-1")
    before = (kinds_of(order), len(messages_of(order)), stock_of("LJUS-12"))

    with pytest.raises(Ended) as ended:
        ship(order, session, key="ship-key-1")

    assert sessions.was_carried_out(ended.value.session, "ship-key-1")
    assert not sessions.was_carried_out(ended.value.session, "another-key")
    assert (kinds_of(order), len(messages_of(order)), stock_of("LJUS-12")) == before


def test_warnings_are_confirmed_as_elsewhere(order: Order, session: int) -> None:
    scan(session, "2*LJUS-12")
    with pytest.raises(ConfirmationRequired) as reason:
        ship(order, session)
    assert [warning.code for warning in reason.value.warnings] == ["no-code"]
    assert not read(order).shipments[0].is_shipped

    with packing_of(session) as packing:
        shipping.ask(packing, reason.value.warnings, request_key="asked-key-1")
    packing = load(session)
    assert shipping.agreed_by_asking(packing) == {"no-code"}
    assert packing.question is not None
    assert [warning.sentence for warning in shipping.warnings_of(packing.question)] == [
        warning.sentence for warning in reason.value.warnings
    ]
    ship(order, session, "no-code")
    assert read(order).shipments[0].is_shipped


def test_what_was_asked_is_not_agreed_to_once_something_else_was_scanned(order: Order, session: int) -> None:
    scan(session, "2*LJUS-12")
    with pytest.raises(ConfirmationRequired) as reason:
        ship(order, session)
    with packing_of(session) as packing:
        shipping.ask(packing, reason.value.warnings, request_key=None)
    scan(session, LABEL)

    assert shipping.agreed_by_asking(load(session)) == set()


def test_goods_that_wait_for_stock_and_a_customer_without_address_are_warned_of(app: Flask) -> None:
    make_product("KAN-02", stock=1, backorderable=True)
    order = make_order(("KAN-02", 2), customer=replace(ASA, email=None))
    session = start(order)
    scan(session, "2*KAN-02")
    scan(session, LABEL)

    with pytest.raises(ConfirmationRequired) as reason:
        ship(order, session)

    assert [warning.code for warning in reason.value.warnings] == ["uncovered", "no-address"]


def test_rule_34_a_part_of_what_is_to_leave_whole_is_asked_about(app: Flask) -> None:
    make_product("KORT", stock=None)
    make_product("VEKE", stock=0, backorderable=True)
    order = make_order(("KORT", 1), ("VEKE", 2), ships_whole=True)
    with editing(order.number, None, LARS) as current:
        splits.split_backordered(current.shipments[0], by=LARS)
    session = start(order)
    scan(session, "KORT")
    scan(session, LABEL)

    with pytest.raises(ConfirmationRequired, match=f"{order.number}-2 väntar fortfarande på lager") as reason:
        ship(order, session)
    with packing_of(session) as packing:
        shipping.ask(packing, reason.value.warnings, request_key="asked-key-1")

    assert shipping.agreed_by_asking(load(session)) == {"not_whole"}
    ship(order, session, "not_whole")
    assert [shipment.is_shipped for shipment in read(order).shipments] == [True, False]


def test_a_change_within_a_batch_names_it(order: Order) -> None:
    session = start(order, batch_id=12)
    scan(session, "2*LJUS-12")
    scan(session, LABEL)

    ship(order, session)

    assert {event.batch_id for event in events_of(order)[1:]} == {12}


def test_control_a_shipment_could_leave_unpacked_without_the_check(
    order: Order, session: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shipping, "check_complete", lambda packing: None)

    with editing(order.number, None, LARS) as current:
        shipping.ship(sessions.lock(session, LARS, current), {"no-code"}, by=LARS)

    assert read(order).shipments[0].is_shipped


def test_what_fails_the_checks_before_dispatch_leaves_once_the_packer_agrees(order: Order, session: int) -> None:
    reshape_shop(dispatch_checks=DispatchChecks(unpaid=True, invoices_too=True))
    scan(session, "2*LJUS-12")
    scan(session, LABEL)

    with pytest.raises(ConfirmationRequired) as asked:
        ship(order, session)

    assert [warning.code for warning in asked.value.warnings] == [DispatchCheck.UNPAID]
    ship(order, session, DispatchCheck.UNPAID)
    assert read(order).shipments[0].is_shipped
