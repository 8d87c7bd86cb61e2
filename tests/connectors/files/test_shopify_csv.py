"""Shopify's export of orders: what each column becomes."""

from decimal import Decimal
from pathlib import Path

import pytest
from flask import Flask

from tests.connectors.files.reading import read_orders
from tests.connectors.files.shopify_rows import ROWS, order_of, write_csv
from tests.web.conftest import on_sqlite
from webshop_orders.documents.order import NewOrder
from webshop_orders.errors import RuleViolation
from webshop_orders.models import PaymentPart

pytestmark = on_sqlite


def read_one(folder: Path, *lines: dict[str, str], **changes: str) -> NewOrder:
    (order,) = read_orders(write_csv(folder, order_of(*lines, **changes)))
    return order


ONE_VASE = {
    "Lineitem_quantity": "1",
    "Lineitem_name": "Vas",
    "Lineitem_sku": "VAS",
    "Lineitem_price": "300.00",
    "Subtotal": "300.00",
    "Shipping": "59.00",
    "Taxes": "71.80",
    "Tax_1_Value": "71.80",
    "Total": "359.00",
}


def test_rows_with_one_name_are_one_order(app: Flask, tmp_path: Path) -> None:
    first, second = read_orders(write_csv(tmp_path, ROWS))
    assert (first.external_reference, first.shop_number) == ("shopify-450789469", "#1001")
    assert [(line.sku, line.quantity, line.unit_price) for line in first.lines] == [
        ("LJUS-12", 2, 19_900),
        ("shopify-custom-ljusstake", 1, 20_000),
    ]
    assert first.comment == "Ring,\npå porten"
    assert first.billing_address.postal_code == "97231"
    assert (first.shipping.price, first.payment.paid, first.totals.total) == (4_900, 64_700, 64_700)
    assert first.shipped_at is not None
    assert (second.totals.total, second.payment.paid, second.payment.method) == (9_000, 0, "invoice")
    assert [(line.unit_price, line.discount) for line in second.lines] == [(10_000, 1_000)]
    assert {line.vat_rate for line in (*first.lines, *second.lines)} == {2_500}


def test_rows_that_a_spreadsheet_has_sorted_are_still_one_order(app: Flask, tmp_path: Path) -> None:
    first, second = read_orders(write_csv(tmp_path, [ROWS[1], ROWS[2], ROWS[0]]))
    assert (len(first.lines), first.totals.total, len(second.lines)) == (2, 64_700, 1)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"Cancelled_at": "2026-11-21 08:00:00 +0100"}, "makulerad"),
        ({"Fulfillment_Status": "restocked"}, "makulerad"),
        ({"Financial_Status": "voided"}, "makulerad"),
        ({"Financial_Status": "refunded", "Refunded_Amount": "359.00"}, "återbetald"),
    ],
)
def test_a_cancelled_or_refunded_order_is_left_out_by_name(
    app: Flask, tmp_path: Path, changes: dict[str, str], reason: str
) -> None:
    with pytest.raises(RuleViolation, match=f"#1001.*{reason}"):
        read_one(tmp_path, **{**ONE_VASE, **changes})


def test_an_order_fulfilled_without_a_time_left_when_it_was_paid(app: Flask, tmp_path: Path) -> None:
    order = read_one(tmp_path, **{**ONE_VASE, "Fulfillment_Status": "fulfilled"})
    assert str(order.shipped_at) == "2026-11-20 09:15:00+00:00"


def test_rows_that_were_fulfilled_are_a_shipment_and_the_rest_is_open(app: Flask, tmp_path: Path) -> None:
    open_row = {"Lineitem quantity": "1", "Lineitem name": "Te", "Lineitem price": "100.00", "Lineitem taxable": "true"}
    changes = {
        **ONE_VASE,
        "Fulfillment_Status": "partial",
        "Fulfilled_at": "2026-11-21 09:00:00 +0100",
        "Lineitem_fulfillment_status": "fulfilled",
        "Subtotal": "400.00",
        "Taxes": "91.80",
        "Tax_1_Value": "91.80",
        "Total": "459.00",
    }
    order = read_one(tmp_path, open_row, **changes)
    assert order.shipped_at is None
    (shipment,) = order.shipments
    assert [(packed.line, packed.quantity) for packed in shipment.lines] == [(0, 1)]
    assert str(shipment.shipped_at) == "2026-11-21 08:00:00+00:00"


@pytest.mark.parametrize("status", ["partial", "pending"])
def test_a_row_of_which_an_unknown_part_was_fulfilled_is_refused(app: Flask, tmp_path: Path, status: str) -> None:
    changes = {**ONE_VASE, "Fulfillment_Status": "partial", "Lineitem_fulfillment_status": status}
    with pytest.raises(RuleViolation, match=r"#1001.*JSON"):
        read_one(tmp_path, **changes)


def test_duties_are_a_charge_without_vat(app: Flask, tmp_path: Path) -> None:
    order = read_one(tmp_path, **{**ONE_VASE, "Total": "409.00", "Duties": "50.00"})
    (charge,) = order.charges
    assert (charge.kind.value, charge.amount, charge.vat_rate) == ("duty", 5_000, 0)
    assert (order.payment.paid, order.totals.vat) == (40_900, {"2500": 7_180})


def test_a_tip_is_a_charge_and_no_product(app: Flask, tmp_path: Path) -> None:
    tip = {"Lineitem quantity": "1", "Lineitem name": "Tip", "Lineitem price": "20.00", "Lineitem taxable": "false"}
    order = read_one(tmp_path, tip, **{**ONE_VASE, "Total": "379.00"})
    assert [(charge.kind.value, charge.amount) for charge in order.charges] == [("tip", 2_000)]
    assert [line.sku for line in order.lines] == ["VAS"]


def test_a_partly_paid_order_owes_what_is_outstanding(app: Flask, tmp_path: Path) -> None:
    changes = {**ONE_VASE, "Financial_Status": "partially_paid", "Outstanding_Balance": "159.00"}
    order = read_one(tmp_path, **changes)
    assert (order.payment.paid, order.payment.written_off, order.totals.balance) == (20_000, 0, 15_900)


def test_what_was_refunded_is_not_asked_for(app: Flask, tmp_path: Path) -> None:
    changes = {**ONE_VASE, "Financial_Status": "partially_refunded", "Refunded_Amount": "100.00"}
    payment = read_one(tmp_path, **changes).payment
    assert (payment.paid, payment.refunded, payment.written_off) == (25_900, 10_000, 10_000)


def test_the_method_that_paid_is_named_before_the_gift_card(app: Flask, tmp_path: Path) -> None:
    order = read_one(tmp_path, **{**ONE_VASE, "Payment_Method": "gift_card + Klarna"})
    assert (order.payment.method, order.payment.parts) == ("klarna", list[PaymentPart]())
    assert "gift_card + Klarna" in [attribute.value for attribute in order.attributes]


def test_note_attributes_and_the_discount_code_are_kept(app: Flask, tmp_path: Path) -> None:
    changes = {
        **ONE_VASE,
        "Note_Attributes": "Gravyr: Till Ada\nmed kram\nÖnskad dag: fredag\n_cart: 123",
        "Discount_Code": "HÖST",
    }
    attributes = {attribute.name: attribute.value for attribute in read_one(tmp_path, **changes).attributes}
    assert attributes == {"Gravyr": "Till Ada\nmed kram", "Önskad dag": "fredag", "Rabattkod": "HÖST"}


def test_the_recipients_phone_and_a_country_by_name_are_read(app: Flask, tmp_path: Path) -> None:
    changes = {
        **ONE_VASE,
        "Shipping_Name": "Bo Ek",
        "Shipping_Address1": "Byvägen 2",
        "Shipping_City": "Kalix",
        "Shipping_Country": "Sweden",
        "Shipping_Phone": "'+46701112233",
    }
    address = read_one(tmp_path, **changes).shipping_address
    assert (address.name, address.country, address.phone) == ("Bo Ek", "SE", "+46701112233")


def test_products_without_a_sku_are_told_apart_by_their_names(app: Flask, tmp_path: Path) -> None:
    other = {"Lineitem quantity": "1", "Lineitem name": "Gravyr", "Lineitem price": "0.00", "Lineitem taxable": "true"}
    order = read_one(tmp_path, other, **{**ONE_VASE, "Lineitem_sku": ""})
    assert [line.sku for line in order.lines] == ["shopify-custom-vas", "shopify-custom-gravyr"]


def test_a_row_with_a_price_but_no_product_is_refused_and_not_lost(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(RuleViolation, match="Lineitem name"):
        read_one(tmp_path, {"Lineitem quantity": "1", "Lineitem price": "5.00"}, **ONE_VASE)


def test_a_pick_up_point_is_on_the_address(app: Flask, tmp_path: Path) -> None:
    order = read_one(tmp_path, **{**ONE_VASE, "Note_Attributes": "Pickup point: ICA Nära Kalix"})
    assert (order.shipping_address.pickup_point, order.attributes) == ("ICA Nära Kalix", [])


def test_a_code_for_free_shipping_is_taken_off_shipping(app: Flask, tmp_path: Path) -> None:
    changes = {**ONE_VASE, "Discount_Amount": "59.00", "Taxes": "60.00", "Tax_1_Value": "60.00", "Total": "300.00"}
    order = read_one(tmp_path, **changes)
    assert (order.shipping.price, order.lines[0].discount, order.totals.vat) == (0, 0, {"2500": 6_000})


def test_prices_without_vat_stay_without_it(app: Flask, tmp_path: Path) -> None:
    changes = {**ONE_VASE, "Lineitem_price": "240.00", "Subtotal": "240.00", "Shipping": "47.20"}
    order = read_one(tmp_path, **changes)
    assert (order.prices_include_vat, order.lines[0].unit_price, order.shipping.price) == (False, 24_000, 4_720)
    assert (order.totals.total, order.totals.vat) == (35_900, {"2500": 7_180})


TEA = {
    "Lineitem quantity": "1",
    "Lineitem name": "Te",
    "Lineitem sku": "TE",
    "Lineitem price": "112.00",
    "Lineitem taxable": "true",
}
VASE_AND_TEA = {
    **ONE_VASE,
    "Lineitem_price": "125.00",
    "Shipping": "0.00",
    "Tax_1_Name": "VAT 25%",
    "Tax_2_Name": "VAT 12%",
}


@pytest.mark.parametrize(
    ("sums", "discounts"),
    [
        (("0.00", "237.00", "25.00", "12.00"), [0, 0]),
        (("23.70", "213.30", "22.50", "10.80"), [1_250, 1_120]),  # 10 % on both
        (("25.00", "212.00", "20.00", "12.00"), [2_500, 0]),  # on the vase alone
    ],
)
def test_products_of_two_rates_share_a_discount_so_that_the_vat_is_right(
    app: Flask, tmp_path: Path, sums: tuple[str, str, str, str], discounts: list[int]
) -> None:
    discount, total, vat_of_vase, vat_of_tea = sums
    changes = {
        **VASE_AND_TEA,
        "Discount_Amount": discount,
        "Subtotal": total,
        "Total": total,
        "Taxes": str(Decimal(vat_of_vase) + Decimal(vat_of_tea)),
        "Tax_1_Value": vat_of_vase,
        "Tax_2_Value": vat_of_tea,
    }
    lines = read_one(tmp_path, TEA, **changes).lines
    assert [line.vat_rate for line in lines] == [2_500, 1_200]
    assert [line.discount for line in lines] == discounts


def test_vat_that_no_rates_explain_is_refused_by_the_orders_number(app: Flask, tmp_path: Path) -> None:
    with pytest.raises(RuleViolation, match=r"#1001.*JSON"):
        read_one(tmp_path, **{**ONE_VASE, "Taxes": "50.00", "Tax_1_Value": "50.00"})


@pytest.mark.parametrize("column", ["Created_at", "Taxes", "Currency"])
def test_an_empty_cell_that_an_order_needs_is_refused_by_its_column(app: Flask, tmp_path: Path, column: str) -> None:
    changes = {**ONE_VASE, "Tax_1_Value": "", column: ""}
    with pytest.raises(RuleViolation, match=f"(?i){column.replace('_', ' ')}") as refusal:
        read_one(tmp_path, **changes)
    assert "#1001" in str(refusal.value)


def test_the_fields_of_an_order_may_be_on_any_of_its_rows(app: Flask, tmp_path: Path) -> None:
    first, second, _other = ROWS
    (order,) = read_orders(write_csv(tmp_path, [second, first]))
    assert (len(order.lines), order.totals.total, order.customer.email) == (2, 64_700, "asa@example.com")
