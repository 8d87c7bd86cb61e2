"""Orders of PrestaShop as its web service writes them, beside the addresses, customers and currencies they refer to."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from tests.connectors.imports import placed, settings_of
from tests.web.conftest import on_sqlite
from webshop_orders.connectors.prestashop import PrestaShop
from webshop_orders.connectors.source_settings import SourceSettings, StatusMeaning
from webshop_orders.errors import InvalidDocument, RuleViolation
from webshop_orders.models import Order
from webshop_orders.money.totals import compute_totals

pytestmark = on_sqlite
Place = Callable[[dict[str, Any]], Order]

RESOURCES: dict[str, Any] = {
    "addresses": [
        {
            "id": 4,
            "id_country": "18",
            "id_state": "0",
            "company": "Sjöbergs Trä",
            "firstname": "Nils",
            "lastname": "Sjöberg",
            "address1": "Hamngatan 2",
            "address2": "",
            "postcode": "621 57",
            "city": "Visby",
            "phone": "0498123456",
            "phone_mobile": "",
            "vat_number": "SE556036079301",
        },
        {
            "id": 5,
            "id_country": "20",
            "firstname": "Aino",
            "lastname": "Virtanen",
            "address1": "Mannerheimvägen 5",
            "postcode": "00100",
            "city": "Helsingfors",
            "phone_mobile": "+358401234567",
        },
    ],
    "customers": [{"id": 7, "firstname": "Nils", "lastname": "Sjöberg", "email": "nils@example.com"}],
    "currencies": [{"id": 1, "iso_code": "SEK"}, {"id": 2, "iso_code": "JPY"}, {"id": 3, "iso_code": "KWD"}],
    "countries": [{"id": 18, "iso_code": "SE"}, {"id": 20, "iso_code": "FI"}],
    "languages": [{"id": 1, "iso_code": "sv"}],
    "carriers": [{"id": 9, "name": "PostNord"}],
    "order_states": [
        {"id": 2, "name": "Betalning godkänd", "paid": "1", "shipped": "0"},
        {"id": 21, "name": [{"id": "1", "value": "Packas"}], "paid": "1", "shipped": "0"},
        {"id": 22, "name": "Hämtad i butik", "paid": "1", "shipped": "1"},
        {"id": 23, "name": "Väntar på tryck", "paid": "0", "shipped": "0"},
    ],
}


def a_row(number: int, incl: str, excl: str, **values: Any) -> dict[str, Any]:
    return {
        "id": str(number),
        "product_id": str(number),
        "product_attribute_id": "0",
        "product_quantity": "1",
        "product_name": f"Bräda {number}",
        "product_reference": f"BRA-{number}",
        "unit_price_tax_incl": incl,
        "unit_price_tax_excl": excl,
        **values,
    }


def a_file(*rows: dict[str, Any], resources: dict[str, Any] | None = None, **values: Any) -> dict[str, Any]:
    """An export with one paid order; by default of a row for 106.00 and one for 250.00, and shipping for 49.00."""
    order = {
        "id": 15,
        "reference": "XKBKNABJK",
        "id_cart": "16",
        "id_address_delivery": "5",
        "id_address_invoice": "4",
        "id_currency": "1",
        "id_lang": "1",
        "id_customer": "7",
        "id_carrier": "9",
        "current_state": "2",
        "module": "ps_wirepayment",
        "payment": "Banköverföring",
        "date_add": "2026-11-02 09:30:00",
        "date_upd": "2026-11-03 10:00:00",
        "delivery_date": "0000-00-00 00:00:00",
        "total_paid_tax_incl": "405.000000",
        "total_paid_tax_excl": "339.200000",
        "total_paid_real": "405.000000",
        "total_products_wt": "356.000000",
        "total_shipping_tax_incl": "49.000000",
        "total_shipping_tax_excl": "39.200000",
        "total_discounts_tax_incl": "0.000000",
        "total_discounts_tax_excl": "0.000000",
        "total_wrapping_tax_incl": "0.000000",
        "total_wrapping_tax_excl": "0.000000",
        "round_type": "1",
        **values,
        "associations": {"order_rows": list(rows) or [a_row(1, "106.000000", "100.000000"), a_row(2, "250", "200")]},
    }
    return {"orders": [order], **RESOURCES, **(resources or {})}


def order_in(file: dict[str, Any]) -> dict[str, Any]:
    (order,) = PrestaShop.orders(file)
    return order


@pytest.fixture
def place(app: Flask) -> Iterator[Place]:
    """A function that imports the order of a file; it is rolled back at the end of the test."""
    with ExitStack() as stack:
        yield lambda file: stack.enter_context(placed(PrestaShop, order_in(file)))


def test_an_order_is_taken_over_with_its_sums_and_people(place: Place) -> None:
    order = place(a_file())
    totals = compute_totals(order)

    assert (totals.total, totals.vat, totals.paid, totals.balance) == (40_500, {600: 600, 2500: 5_980}, 40_500, 0)
    assert (order.external_reference, order.shop_number, order.currency) == ("prestashop-15", "XKBKNABJK", "SEK")
    assert (order.payment_method, order.shipping_method, order.shipping_price) == ("invoice", "PostNord", 4_900)
    assert (order.customer.name, order.customer.email, order.language) == ("Nils Sjöberg", "nils@example.com", "sv")
    assert (order.customer.company, order.customer.organisation_number) == ("Sjöbergs Trä", "SE556036079301")
    assert (order.billing_address.city, order.billing_address.country) == ("Visby", "SE")
    assert (order.shipping_address.name, order.shipping_address.country) == ("Aino Virtanen", "FI")
    assert order.shipping_address.phone == "+358401234567"
    assert [(line.sku, line.quantity, line.total, line.vat_rate) for line in order.lines] == [
        ("BRA-1", 1, 10_600, 600),
        ("BRA-2", 1, 25_000, 2500),
    ]


def test_times_are_in_the_zone_of_the_shop(app: Flask) -> None:
    settings = SourceSettings("prestashop-", ZoneInfo("Europe/Stockholm"))
    assert PrestaShop.document(order_in(a_file()), settings)["placed_at"] == "2026-11-02T08:30:00Z"


def test_an_order_without_a_time_is_refused_naming_the_field(place: Place) -> None:
    with pytest.raises(RuleViolation, match="date_add"):
        place(a_file(date_add="0000-00-00 00:00:00"))


def test_an_order_whose_currency_is_not_in_the_file_is_refused_naming_it(place: Place) -> None:
    with pytest.raises(RuleViolation, match="currency"):
        place(a_file(resources={"currencies": []}))


@pytest.mark.parametrize(
    ("state", "meaning"),
    [
        ("2", StatusMeaning.PLACED),
        ("10", StatusMeaning.PLACED),
        ("4", StatusMeaning.SHIPPED),
        ("5", StatusMeaning.SHIPPED),
        ("6", StatusMeaning.CANCELLED),
        ("7", StatusMeaning.CANCELLED),
        ("8", StatusMeaning.LEFT_OUT),
        ("21", StatusMeaning.PLACED),
        ("22", StatusMeaning.SHIPPED),
        ("23", StatusMeaning.ASK),
        ("99", StatusMeaning.ASK),
    ],
)
def test_a_state_that_the_shop_made_means_what_it_says_of_itself(
    app: Flask, state: str, meaning: StatusMeaning
) -> None:
    assert PrestaShop.meaning(order_in(a_file(current_state=state)), settings_of(PrestaShop)) is meaning


@pytest.mark.parametrize("name", ["21", "Packas"])
def test_a_state_means_what_the_settings_say_of_its_id_or_name(app: Flask, name: str) -> None:
    settings = SourceSettings("prestashop-", ZoneInfo("UTC"), {name: StatusMeaning.LEFT_OUT})
    assert PrestaShop.meaning(order_in(a_file(current_state="21")), settings) is StatusMeaning.LEFT_OUT


def test_a_shipped_order_has_the_time_of_its_delivery_slip_and_its_tracking_codes(place: Place) -> None:
    carriers = [{"id": 1, "id_order": "15", "tracking_number": "RR123456785SE"}]
    file = a_file(
        current_state="4", delivery_date="2026-11-04 12:00:00", resources={"order_carriers": carriers}
    )  # fmt: skip
    (shipment,) = place(file).shipments
    assert shipment.shipped_at is not None
    assert shipment.shipped_at.isoformat() == "2026-11-04T12:00:00+00:00"
    assert [code.code for code in shipment.tracking_codes] == ["RR123456785SE"]


def test_a_shipped_order_without_a_delivery_slip_left_when_it_was_last_changed(place: Place) -> None:
    (shipment,) = place(a_file(current_state="5")).shipments
    assert shipment.shipped_at is not None
    assert shipment.shipped_at.isoformat() == "2026-11-03T10:00:00+00:00"


@pytest.mark.parametrize(("round_type", "total"), [("1", "37.440000"), ("2", "37.450000"), ("3", "37.450000")])
def test_units_lines_or_the_total_are_rounded_as_the_shop_does(place: Place, round_type: str, total: str) -> None:
    """Twelve at 3.1208: 3.12 × 12 where each unit is rounded, else 37.4496."""
    order = place(
        a_file(
            a_row(1, "3.120800", "2.496640", product_quantity="12"),
            round_type=round_type, total_shipping_tax_incl="0", total_shipping_tax_excl="0",
            total_paid_tax_incl=total, total_paid_tax_excl="29.960000", total_paid_real=total,
        )
    )  # fmt: skip
    totals = compute_totals(order)
    cost = int(total.replace(".", "")[:4])
    assert (totals.total, totals.balance, totals.vat) == (cost, 0, {2500: cost - 2_996})


def test_a_voucher_is_allocated_to_the_products_with_its_vat(place: Place) -> None:
    """35.60 off 356.00, a tenth: 0.60 of the VAT of 6 % and 5.00 of that of 25 % go with it."""
    order = place(
        a_file(
            total_discounts_tax_incl="35.60", total_discounts_tax_excl="30.00",
            total_paid_tax_incl="369.40", total_paid_tax_excl="309.20", total_paid_real="369.40",
        )
    )  # fmt: skip
    totals = compute_totals(order)
    assert [line.discount for line in order.lines] == [1_060, 2_500]
    assert (totals.total, sum(totals.vat.values())) == (36_940, 6_020)


def test_a_voucher_for_free_shipping_is_taken_off_shipping(place: Place) -> None:
    order = place(
        a_file(
            total_discounts_tax_incl="49.00", total_discounts_tax_excl="39.20",
            total_paid_tax_incl="356.00", total_paid_tax_excl="300.00", total_paid_real="356.00",
        )
    )  # fmt: skip
    assert (order.shipping_price, compute_totals(order).vat) == (0, {600: 600, 2500: 5_000})


def test_gift_wrapping_is_a_fee(place: Place) -> None:
    order = place(
        a_file(
            total_wrapping_tax_incl="25.00", total_wrapping_tax_excl="20.00",
            total_paid_tax_incl="430.00", total_paid_tax_excl="359.20", total_paid_real="430.00",
        )
    )  # fmt: skip
    assert [(charge.kind, charge.amount, charge.vat_rate) for charge in order.charges] == [("fee", 2_500, 2500)]


@pytest.mark.parametrize(("said", "is_gift"), [("1", True), (1, True), ("0", False), ([], False), (None, False)])
def test_a_gift_is_marked_as_one(place: Place, said: Any, is_gift: bool) -> None:
    assert place(a_file(gift=said)).is_gift is is_gift


def test_what_a_credit_slip_gave_back_is_not_left_to_charge(place: Place) -> None:
    slips = [{"id_order": "15", "total_products_tax_incl": "106.00", "total_shipping_tax_incl": "0.00"}]
    order = place(a_file(resources={"order_slip": slips}))
    totals = compute_totals(order)
    assert (totals.total, totals.paid, order.refunded, totals.balance) == (40_500, 29_900, 10_600, 0)


def test_what_is_not_paid_is_left_to_charge(place: Place) -> None:
    order = place(a_file(current_state="10", total_paid_real="0.000000"))
    assert compute_totals(order).balance == 40_500


def test_payments_by_several_methods_are_told_apart(place: Place) -> None:
    payments = [
        {"order_reference": "XKBKNABJK", "amount": "100.00", "payment_method": "gift_card"},
        {"order_reference": "XKBKNABJK", "amount": "305.00", "payment_method": "Klarna"},
    ]
    order = place(a_file(resources={"order_payments": payments}))
    assert {part.method: part.amount for part in order.payments} == {"klarna": 30_500, "gift_card": 10_000}
    assert (order.payment_method, order.paid) == ("klarna", 40_500)


def test_goods_by_measure_are_one_unit_with_the_measure_in_its_name(place: Place) -> None:
    row = a_row(2, "100.000000", "80.000000", product_quantity="2.5", product_name="Linnetyg")
    file = a_file(row, total_paid_tax_incl="299.00", total_paid_tax_excl="239.20", total_paid_real="299.00")
    (line,) = place(file).lines
    assert (line.name, line.quantity, line.total) == ("Linnetyg, 2,5", 1, 25_000)


@pytest.mark.parametrize(("currency", "total"), [("1", 40_500), ("2", 405), ("3", 405_000)])
def test_amounts_have_the_decimals_of_the_orders_currency(place: Place, currency: str, total: int) -> None:
    assert compute_totals(place(a_file(id_currency=currency))).total == total


def test_a_total_that_the_rows_do_not_explain_is_refused_with_both_sums(place: Place) -> None:
    with pytest.raises(InvalidDocument) as refused:
        place(a_file(total_paid_tax_incl="455.00"))
    assert "455,00" in str(refused.value.faults)
    assert "405,00" in str(refused.value.faults)


def test_rows_that_were_converted_from_xml_are_read(place: Place) -> None:
    file = a_file()
    (order,) = file["orders"]
    order["associations"] = {"order_rows": {"order_row": order["associations"]["order_rows"]}}
    assert compute_totals(place(file)).total == 40_500


def test_an_order_that_has_its_resources_in_itself_is_read_alone(place: Place) -> None:
    order = order_in(a_file())
    assert PrestaShop.orders(order) == [order]
    assert place(order).customer.email == "nils@example.com"


@pytest.mark.parametrize("value", [None, [], {}, "x", {"orders": []}, {"addresses": []}, {"orders": None}])
def test_what_has_no_orders_of_prestashop_gives_none(app: Flask, value: Any) -> None:
    assert [order for order in PrestaShop.orders(value) if PrestaShop.recognises(order)] == []
