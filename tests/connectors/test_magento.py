"""Orders of Magento (Adobe Commerce) as its REST API lists them: sums, statuses, configurable products and bundles."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import UTC
from typing import Any

import pytest
from flask import Flask

from tests.connectors.imports import placed
from tests.web.conftest import on_sqlite
from webshop_orders.connectors.magento import Magento
from webshop_orders.connectors.source_settings import SourceSettings, StatusMeaning
from webshop_orders.errors import InvalidDocument, RuleViolation
from webshop_orders.models import Order
from webshop_orders.money.totals import compute_totals

pytestmark = on_sqlite
Place = Callable[[dict[str, Any]], Order]
SETTINGS = SourceSettings("magento-", UTC)
ADDRESS = {
    "firstname": "Moa",
    "lastname": "Lindahl",
    "company": "Lindahls Bokhandel",
    "street": ["Kungsgatan 8", "2 tr"],
    "postcode": "753 20",
    "city": "Uppsala",
    "region": "Uppsala län",
    "country_id": "SE",
    "telephone": "+46701740605",
    "vat_id": "SE556000475401",
}


def an_item(number: int, net: str, tax: str, percent: float, **values: Any) -> dict[str, Any]:
    """An item of one unit; with its amounts as Magento writes them, with four decimals as numbers."""
    gross = round(float(net) + float(tax), 4)
    return {
        "item_id": number,
        "product_type": "simple",
        "sku": f"BOK-{number}",
        "name": f"Bok {number}",
        "qty_ordered": 1,
        "qty_canceled": 0,
        "qty_refunded": 0,
        "qty_shipped": 0,
        "row_total": float(net),
        "row_total_incl_tax": gross,
        "tax_amount": float(tax),
        "tax_percent": percent,
        "discount_amount": 0,
        "discount_tax_compensation_amount": 0,
        **values,
    }


def an_order(*items: dict[str, Any], **values: Any) -> dict[str, Any]:
    """A paid order with shipping for 49.00; by default of a book for 106.00 and a blanket for 250.00."""
    return {
        "entity_id": 41,
        "increment_id": "000000041",
        "state": "processing",
        "status": "processing",
        "created_at": "2026-11-02 23:30:00",
        "updated_at": "2026-11-03 08:00:00",
        "order_currency_code": "SEK",
        "base_currency_code": "EUR",
        "grand_total": 405,
        "base_grand_total": 36.82,
        "tax_amount": 65.8,
        "shipping_amount": 39.2,
        "shipping_tax_amount": 9.8,
        "shipping_incl_tax": 49,
        "shipping_discount_amount": 0,
        "shipping_discount_tax_compensation_amount": 0,
        "shipping_description": "PostNord - Ombud",
        "total_paid": 405,
        "total_due": 0,
        "customer_email": "moa@example.com",
        "customer_firstname": "Moa",
        "customer_lastname": "Lindahl",
        "billing_address": ADDRESS,
        "payment": {"method": "klarna_kp", "amount_paid": 405},
        "items": list(items) or [an_item(1, "100", "6", 6), an_item(2, "200", "50", 25)],
        "status_histories": [],
        "extension_attributes": {
            "shipping_assignments": [{"shipping": {"address": {**ADDRESS, "street": ["Lagret 1"]}}}],
            "applied_taxes": [{"percent": 6, "amount": 6}, {"percent": 25, "amount": 59.8}],
        },
        **values,
    }


@pytest.fixture
def place(app: Flask) -> Iterator[Place]:
    """A function that imports an order; it is rolled back at the end of the test."""
    with ExitStack() as stack:
        yield lambda payload: stack.enter_context(placed(Magento, payload))


def without_taxes() -> dict[str, Any]:
    """The extension attributes of a shop that does not state its VAT by rate."""
    return {"extension_attributes": {}}


def test_an_order_is_taken_over_with_its_sums_and_people(place: Place) -> None:
    order = place(an_order())
    totals = compute_totals(order)

    assert (totals.total, totals.vat, totals.paid, totals.balance) == (40_500, {600: 600, 2500: 5_980}, 40_500, 0)
    assert (order.external_reference, order.shop_number, order.currency) == ("magento-41", "000000041", "SEK")
    assert (order.payment_method, order.shipping_method, order.shipping_price) == ("klarna", "PostNord - Ombud", 4_900)
    assert (order.customer.name, order.customer.email) == ("Moa Lindahl", "moa@example.com")
    assert (order.customer.company, order.customer.organisation_number) == ("Lindahls Bokhandel", "SE556000475401")
    assert (order.billing_address.street, order.billing_address.street2) == ("Kungsgatan 8", "2 tr")
    assert order.shipping_address.street == "Lagret 1"
    assert [(line.sku, line.quantity, line.total, line.vat_rate) for line in order.lines] == [
        ("BOK-1", 1, 10_600, 600),
        ("BOK-2", 1, 25_000, 2500),
    ]


def test_times_without_a_zone_are_utc(place: Place) -> None:
    assert place(an_order()).placed_at.isoformat() == "2026-11-02T23:30:00+00:00"


def test_an_order_without_a_time_is_refused_naming_the_field(place: Place) -> None:
    with pytest.raises(RuleViolation, match="created_at"):
        place(an_order(created_at=None))


@pytest.mark.parametrize(
    ("status", "state", "meaning"),
    [
        ("pending", "new", StatusMeaning.PLACED),
        ("processing", "processing", StatusMeaning.PLACED),
        ("complete", "complete", StatusMeaning.SHIPPED),
        ("canceled", "canceled", StatusMeaning.CANCELLED),
        ("closed", "closed", StatusMeaning.CANCELLED),
        ("pending_payment", "pending_payment", StatusMeaning.LEFT_OUT),
        ("payment_review", "payment_review", StatusMeaning.LEFT_OUT),
        ("holded", "holded", StatusMeaning.ASK),
        ("fraud", "payment_review", StatusMeaning.ASK),
        ("packas", "processing", StatusMeaning.PLACED),
        ("levererad", "complete", StatusMeaning.SHIPPED),
        ("packas", "okänt", StatusMeaning.ASK),
    ],
)
def test_a_status_of_the_shop_means_what_its_state_means(
    app: Flask, status: str, state: str, meaning: StatusMeaning
) -> None:
    assert Magento.meaning(an_order(status=status, state=state), SETTINGS) is meaning


def test_a_status_means_what_the_settings_say(app: Flask) -> None:
    settings = SourceSettings("magento-", UTC, {"packas": StatusMeaning.SHIPPED, "holded": StatusMeaning.PLACED})
    assert Magento.meaning(an_order(status="packas", state="processing"), settings) is StatusMeaning.SHIPPED
    assert Magento.meaning(an_order(status="holded", state="holded"), settings) is StatusMeaning.PLACED


def test_a_complete_order_was_shipped_when_it_became_complete(place: Place) -> None:
    histories = [
        {"status": "complete", "created_at": "2026-11-05 07:15:00"},
        {"status": "processing", "created_at": "2026-11-02 23:31:00"},
    ]
    order = place(an_order(status="complete", state="complete", status_histories=histories))
    assert [shipment.shipped_at and shipment.shipped_at.isoformat() for shipment in order.shipments] == [
        "2026-11-05T07:15:00+00:00"
    ]


def test_a_complete_order_without_a_history_was_shipped_when_it_was_last_changed(place: Place) -> None:
    (shipment,) = place(an_order(status="complete", state="complete")).shipments
    assert shipment.shipped_at is not None
    assert shipment.shipped_at.isoformat() == "2026-11-03T08:00:00+00:00"


def test_units_that_were_shipped_are_in_a_shipment_of_their_own(place: Place) -> None:
    items = [an_item(1, "300", "18", 6, qty_ordered=3, qty_shipped=2), an_item(2, "200", "50", 25)]
    order = place(an_order(*items, grand_total=617, total_paid=617, **without_taxes()))
    assert [(shipment.is_shipped, [line.quantity for line in shipment.lines]) for shipment in order.shipments] == [
        (True, [2]),
        (False, [1, 1]),
    ]


def test_a_discount_on_prices_with_tax_is_compensated_for_its_tax(place: Place) -> None:
    """25.00 off 250.00: the tax is that of 225.00, and what it would have been beyond that is the compensation."""
    item = an_item(2, "200", "45", 25, row_total_incl_tax=250, discount_amount=25, discount_tax_compensation_amount=5)
    order = place(an_order(item, grand_total=274, total_paid=274, tax_amount=54.8, **without_taxes()))
    (line,) = order.lines
    assert (line.unit_price, line.discount, compute_totals(order).vat) == (25_000, 2_500, {2500: 5_480})


def test_a_discount_on_prices_without_tax_takes_its_tax_with_it(place: Place) -> None:
    item = an_item(2, "200", "40", 25, row_total_incl_tax=250, discount_amount=40)
    (line,) = place(an_order(item, grand_total=249, total_paid=249, **without_taxes())).lines
    assert (line.unit_price, line.discount) == (25_000, 5_000)


def test_a_discount_on_shipping_is_taken_off_shipping(place: Place) -> None:
    order = place(
        an_order(
            shipping_discount_amount=49, shipping_discount_tax_compensation_amount=9.8, shipping_tax_amount=0,
            grand_total=356, total_paid=356, tax_amount=56, **without_taxes(),
        )
    )  # fmt: skip
    assert (order.shipping_price, compute_totals(order).total) == (0, 35_600)


@pytest.mark.parametrize("link", [{"parent_item_id": 5}, {"parent_item": {"item_id": 5, "sku": "TRÖJA-M"}}], ids=list)
def test_a_configurable_product_is_one_line_that_is_named_after_its_variant(place: Place, link: dict[str, Any]) -> None:
    parent = an_item(5, "200", "50", 25, product_type="configurable", sku="TRÖJA-M", name="Tröja")
    variant = an_item(6, "0", "0", 25, **link, sku="TRÖJA-M", name="Tröja M")
    order = place(an_order(parent, variant, grand_total=299, total_paid=299, **without_taxes()))
    assert [(line.sku, line.name, line.quantity, line.total) for line in order.lines] == [
        ("TRÖJA-M", "Tröja M", 1, 25_000)
    ]


def a_bundle(bundle_price: tuple[str, str], *part_prices: tuple[str, str]) -> list[dict[str, Any]]:
    bundle = an_item(5, *bundle_price, 25, product_type="bundle", sku="FIKA", name="Fikapaket", qty_ordered=2)
    parts = [
        an_item(6 + index, *price, 25, parent_item_id=5, qty_ordered=2 * (index + 1))
        for index, price in enumerate(part_prices)
    ]
    return [bundle, *parts]


def test_a_bundle_with_a_price_of_its_own_has_parts_that_cost_nothing(place: Place) -> None:
    items = a_bundle(("200", "50"), ("0", "0"), ("0", "0"))
    order = place(an_order(*items, grand_total=299, total_paid=299, **without_taxes()))
    assert [(line.sku, line.quantity, line.total, line.units_per_bundle) for line in order.lines] == [
        ("FIKA", 2, 25_000, None),
        ("BOK-6", 2, 0, 1),
        ("BOK-7", 4, 0, 2),
    ]
    assert len({line.bundle for line in order.lines}) == 1


def test_a_bundle_whose_parts_have_prices_is_not_charged_twice(place: Place) -> None:
    items = a_bundle(("200", "50"), ("40", "10"), ("160", "40"))
    order = place(an_order(*items, grand_total=299, total_paid=299, **without_taxes()))
    assert [(line.sku, line.total) for line in order.lines] == [("FIKA", 0), ("BOK-6", 5_000), ("BOK-7", 20_000)]


def test_units_that_were_refunded_before_they_left_are_neither_packed_nor_charged(place: Place) -> None:
    items = [an_item(1, "300", "18", 6, qty_ordered=3, qty_refunded=1), an_item(2, "200", "50", 25)]
    order = place(an_order(*items, grand_total=617, total_paid=617, total_refunded=106))
    totals = compute_totals(order)
    assert [line.quantity for line in order.lines] == [2, 1]
    assert (totals.total, totals.paid, totals.balance) == (51_100, 51_100, 0)


def test_a_refund_out_of_goodwill_is_not_left_to_charge(place: Place) -> None:
    order = place(an_order(total_refunded=50))
    totals = compute_totals(order)
    assert (totals.total, totals.paid, order.refunded, totals.balance) == (40_500, 35_500, 5_000, 0)


def test_a_wholly_refunded_order_has_what_was_ordered(app: Flask) -> None:
    items = [an_item(1, "100", "6", 6, qty_refunded=1), an_item(2, "200", "50", 25, qty_refunded=1)]
    document = Magento.document(an_order(*items, status="closed", state="closed", total_refunded=405), SETTINGS)
    assert [line["quantity"] for line in document["lines"]] == [1, 1]
    assert (document["payment"]["paid"], document["payment"]["refunded"]) == (0, 40_500)


def test_an_order_of_which_nothing_is_left_has_what_was_ordered(place: Place) -> None:
    items = [an_item(1, "100", "6", 6, qty_refunded=1), an_item(2, "200", "50", 25, qty_refunded=1)]
    order = place(an_order(*items, total_refunded=356))
    totals = compute_totals(order)
    assert [line.quantity for line in order.lines] == [1, 1]
    assert (totals.total, totals.paid, totals.balance) == (40_500, 4_900, 0)


def test_gift_cards_and_store_credit_are_payments_beside_the_method(place: Place) -> None:
    extra = {"gift_cards_amount": "100.0000", "customer_balance_amount": 55}
    order = place(an_order(grand_total=250, total_paid=250, extension_attributes=extra))
    totals = compute_totals(order)
    assert (totals.total, totals.paid, totals.balance, order.payment_method) == (40_500, 40_500, 0, "klarna")
    assert {part.method: part.amount for part in order.payments} == {
        "klarna": 25_000,
        "gift_card": 10_000,
        "store_credit": 5_500,
    }


def test_what_is_not_paid_is_left_to_charge(place: Place) -> None:
    order = place(an_order(total_paid=None, total_due=405, payment={"method": "banktransfer"}))
    assert (compute_totals(order).balance, order.payment_method) == (40_500, "invoice")


def test_goods_by_measure_are_one_unit_with_the_measure_in_its_name(place: Place) -> None:
    item = an_item(2, "200", "50", 25, qty_ordered=2.5, name="Linnetyg")
    (line,) = place(an_order(item, grand_total=299, total_paid=299, **without_taxes())).lines
    assert (line.name, line.quantity, line.total) == ("Linnetyg, 2,5", 1, 25_000)


def test_a_gift_wrapping_is_a_fee(place: Place) -> None:
    order = place(an_order(grand_total=430, total_paid=430, extension_attributes={"gw_price": 20, "gw_tax_amount": 5}))
    assert [(charge.kind, charge.amount, charge.vat_rate) for charge in order.charges] == [("fee", 2_500, 2500)]


@pytest.mark.parametrize(("currency", "total"), [("JPY", 405), ("KWD", 405_000), ("SEK", 40_500)])
def test_amounts_have_the_decimals_of_the_orders_currency(place: Place, currency: str, total: int) -> None:
    items = [an_item(1, "100", "6", 6), an_item(2, "239", "60", 25)]
    order = place(
        an_order(
            *items, order_currency_code=currency, grand_total=405, shipping_amount=0, shipping_tax_amount=0,
            **without_taxes(),
        )
    )  # fmt: skip
    assert compute_totals(order).total == total


def test_a_country_is_kept_by_its_code(place: Place) -> None:
    order = place(an_order(billing_address={**ADDRESS, "country_id": "FI"}, **without_taxes()))
    assert (order.billing_address.country, order.shipping_address.country) == ("FI", "FI")


def test_a_total_that_the_items_do_not_explain_is_refused_with_both_sums(place: Place) -> None:
    with pytest.raises(InvalidDocument) as refused:
        place(an_order(grand_total=505))
    assert "505,00" in str(refused.value.faults)
    assert "405,00" in str(refused.value.faults)


def test_the_orders_of_a_search_result_are_read(app: Flask) -> None:
    result = {"items": [an_order(), an_order()], "search_criteria": {}, "total_count": 2}
    assert [Magento.recognises(order) for order in Magento.orders(result)] == [True, True]
    assert Magento.orders(an_order()) == [an_order()]
    assert Magento.orders([an_order()]) == [an_order()]


@pytest.mark.parametrize("value", [None, [], {}, "x", {"items": []}, {"items": [], "total_count": 0}])
def test_what_is_no_order_of_magento_is_not_recognised(app: Flask, value: Any) -> None:
    assert not Magento.recognises(value)
