"""Refunds of Shopify's orders as records: what each gave back, of what, with the VAT that Shopify states."""

from typing import Any

from flask import Flask

from tests.connectors.shopify.payloads import line, method, order, refund, refund_line, shop_money
from tests.connectors.shopify.placing import place, read
from tests.web.conftest import on_sqlite
from webshop_orders.documents.source_order import SourceRefund
from webshop_orders.models import RefundState

pytestmark = on_sqlite
FAT = line("FAT", "359.00")
REFUNDED = {"financial_status": "partially_refunded"}
# With the fields of the Admin REST API: https://shopify.dev/docs/api/admin-rest/latest/resources/refund
DOCUMENTED: dict[str, Any] = {
    "id": 509562969,
    "order_id": 880_100,
    "created_at": "2026-11-25T11:15:00+01:00",
    "processed_at": "2026-11-25T11:15:02+01:00",
    "note": "it broke during shipping",
    "restock": True,
    "user_id": 799407056,
    "refund_line_items": [refund_line("200.00", of=1, total_tax="40.00")],
    "refund_shipping_lines": [
        {"shipping_line_id": 201, "subtotal_amount_set": shop_money("49.00"), "tax_lines": [{"price": "9.80"}]}
    ],
    "transactions": [
        {
            "id": 179259969,
            "kind": "refund",
            "status": "success",
            "amount": "249.00",
            "gateway": "klarna",
            "authorization": "kl-77",
        }
    ],
    "order_adjustments": [],
}


def refunds_of(*refunds: dict[str, Any], **more: Any) -> list[SourceRefund]:
    items = [{**line("A", "200.00", id=1), "current_quantity": 0}, line("B", "99.00", id=2)]
    return read(order(*items, refunds=list(refunds), **REFUNDED, **more)).refunds


def test_a_refund_has_its_rows_its_money_and_its_references(app: Flask) -> None:
    (told,) = refunds_of(DOCUMENTED, shipping=[method("Ombud", "49.00")])
    assert (told.external_reference, told.amount, told.method, told.reason) == (
        "509562969",
        24_900,
        "klarna",
        "it broke during shipping",
    )
    assert told.references == ["kl-77", "179259969", "509562969"]
    assert told.at is not None
    assert told.at.isoformat() == "2026-11-25T10:15:02+00:00"
    goods, shipping = told.rows
    assert (goods.kind.value, goods.sku, goods.quantity, goods.amount, goods.vat) == ("line", "A", 1, 20_000, 4_000)
    assert (shipping.kind.value, shipping.amount, shipping.vat) == ("shipping", 4_900, 980)
    assert goods.is_left_out
    assert shipping.is_left_out


def test_what_was_given_out_of_goodwill_or_kept_has_a_row(app: Flask) -> None:
    more = refund("230.00", refund_line("200.00", of=1, total_tax="40.00"), order_adjustments=[difference("-30.00")])
    less = refund("170.00", refund_line("200.00", of=1, total_tax="40.00"), order_adjustments=[difference("30.00")])
    alone = refund("50.00", order_adjustments=[difference("-50.00")])
    assert [[(row.kind.value, row.amount) for row in refunds_of(one)[0].rows] for one in (more, less, alone)] == [
        [("line", 20_000), ("amount", 3_000)],
        [("line", 20_000), ("fee", -3_000)],
        [("amount", 5_000)],
    ]


def difference(amount: str) -> dict[str, Any]:
    return {"kind": "refund_discrepancy", "amount": amount, "tax_amount": "0.00"}


def test_prices_without_taxes_get_theirs_in_the_rows(app: Flask) -> None:
    item = {**line("A", "160.00", id=1, includes_tax=False), "current_quantity": 0}
    other = line("B", "80.00", id=2, includes_tax=False)
    back = refund("200.00", refund_line("160.00", of=1, total_tax="40.00"))
    payload = order(item, other, refunds=[back], taxes_included=False, current_total_price="100.00", **REFUNDED)
    (told,) = read(payload | {"current_total_tax": "20.00"}).refunds
    assert [(row.amount, row.vat) for row in told.rows] == [(20_000, 4_000)]


def test_a_refund_that_gave_and_took_nothing_is_none(app: Flask) -> None:
    failed = {"id": 1, "transactions": [{"kind": "refund", "status": "failure", "amount": "359.00"}]}
    zero = refund("0.00", id=2)
    assert read(order(FAT, refunds=[failed, zero])).refunds == []


def test_an_order_that_came_refunded_has_the_records_and_owes_nothing(app: Flask) -> None:
    items = [{**line("A", "200.00", id=1), "current_quantity": 0}, line("B", "99.00", id=2)]
    returned = refund("200.00", refund_line("200.00", of=1, total_tax="40.00"))
    goodwill = refund("20.00", id=302)
    payload = order(*items, refunds=[returned, goodwill], current_total_price="99.00", **REFUNDED)
    placed = place(payload | {"current_total_tax": "19.80"})
    first, second = placed.refunds
    assert (first.external_reference, first.amount, first.credited, first.rows) == ("301", 20_000, 0, [])
    assert (second.external_reference, second.amount, second.credited, second.vat) == (
        "302",
        2_000,
        2_000,
        {"2500": 400},
    )
    assert (placed.total, placed.paid, placed.credited, placed.written_off) == (9_900, 7_900, 2_000, 0)
    assert {placed_refund.state for placed_refund in placed.refunds} == {RefundState.DONE}


def test_an_order_that_is_void_is_credited_what_came_back(app: Flask) -> None:
    back = refund("359.00", refund_line("359.00", total_tax="71.80"))
    item = {**FAT, "current_quantity": 0}
    placed = place(order(item, refunds=[back], financial_status="refunded", current_total_price="0.00"))
    (kept,) = placed.refunds
    assert (kept.credited, kept.vat, placed.credited, placed.written_off) == (35_900, {"2500": 7_180}, 35_900, 0)


def test_a_hundred_refunds_are_kept_and_more_are_written_off(app: Flask) -> None:
    refunds = [refund("1.00", id=number) for number in range(1, 131)]
    placed = place(order(FAT, refunds=refunds, **REFUNDED))
    assert (len(placed.refunds), placed.credited, placed.written_off) == (100, 10_000, 3_000)
    assert (placed.paid, placed.refunded) == (22_900, 13_000)
