"""A call that was not taken is tried again after a mend, once, or laid aside."""

import pytest
from flask import Flask
from flask.testing import FlaskClient

from tests.api.conftest import new_key
from tests.connectors.incoming.logged import calls, order_of, set_up, the_call
from tests.connectors.payloads import SHOPIFY, woo
from tests.connectors.sending import send_callback, send_shopify, send_woo
from tests.factories import make_order, make_product
from tests.operations.steps import read
from webshop_orders.connectors.incoming import retries
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, CallOutcome, Scope
from webshop_orders.operations.audit import incoming_calls
from webshop_orders.transactions.unit_of_work import writing


@pytest.fixture
def waiting(shop: FlaskClient) -> int:
    send_woo(shop, woo(status="egen"), delivery="d-1")
    return the_call().id


def test_a_call_that_still_cannot_be_taken_waits_on(waiting: int, anna: Actor) -> None:
    call = retries.retry(waiting, by=anna)
    assert call.outcome is CallOutcome.NOT_TAKEN
    assert call.retried_at is not None
    assert incoming_calls.count_not_taken() == 1


def test_a_call_that_was_taken_is_not_tried_twice(waiting: int, anna: Actor) -> None:
    set_up(status_map={"egen": "placed"})
    retries.retry(waiting, by=anna)
    with pytest.raises(NoChange):
        retries.retry(waiting, by=anna)
    assert the_call().outcome is CallOutcome.PLACED
    assert order_of().event_count == 1


def test_a_retry_after_a_later_call_was_taken_changes_nothing(shop: FlaskClient, waiting: int, anna: Actor) -> None:
    send_woo(shop, woo(date_modified_gmt="2026-11-20T12:00:00"))
    assert [call.outcome for call in calls()] == [CallOutcome.IGNORED, CallOutcome.PLACED]
    with pytest.raises(NoChange):
        retries.retry(waiting, by=anna)
    assert order_of().event_count == 1


def test_a_call_that_is_laid_aside_waits_no_more_and_keeps_its_reason(waiting: int) -> None:
    reason = the_call().reason
    with writing():
        incoming_calls.dismiss(waiting)

    assert (the_call().outcome, the_call().reason) == (CallOutcome.IGNORED, reason)
    assert incoming_calls.count_not_taken() == 0
    with pytest.raises(NoChange), writing():
        incoming_calls.dismiss(waiting)


def test_a_call_whose_body_is_gone_cannot_be_tried_again(waiting: int, anna: Actor) -> None:
    with writing():
        incoming_calls.get(waiting).body = ""
    with pytest.raises(RuleViolation):
        retries.retry(waiting, by=anna)


def test_a_callback_of_a_shipping_system_is_tried_again_once_its_order_is_here(app: Flask, anna: Actor) -> None:
    key = new_key("frakt", (Scope.SHIPMENTS_WRITE,))
    message = {"order": "wc-1", "tracking": ["ABC-1"]}
    assert send_callback(app.test_client(), "shipping", message, Authorization=f"Bearer {key}").status_code == 404

    make_product("A", stock=5)
    order = make_order(("A", 2), external_reference="wc-1")
    retries.retry(the_call().id, by=anna)

    assert the_call().outcome is CallOutcome.UPDATED
    assert [code.code for code in read(order).shipments[0].tracking_codes] == ["ABC-1"]


def test_a_retry_leaves_the_calls_of_other_shops_alone(shop: FlaskClient, waiting: int, anna: Actor) -> None:
    send_shopify(shop, {**SHOPIFY, "total_price": "1,2,3"})
    set_up(status_map={"egen": "placed"})
    retries.retry(waiting, by=anna)
    assert [call.outcome for call in calls()] == [CallOutcome.PLACED, CallOutcome.NOT_TAKEN]
