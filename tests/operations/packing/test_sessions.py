"""One person packs a shipment at a time, and whoever comes second is told who and since when."""

from datetime import timedelta
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.exc import IntegrityError

from tests.factories import make_order, make_product
from tests.operations.orders.test_bundles import BOOK, order_of
from tests.operations.packing.packing import EVA, LABEL, LARS, load, packing_of, scan, ship, start, ticks
from tests.operations.steps import changing, read
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import Actor, Order, PackingLine, PackingScan, PackingSession
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.orders import cancellation, shipments
from webshop_orders.operations.packing import sessions
from webshop_orders.operations.packing.sessions import Ended, HeldByOther, TakenOver
from webshop_orders.outbox.worker import Maintenance
from webshop_orders.transactions.unit_of_work import writing


@pytest.fixture
def order(app: Flask) -> Order:
    make_product("LJUS-12")
    make_product("KAN-02")
    return make_order(("LJUS-12", 2), ("KAN-02", 1))


def rows(model: type[PackingSession | PackingLine | PackingScan]) -> int:
    db.session.rollback()
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_second_packer_is_told_who_has_it(order: Order) -> None:
    session_id = start(order)

    with pytest.raises(HeldByOther, match=f"Lars Ek packar {order.number}-1") as refusal:
        start(order, by=EVA)

    assert refusal.value.session.id == session_id
    assert rows(PackingSession) == 1


def test_a_shipment_that_has_left_or_is_cancelled_or_never_was_is_not_packed(order: Order, anna: Actor) -> None:
    with pytest.raises(NotFound):
        start(order, 2)
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)
    with pytest.raises(RuleViolation, match="är skickad"):
        start(order)
    cancelled = make_order(("LJUS-12", 1))
    with changing(cancelled, anna) as current:
        cancellation.cancel(current, by=anna)
    with pytest.raises(RuleViolation, match="makulerad"):
        start(cancelled)
    assert rows(PackingSession) == 0


def test_the_packer_comes_back_to_what_was_packed(order: Order) -> None:
    session_id = start(order)
    scan(session_id, "LJUS-12")

    assert start(order) == session_id
    assert ticks(session_id) == {"LJUS-12": (1, 2), "KAN-02": (0, 1)}


def test_who_takes_over_goes_on_and_the_first_is_told(order: Order) -> None:
    session_id = start(order)
    scan(session_id, "LJUS-12")

    with writing():
        sessions.take_over(session_id, by=EVA)

    with pytest.raises(TakenOver, match="Eva Sund har tagit över"):
        scan(session_id, "LJUS-12")
    assert ticks(session_id, EVA) == {"LJUS-12": (1, 2), "KAN-02": (0, 1)}
    scan(session_id, "LJUS-12", by=EVA)
    assert ticks(session_id, EVA)["LJUS-12"] == (2, 2)


def test_what_was_left_is_there_for_others_from_the_beginning(order: Order) -> None:
    session_id = start(order)
    scan(session_id, "LJUS-12")
    with packing_of(session_id) as packing:
        sessions.leave(packing)

    with pytest.raises(Ended):
        scan(session_id, "LJUS-12")
    with pytest.raises(Ended), writing():
        sessions.take_over(session_id, by=EVA)
    assert ticks(start(order, by=EVA), EVA) == {"LJUS-12": (0, 2), "KAN-02": (0, 1)}


def test_parts_are_packed_in_place_of_their_bundle(app: Flask) -> None:
    session_id = start(order_of(BOOK))

    assert ticks(session_id) == {"CANDLE": (0, 6), "STAKE": (0, 3), "BOOK": (0, 1)}


def test_the_choice_to_ship_at_once_is_kept_for_the_next_shipment(order: Order) -> None:
    session_id = start(order)
    assert not load(session_id).session.ships_when_scanned
    with packing_of(session_id) as packing:
        sessions.choose_shipping(packing, ships_when_scanned=True)

    assert load(start(make_order(("LJUS-12", 1)))).session.ships_when_scanned
    assert not load(start(make_order(("LJUS-12", 1)), by=EVA), EVA).session.ships_when_scanned


def test_what_is_left_alone_for_half_a_day_is_forgotten_with_its_scans(order: Order) -> None:
    session_id, other = start(order), start(make_order(("LJUS-12", 1)))
    scan(session_id, "LJUS-12")
    with writing():
        sessions.forget()
    assert rows(PackingSession) == 2
    with writing():
        long_ago = now() - timedelta(hours=12, minutes=1)
        db.session.execute(update(PackingSession).where(PackingSession.id == session_id).values(seen_at=long_ago))
        sessions.forget()

    assert [session.id for session in db.session.scalars(select(PackingSession))] == [other]
    assert (rows(PackingLine), rows(PackingScan)) == (1, 0)
    with pytest.raises(NotFound, match="glömd"):
        load(session_id)
    start(order, by=EVA)


def test_the_workers_upkeep_forgets(order: Order) -> None:
    start(order)
    with writing():
        db.session.execute(update(PackingSession).values(seen_at=now() - timedelta(days=1)))

    Maintenance()(Event())

    assert rows(PackingSession) == 0


def test_the_database_refuses_a_second_session_and_more_ticks_than_units(order: Order) -> None:
    session_id = start(order)
    values = {"order_id": order.id, "seq": 1, "user_id": 9, "user_name": "Bo", "order_version": 1}
    with pytest.raises(IntegrityError), writing():
        db.session.add(PackingSession(**values))
    of_line = update(PackingLine).where(PackingLine.session_id == session_id, PackingLine.sku == "LJUS-12")
    for packed in (3, -1):
        with pytest.raises(IntegrityError), writing():
            db.session.execute(of_line.values(packed=packed))


def test_erased_personal_data_take_the_scanned_codes_along(order: Order) -> None:
    session_id = start(order)
    for code in ("LJUS-12", "LJUS-12", "KAN-02", LABEL):
        scan(session_id, code)
    ship(order, session_id)
    email = read(order).customer.email or ""
    with writing():
        personal_data.erase(email, by=LARS)

    assert (rows(PackingSession), rows(PackingLine), rows(PackingScan)) == (0, 0, 0)
