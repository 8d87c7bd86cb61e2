"""The refunds of a Shopify order as records: what each gave back, of what, and how.

https://shopify.dev/docs/api/admin-rest/latest/resources/refund
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from webshop_orders.clock import now
from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.shopify.amounts import amount_of, stated_amount
from webshop_orders.connectors.shopify.gateways import payment_method
from webshop_orders.connectors.shopify.lines import name_of, sku_of
from webshop_orders.connectors.shopify.refunds import beyond_items, is_successful, transaction_amount
from webshop_orders.connectors.shopify.returned_goods import returned_goods
from webshop_orders.connectors.shopify.taxes import discounted, with_tax
from webshop_orders.connectors.shopify.units import is_tip, refunded_items, whole_units
from webshop_orders.documents.fields import MAX_COMMENT_LENGTH
from webshop_orders.documents.order import MAX_LINES
from webshop_orders.documents.source_order import MAX_REFERENCES
from webshop_orders.errors import RuleViolation
from webshop_orders.models import RefundRowKind
from webshop_orders.models.refund import MAX_REFUNDS
from webshop_orders.validation.writing import format_timestamp

Document = dict[str, Any]
SUMS = ("subtotal", "total_tax")
REFERENCES = ("authorization", "payment_id", "id")  # of a transaction, the one that payment systems show first


def refund_documents(
    payload: dict[str, Any], currency: Currency, *, includes_vat: bool, is_void: bool
) -> list[dict[str, Any]]:
    """Our documents of an order's refunds, oldest first; one that gave, took off and brought back nothing has none.

    What was returned is no longer in the lines of an order, but in those of one that is void, which is read as it was
    ordered.
    """
    documents = []
    for place, refund in enumerate(parsing.items(payload, "refunds"), start=1):
        document = refund_document(refund, payload, currency, includes_vat=includes_vat, is_left_out=not is_void)
        document["external_reference"] = parsing.text(refund, "id") or f"#{place}"
        if document["amount"] or document["rows"] or document["returned"]:
            documents.append(document)
    dated = sorted(documents, key=lambda document: document["at"] or "")
    return list({document["external_reference"]: document for document in dated}.values())[:MAX_REFUNDS]


def refund_of_webhook(refund: dict[str, Any], currency: Currency) -> dict[str, Any]:
    """Our document of a refund that comes by itself; the document of its order still has what it took back.

    Whether its amounts have the VAT is told by which of the two the money comes nearer to.
    """
    lines = parsing.items(refund, "refund_line_items")
    amount, tax = (sum((amount_of(line, name, currency) for line in lines), Decimal(0)) for name in SUMS)
    paid_out = [item for item in parsing.items(refund, "transactions") if is_successful(item, "refund")]
    given = sum((transaction_amount(transaction, {}, currency) for transaction in paid_out), Decimal(0))
    includes_vat = abs(given - amount) <= abs(given - amount - tax)
    document = refund_document(refund, {}, currency, includes_vat=includes_vat, is_left_out=False)
    return {**document, "external_reference": parsing.text(refund, "id")}


def refund_document(
    refund: dict[str, Any], payload: dict[str, Any], currency: Currency, *, includes_vat: bool, is_left_out: bool
) -> dict[str, Any]:
    """Our document of a refund, but for what its shop calls it."""
    paid_out = [item for item in parsing.items(refund, "transactions") if is_successful(item, "refund")]
    given = sum((transaction_amount(transaction, payload, currency) for transaction in paid_out), Decimal(0))
    at = parsing.timestamp(refund, "processed_at") or parsing.timestamp(refund, "created_at")
    return {
        "amount": currency.round(given),
        "rows": _rows(refund, payload, currency, given, includes_vat=includes_vat, is_left_out=is_left_out),
        "at": format_timestamp(min(at, now()) if at else None),
        "reason": parsing.text(refund, "note", max_length=MAX_COMMENT_LENGTH, multiline=True),
        "method": next((payment_method(parsing.text(item, "gateway")) for item in paid_out), None),
        "references": _references(refund, paid_out),
        "returned": returned_goods(refund, payload, is_left_out=is_left_out),
    }


def _references(refund: dict[str, Any], paid_out: list[dict[str, Any]]) -> list[str]:
    """What payment systems call the refund, and the shop."""
    stated = [parsing.text(transaction, name) for name in REFERENCES for transaction in paid_out]
    references = dict.fromkeys(reference for reference in stated if reference)
    return [*list(references)[: MAX_REFERENCES - 1], *filter(None, [parsing.text(refund, "id")])]


def _rows(
    refund: dict[str, Any],
    payload: dict[str, Any],
    currency: Currency,
    given: Decimal,
    *,
    includes_vat: bool,
    is_left_out: bool,
) -> list[Document]:
    """What a refund was for: its units, its shipping, what it gave besides, and what it kept."""
    try:
        items = [
            *_item_rows(refund, payload, currency, includes_vat=includes_vat),
            *_shipping_rows(refund, currency, includes_vat=includes_vat),
        ]
        beyond = currency.round(beyond_items(refund, given, currency)) if given else 0
    except RuleViolation:  # an amount of it cannot be read, of which the order's sums need none
        items, beyond = [], 0
    rows = [row | {"is_left_out": is_left_out} for row in items[: MAX_LINES - 1]]
    more = currency.round(given) - sum(row["amount"] for row in rows)
    if given and more > 0:
        rows.append({"kind": RefundRowKind.AMOUNT.value, "amount": more})
    elif rows and beyond < 0:
        rows.append({"kind": RefundRowKind.FEE.value, "amount": beyond, "is_left_out": is_left_out})
    return rows


def _item_rows(
    refund: dict[str, Any], payload: dict[str, Any], currency: Currency, *, includes_vat: bool
) -> Iterator[Document]:
    for line, item in refunded_items(refund, payload):
        units = parsing.quantity(line, "quantity") or Decimal(0)
        amount, tax = _of_units(line, item, units, currency, includes_vat=includes_vat)
        if amount <= 0:
            continue
        row = {"amount": currency.round(amount), "vat": currency.round(tax), "name": name_of(item)}
        if is_tip(item) or (quantity := whole_units(line)) is None:
            yield {"kind": RefundRowKind.AMOUNT.value, **row}
        else:
            sku = sku_of(item, name_of(item), {})
            yield {"kind": RefundRowKind.LINE.value, **row, "sku": sku, "quantity": quantity}


def _of_units(
    line: dict[str, Any], item: dict[str, Any], units: Decimal, currency: Currency, *, includes_vat: bool
) -> tuple[Decimal, Decimal]:
    """What some units are refunded at with their VAT, and the VAT in that: as stated, or else their share."""
    stated = stated_amount(line, "subtotal", currency)
    if stated is not None:
        tax = amount_of(line, "total_tax", currency)
        return (stated if includes_vat else stated + tax), tax
    ordered = parsing.quantity(item, "quantity") or Decimal(0)
    if ordered <= 0:
        return Decimal(0), Decimal(0)
    taxed = with_tax(item, discounted(item, currency), currency, includes_vat=includes_vat, units=ordered)
    of_units = taxed.part(min(units / ordered, Decimal(1)))
    return of_units.charged, of_units.tax


def _shipping_rows(refund: dict[str, Any], currency: Currency, *, includes_vat: bool) -> Iterator[Document]:
    lines = parsing.items(refund, "refund_shipping_lines")
    for line in lines:
        net = amount_of(line, "subtotal_amount_set", currency)
        tax = sum((amount_of(part, "price", currency) for part in parsing.items(line, "tax_lines")), Decimal(0))
        yield from _shipping_row(net if includes_vat else net + tax, tax, currency)
    for adjustment in parsing.items(refund, "order_adjustments") if not lines else []:
        if parsing.text(adjustment, "kind") == "shipping_refund":
            tax = abs(amount_of(adjustment, "tax_amount", currency))
            yield from _shipping_row(abs(amount_of(adjustment, "amount", currency)) + tax, tax, currency)


def _shipping_row(amount: Decimal, tax: Decimal, currency: Currency) -> Iterator[Document]:
    if amount > 0:
        vat = currency.round(tax) if tax else None
        yield {"kind": RefundRowKind.SHIPPING.value, "amount": currency.round(amount), "vat": vat}
