"""A tracking code that is corrected: the former one stays in sight after dispatch, and is current nowhere."""

import pytest
from flask import Flask

from tests.factories import make_order, make_product
from tests.operations.steps import ERP, changing, kinds_of, last_event, listed, messages_of, read
from tests.operations.undo.steps import document, make_user, redo, undo
from webshop_orders.connectors.shipping import updates
from webshop_orders.connectors.shipping.notifications import NotifiedStatus, ShippingNotification
from webshop_orders.db.extensions import db
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import Actor, BeforeAfter, EventKind, FormerCode, Order
from webshop_orders.models.event_facts import TrackingCorrected
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.order_list.filters import OrderFilter
from webshop_orders.operations.orders import cancellation, confirmations, shipments, tracking
from webshop_orders.transactions.unit_of_work import writing

WRONG, RIGHT = "RR123456785SE", "RR000000017SE"


@pytest.fixture
def user(app: Flask) -> Actor:
    make_product("CANDLE", stock=9)
    return make_user("anna")


@pytest.fixture
def ready(user: Actor) -> Order:
    order = make_order(("CANDLE", 2))
    with changing(order, user) as current:
        tracking.add(current.shipments[0], WRONG, "PostNord", None, by=user)
    return order


@pytest.fixture
def shipped(ready: Order, user: Actor) -> Order:
    with changing(ready, user) as current:
        shipments.ship(current.shipments[0], by=user)
    return ready


def correct(order: Order, by: Actor, new: str = RIGHT, carrier: str | None = "PostNord") -> None:
    with changing(order, by) as current:
        (code,) = current.shipments[0].tracking_codes
        tracking.correct(current.shipments[0], code.id, NewTrackingCode(new, carrier), by=by)


def codes_of(order: Order) -> list[str]:
    return [code.code for code in read(order).shipments[0].tracking_codes]


def former_of(order: Order) -> list[FormerCode]:
    return read(order).shipments[0].former_codes


def found(words: str) -> list[str]:
    return [order.number for order in listed(OrderFilter(words=words))]


def test_nothing_new_a_foreign_code_and_one_of_another_parcel_are_refused(shipped: Order, user: Actor) -> None:
    before = kinds_of(shipped)
    with pytest.raises(NoChange):
        correct(shipped, user, WRONG)
    with pytest.raises(NotFound), changing(shipped, user) as current:
        tracking.correct(current.shipments[0], 10**9, NewTrackingCode(RIGHT), by=user)
    with changing(shipped, user) as current:
        tracking.add(current.shipments[0], RIGHT, None, None, by=user)
    first = read(shipped).shipments[0].tracking_codes[0].id
    with pytest.raises(RuleViolation, match="rr 000") as refusal, changing(shipped, user) as current:
        tracking.correct(current.shipments[0], first, NewTrackingCode("rr 000 000 017 se"), by=user)
    assert refusal.value.field == "code"
    assert kinds_of(shipped) == [*before, EventKind.TRACKING_ADDED]


def test_a_cancelled_order_keeps_its_codes(ready: Order, user: Actor) -> None:
    with changing(ready, user) as current:
        cancellation.cancel(current, by=user)
    with pytest.raises(RuleViolation, match=ready.number):
        correct(ready, user)


def test_before_a_shipment_has_left_a_code_is_just_another(ready: Order, user: Actor) -> None:
    correct(ready, user)
    assert (codes_of(ready), former_of(ready)) == ([RIGHT], [])
    assert not read(ready).shipments[0].tracking_codes[0].is_unmailed


def test_a_code_corrected_after_dispatch_leaves_the_former_one_in_sight(shipped: Order, user: Actor) -> None:
    correct(shipped, user)

    assert codes_of(shipped) == [RIGHT]
    assert former_of(shipped) == [FormerCode(WRONG, "PostNord", RIGHT)]
    facts = last_event(shipped).read_facts()
    assert facts == TrackingCorrected(f"{shipped.number}-1", BeforeAfter(WRONG, RIGHT), "PostNord")
    shipment = read(shipped).shipments[0]
    assert confirmations.has_unmailed_codes(shipment)
    assert confirmations.has_corrected_codes(shipment)
    (as_json,) = document(shipped)["shipments"]
    assert [code["code"] for code in as_json["tracking"]] == [RIGHT]
    assert as_json["former_tracking"] == [{"code": WRONG, "carrier": "PostNord", "replaced_by": RIGHT}]


def test_the_mail_with_the_new_code_has_not_the_former_one(shipped: Order, user: Actor) -> None:
    correct(shipped, user)
    with changing(shipped, user) as current:
        confirmations.send_delivery_confirmation(current.shipments[0], "asa@example.com", by=user)

    assert [(WRONG in mail.text, RIGHT in mail.text) for mail in messages_of(shipped)[-2:]] == [
        (True, False),
        (False, True),
    ]
    assert not confirmations.has_unmailed_codes(read(shipped).shipments[0])


def test_an_order_is_found_by_both_its_codes(shipped: Order, user: Actor) -> None:
    correct(shipped, user)
    assert found(WRONG) == found(RIGHT) == [shipped.number]


def test_another_carrier_alone_is_an_event_and_leaves_no_former_code(shipped: Order, user: Actor) -> None:
    correct(shipped, user, WRONG, "Bring")
    assert former_of(shipped) == []
    assert last_event(shipped).kind is EventKind.TRACKING_CORRECTED
    assert confirmations.has_unmailed_codes(read(shipped).shipments[0])
    assert not confirmations.has_corrected_codes(read(shipped).shipments[0])


def test_a_code_that_is_corrected_back_is_no_former_one(shipped: Order, user: Actor) -> None:
    correct(shipped, user)
    correct(shipped, user, WRONG)
    assert codes_of(shipped) == [WRONG]
    assert former_of(shipped) == [FormerCode(RIGHT, "PostNord", WRONG)]


def test_a_code_that_was_mailed_and_is_removed_stays_in_sight(shipped: Order, user: Actor) -> None:
    with changing(shipped, user) as current:
        tracking.add(current.shipments[0], RIGHT, None, None, by=user)
    for _each in range(2):
        with changing(shipped, user) as current:
            tracking.remove(current.shipments[0], current.shipments[0].tracking_codes[0].id, by=user)

    assert codes_of(shipped) == []
    assert former_of(shipped) == [FormerCode(WRONG, "PostNord")], "the other one nobody was told of"
    with changing(shipped, user) as current:
        tracking.add(current.shipments[0], WRONG, None, None, by=user)
    assert former_of(shipped) == []


@pytest.mark.parametrize("what", ["correct", "remove"])
def test_rule_23_it_is_taken_back_and_carried_out_again(shipped: Order, user: Actor, what: str) -> None:
    before = codes_of(shipped)
    if what == "correct":
        correct(shipped, user)
    else:
        with changing(shipped, user) as current:
            tracking.remove(current.shipments[0], current.shipments[0].tracking_codes[0].id, by=user)
    after, former = codes_of(shipped), former_of(shipped)
    assert former

    undo(shipped, user)
    assert (codes_of(shipped), former_of(shipped)) == (before, [])
    assert not confirmations.has_unmailed_codes(read(shipped).shipments[0])
    redo(shipped, user)
    assert (codes_of(shipped), former_of(shipped)) == (after, former)


def test_a_correction_that_the_customer_was_told_of_is_not_taken_back(shipped: Order, user: Actor) -> None:
    correct(shipped, user)
    with changing(shipped, user) as current:
        confirmations.send_delivery_confirmation(current.shipments[0], "asa@example.com", by=user)
    with pytest.raises(RuleViolation):
        undo(shipped, user)
    assert codes_of(shipped) == [RIGHT]


def test_a_report_of_the_former_code_does_not_bring_it_back(shipped: Order, user: Actor) -> None:
    correct(shipped, user)
    codes, left = [NewTrackingCode(WRONG)], NotifiedStatus.SHIPPED
    report = ShippingNotification(references=(shipped.number,), codes=codes, status=left)
    updates.apply(report, by=ERP)
    assert codes_of(shipped) == [RIGHT]


def test_former_codes_are_erased_with_the_personal_data(shipped: Order, user: Actor) -> None:
    correct(shipped, user)
    with writing():
        personal_data.erase("asa@example.com", by=user)
    db.session.expire_all()
    assert (codes_of(shipped), former_of(shipped)) == ([], [])
    assert found(WRONG) == []
