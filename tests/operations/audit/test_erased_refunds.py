"""Why money was given back is erased with a customer's personal data; what bookkeeping needs of it stays."""

from flask import Flask

from tests.factories import make_order
from tests.operations.steps import changing, events_of, read
from webshop_orders.models import Actor, EventKind
from webshop_orders.operations.after_sales import refunds
from webshop_orders.operations.after_sales.refunds import RequestedRefund
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.audit.personal_data import ERASED
from webshop_orders.operations.orders import shipments
from webshop_orders.transactions.unit_of_work import writing


def test_the_reason_of_a_refund_is_erased_and_its_sums_stay(app: Flask, anna: Actor) -> None:
    order = make_order(("CANDLE", 1), paid=10_000)
    with changing(order, anna) as current:
        refunds.request(current, RequestedRefund(amount=1_000, reason="Åsa är allergisk"), by=anna)
    with changing(order, anna) as current:
        shipments.ship(current.shipments[0], by=anna)

    with writing():
        personal_data.erase("asa@example.com", by=anna)

    (refund,) = read(order).refunds
    assert (refund.reason, refund.credited, refund.vat) == (ERASED, 1_000, {"2500": 200})
    (requested,) = (event for event in events_of(order) if event.kind is EventKind.REFUND_REQUESTED)
    assert (requested.facts["reason"], requested.facts["credited"]) == (ERASED, 1_000)
