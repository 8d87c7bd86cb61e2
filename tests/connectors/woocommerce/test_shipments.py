"""What left a WooCommerce shop: when, with which codes, and which part of an order."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from tests.connectors.woocommerce.builders import SETTINGS, document, item, meta, order, place
from webshop_orders.connectors.source_settings import SourceSettings, StatusMeaning
from webshop_orders.connectors.woocommerce import WooCommerce
from webshop_orders.errors import RuleViolation
from webshop_orders.models import OrderStatus

CODE = {"tracking_provider": "postnord", "tracking_number": "00373500301234567890", "date_shipped": "1791849600"}
LEFT_AT = datetime(2026, 10, 13, tzinfo=UTC)


@pytest.mark.parametrize(
    ("times", "shipped_at"),
    [
        ({"date_completed_gmt": "2026-10-14T09:00:00"}, "2026-10-14T09:00:00Z"),
        ({"date_completed_gmt": None, "date_completed": "2026-10-14T11:00:00"}, "2026-10-14T09:00:00Z"),
        ({"date_completed_gmt": None, "date_completed": None}, "2026-10-12T07:31:00Z"),
        ({"date_modified_gmt": None, "date_paid_gmt": "2026-10-12T08:00:00"}, "2026-10-12T08:00:00Z"),
        ({"date_modified_gmt": None, "date_paid_gmt": None}, "2026-10-12T07:30:00Z"),
    ],
)
def test_a_completed_order_was_shipped_at_the_best_known_time(
    app: Flask, times: dict[str, Any], shipped_at: str
) -> None:
    assert document(order(status="completed", **times))["shipped_at"] == shipped_at


def test_a_time_without_zone_is_that_of_the_shop(app: Flask) -> None:
    payload = order(date_created_gmt=None, date_created="2026-10-12T09:30:00")
    assert document(payload)["placed_at"] == "2026-10-12T07:30:00Z"
    assert document(payload | {"date_created": "2026-01-12T09:30:00"})["placed_at"] == "2026-01-12T08:30:00Z"


def test_an_order_without_any_time_is_refused(app: Flask) -> None:
    times = {name: None for name in order() if name.startswith("date_")}
    with pytest.raises(RuleViolation, match="date_created"):
        document(order(**times))


@pytest.mark.parametrize(
    ("status", "meaning"),
    [
        ("processing", StatusMeaning.PLACED),
        ("on-hold", StatusMeaning.PLACED),
        ("packed", StatusMeaning.PLACED),
        ("wc-awaiting-shipment", StatusMeaning.PLACED),
        ("partial-shipped", StatusMeaning.PLACED),
        ("completed", StatusMeaning.SHIPPED),
        ("Delivered", StatusMeaning.SHIPPED),
        ("shipped", StatusMeaning.SHIPPED),
        ("refunded", StatusMeaning.CANCELLED),
        ("failed", StatusMeaning.CANCELLED),
        ("pending", StatusMeaning.LEFT_OUT),
        ("checkout-draft", StatusMeaning.LEFT_OUT),
        ("hos-tomten", StatusMeaning.ASK),
    ],
)
def test_statuses_have_their_usual_meanings(status: str, meaning: StatusMeaning) -> None:
    assert WooCommerce.meaning(order(status=status), SETTINGS) is meaning


def test_the_shop_says_what_a_status_means() -> None:
    own = SourceSettings("wc-", SETTINGS.zone, {"hos-tomten": StatusMeaning.SHIPPED, "packed": StatusMeaning.LEFT_OUT})
    assert WooCommerce.meaning(order(status="hos-tomten"), own) is StatusMeaning.SHIPPED
    assert WooCommerce.meaning(order(status="packed"), own) is StatusMeaning.LEFT_OUT


def test_tracking_codes_are_on_the_shipment(app: Flask) -> None:
    second = {
        "custom_tracking_provider": "Budbee",
        "tracking_number": "BB-1",
        "custom_tracking_link": "https://b.example/1",
    }
    payload = order(
        status="completed",
        date_completed_gmt="2026-10-14T09:00:00",
        meta_data=meta(_wc_shipment_tracking_items=[CODE, second]),
    )

    placed = place(payload)

    (shipment,) = placed.shipments
    assert placed.status is OrderStatus.SHIPPED
    assert [(code.code, code.carrier, code.url) for code in shipment.tracking_codes] == [
        ("00373500301234567890", "PostNord", None),
        ("BB-1", "Budbee", "https://b.example/1"),
    ]
    assert shipment.shipped_at == LEFT_AT


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        (
            {
                "wc_connect_labels": [
                    {"tracking": "9400", "carrier_id": "usps", "created": 1791849600000},
                    {"tracking": "9401", "carrier_id": "usps", "refund": {"status": "complete"}},
                ]
            },
            [("9400", "usps")],
        ),
        ({"_aftership_tracking_items": [{"tracking_number": "55", "slug": "dhl"}]}, [("55", "DHL")]),
        ({"_tracking_number": "77", "_tracking_provider": "Schenker"}, [("77", "DB Schenker")]),
        ({"_wc_shipment_tracking_items": [{"tracking_number": "§§"}]}, []),
    ],
    ids=["labels", "AfterShip", "one code", "no code"],
)
def test_codes_of_other_plugins_are_read(app: Flask, values: dict[str, Any], codes: list[tuple[str, str]]) -> None:
    (shipment,) = place(order(status="completed", meta_data=meta(**values))).shipments
    assert [(code.code, code.carrier) for code in shipment.tracking_codes] == codes


def test_a_part_that_left_is_a_shipment_of_its_own(app: Flask) -> None:
    tracking = [{**CODE, "products_list": [{"product": "70", "item_id": "1", "qty": "2"}]}]
    payload = order(
        item("Vas", "240.00", id=1, quantity=3),
        item("Krus", "80.00", id=2),
        status="partial-shipped",
        meta_data=meta(_wc_shipment_tracking_items=tracking),
    )

    placed = place(payload)

    sent, rest = placed.shipments
    assert [(line.name, line.quantity) for line in sent.lines] == [("Vas", 2)]
    assert [(line.name, line.quantity) for line in rest.lines] == [("Vas", 1), ("Krus", 1)]
    assert (sent.shipped_at, rest.shipped_at) == (LEFT_AT, None)
    assert [code.code for code in sent.tracking_codes] == ["00373500301234567890"]


@pytest.mark.parametrize("products", [True, 1, "1", {"1": {"item_id": "1", "qty": "1"}}, ["1"]])
def test_a_list_of_products_that_is_none_says_nothing_of_parts(app: Flask, products: Any) -> None:
    tracking = [{**CODE, "products_list": products}]
    payload = order(
        item("Vas", "240.00", id=1), status="completed", meta_data=meta(_wc_shipment_tracking_items=tracking)
    )
    (shipment,) = place(payload).shipments
    assert [code.code for code in shipment.tracking_codes] == ["00373500301234567890"]


def test_fulfillments_are_shipments(app: Flask) -> None:
    done = {
        "id": 1,
        "status": "fulfilled",
        "is_fulfilled": True,
        "date_updated": "2026-10-13T00:00:00Z",
        "meta_data": meta(
            _items=[{"item_id": 1, "qty": 1}],
            _tracking_number="JJSE1",
            _shipment_provider="dhl",
            _tracking_url="https://dhl.example/JJSE1",
        ),
    }
    draft = {"id": 2, "is_fulfilled": False, "meta_data": meta(_items=[{"item_id": 2, "qty": 1}])}
    payload = order(item("Vas", "80.00", id=1), item("Krus", "80.00", id=2), fulfillments=[done, draft])

    shipped, rest = place(payload).shipments

    assert [line.name for line in shipped.lines] == ["Vas"]
    assert [code.code for code in shipped.tracking_codes] == ["JJSE1"]
    assert (shipped.shipped_at, rest.is_open) == (LEFT_AT, True)


def test_a_code_that_is_booked_before_the_goods_leave_is_shown(app: Flask) -> None:
    placed = place(order(meta_data=meta(_wc_shipment_tracking_items=[CODE])))
    assert placed.open_shipments
    assert [attribute.value for attribute in placed.attributes] == ["postnord 00373500301234567890"]
