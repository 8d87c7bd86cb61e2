"""WooCommerce's orders with any value in any place: converted, or refused with a sentence."""

from contextlib import suppress
from typing import Any

from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.connectors.test_source_documents import ANY_JSON, paths_in, replace_at
from tests.connectors.woocommerce.builders import SETTINGS, document, fee, item, meta, order, shipping
from tests.web.conftest import on_sqlite
from webshop_orders.connectors.woocommerce import WooCommerce
from webshop_orders.documents import source_order
from webshop_orders.errors import RuleViolation

pytestmark = on_sqlite

DELIVERY = {"tracking_number": "AB1", "date_shipped": "1791849600", "products_list": [{"item_id": "1", "qty": "1"}]}
RICH = order(
    item("Korg", "400.00", id=1, quantity=2, meta_data=meta(_bundle_cart_key="k", Gravyr="Åke")),
    item("Ost", "0.00", id=2, quantity=2.5, bundled_by=1, meta_data=meta(_bundled_by="k")),
    status="completed",
    shipping_lines=[shipping("47.20", meta_data=meta(pickup_point={"name": "Kiosken"}))],
    fee_lines=[fee("Rabatt", "-10.00")],
    coupon_lines=[{"code": "A", "discount": "1.00", "discount_type": "smart_coupon"}],
    gift_cards=[{"code": "B", "amount": 5}],
    refunds=[{"id": 1, "total": "-1.00"}],
    fulfillments=[{"is_fulfilled": True, "meta_data": meta(_items=[{"item_id": 2, "qty": 1}], _tracking_number="C")}],
    meta_data=meta(
        _wc_shipment_tracking_items=[DELIVERY],
        _wc_deposits_order_has_deposit="yes",
        _wc_deposits_deposit_paid="yes",
        _wc_deposits_deposit_amount="10.00",
        _billing_org_nr="556677-8899",
        wpml_language="nb",
    ),
)


def test_any_value_in_any_place_is_converted_or_refused(app: Flask) -> None:
    @settings(max_examples=600, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
    @given(st.sampled_from(paths_in(RICH)[1:]), ANY_JSON)
    def check(path: tuple[Any, ...], value: Any) -> None:
        changed = replace_at(RICH, path, value)
        with suppress(RuleViolation):
            source_order.read(document(changed))
        WooCommerce.meaning(changed, SETTINGS)
        WooCommerce.changed_at(changed, SETTINGS)

    check()


def test_the_order_as_it_is_is_converted(app: Flask) -> None:
    converted = source_order.read(document(RICH))
    assert [line.name for line in converted.lines] == ["Korg", "Ost, 2,5"]
    assert [code.code for shipment in converted.shipments for code in shipment.tracking] == ["C", "AB1"]
