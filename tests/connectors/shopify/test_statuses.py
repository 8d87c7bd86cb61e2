"""What the statuses of Shopify's orders mean here, and when they were placed and changed."""

from dataclasses import replace
from typing import Any

import pytest
from flask import Flask

from tests.connectors.shopify.payloads import line, order
from tests.connectors.shopify.placing import SETTINGS, read
from tests.web.conftest import on_sqlite
from webshop_orders.connectors.shopify import Shopify
from webshop_orders.connectors.source_settings import StatusMeaning
from webshop_orders.errors import RuleViolation

pytestmark = on_sqlite


@pytest.mark.parametrize(
    ("changes", "meaning"),
    [
        ({}, StatusMeaning.PLACED),
        ({"financial_status": "pending"}, StatusMeaning.PLACED),
        ({"financial_status": None}, StatusMeaning.PLACED),
        ({"fulfillment_status": "partial"}, StatusMeaning.PLACED),
        ({"fulfillment_status": "fulfilled"}, StatusMeaning.SHIPPED),
        ({"fulfillment_status": "fulfilled", "closed_at": "2026-11-25T09:00:00+01:00"}, StatusMeaning.SHIPPED),
        ({"closed_at": "2026-11-25T09:00:00+01:00"}, StatusMeaning.PLACED),
        ({"cancelled_at": "2026-11-25T09:00:00+01:00"}, StatusMeaning.CANCELLED),
        ({"status": "open", "invoice_url": "https://butik.example/i"}, StatusMeaning.LEFT_OUT),
        ({"financial_status": "framtida"}, StatusMeaning.ASK),
    ],
    ids=str,
)
def test_a_status_means(app: Flask, changes: dict[str, Any], meaning: StatusMeaning) -> None:
    assert Shopify.meaning(order(line("X", "1.00"), **changes), SETTINGS) is meaning


def test_a_shop_may_give_a_status_another_meaning(app: Flask) -> None:
    settings = replace(SETTINGS, statuses={"pending": StatusMeaning.LEFT_OUT})
    pending = order(line("X", "1.00"), financial_status="pending")
    assert Shopify.meaning(pending, settings) is StatusMeaning.LEFT_OUT


def test_an_order_was_placed_when_it_was_processed(app: Flask) -> None:
    payload = order(line("X", "1.00"))
    assert read(payload).placed_at.isoformat() == "2026-11-23T07:11:00+00:00"
    assert read(payload | {"processed_at": None}).placed_at.isoformat() == "2026-11-23T07:12:00+00:00"


def test_a_time_without_a_zone_is_in_that_of_the_shop(app: Flask) -> None:
    assert read(order(line("X", "1.00"), processed_at="2026-07-01T10:00:00")).placed_at.hour == 8


def test_an_order_without_a_time_is_refused_by_the_name_of_the_field(app: Flask) -> None:
    payload = order(line("X", "1.00"), processed_at=None, created_at="i går", updated_at=None)
    with pytest.raises(RuleViolation, match="created_at"):
        read(payload)


def test_an_order_changed_when_it_was_updated(app: Flask) -> None:
    changed_at = Shopify.changed_at(order(line("X", "1.00")), SETTINGS)
    assert changed_at is not None
    assert changed_at.isoformat() == "2026-11-23T07:12:05+00:00"


def test_the_reference_begins_with_the_prefix_of_the_shop(app: Flask) -> None:
    assert Shopify.reference(order(), "shopify2-") == "shopify2-880100"
