"""Credit notes as the context of mail templates and PDF files.

What a credit note has to say: mervärdesskattelagen (2023:200), chapter 17, section 22 (an unmistakable reference to
what it changes) and section 24 (day, number, the seller with its VAT number, the buyer, quantity and kind, and the
taxable amount and the VAT for each rate).
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from webshop_orders.mailing.context import Context, order_context
from webshop_orders.mailing.vocabulary import PAYMENT_METHODS, VOCABULARY
from webshop_orders.models import Order, Refund, RefundRow, RefundRowKind, RefundState, Shop
from webshop_orders.text.formatting import date_time, day, integer, money, percent


def credit_note_context(order: Order, refund: Refund, shop: Shop, language: str) -> Context:
    """What a mail with the credit note of a refund shows, and a PDF file: what is credited, and the order it is of."""
    context = order_context(order, shop, language)
    _delivery, billing = context["addresses"]
    return {
        **context,
        "credit_note": {
            "reference": refund.number_in(order.number),
            "amount": money(refund.amount, order.currency, language) if refund.amount else None,
            "is_done": refund.state is RefundState.DONE,
        },
        "rows": [_row(order, row, language) for row in refund.rows],
        "sums": _sums(order, refund, language),
        "facts": _facts(order, refund, shop, language),
        "addresses": [billing, _seller(shop, language)],
    }


def _row(order: Order, row: RefundRow, language: str) -> Context:
    line = order.find_line(row.line_id) if row.line_id else None
    price = line.unit_price if line else None
    discount = row.quantity * price - row.amount if row.quantity and price is not None else 0
    shows_units = row.quantity is not None and price is not None
    return {
        "name": _name(row, language),
        "is_part": bool(line and line.is_part),
        "sku": line.sku if line else None,
        "quantity": integer(row.quantity, language) if row.quantity and shows_units else None,
        "properties": [],
        "unit_price": money(price, order.currency, language) if price is not None and shows_units else None,
        "vat_rate": percent(row.vat_rate, language),
        "discount": money(-discount, order.currency, language) if discount else None,
        "total": money(row.amount, order.currency, language),
        "backordered": None,
        "expected": None,
    }


def _name(row: RefundRow, language: str) -> str:
    words = VOCABULARY[language]
    if row.kind is RefundRowKind.SHIPPING:
        return ", ".join(part for part in (words["shipping"], row.name) if part)
    name = row.name or words["amount"]
    return f"{integer(row.quantity, language)} × {name}" if row.quantity and row.line_id is None else name


def _sums(order: Order, refund: Refund, language: str) -> Context:
    words, currency = VOCABULARY[language], order.currency
    label = words["credited_goods"] if order.prices_include_vat else words["credited_without_vat"]
    rows = [(label, sum(row.amount for row in refund.rows))] if refund.rows else []
    vat = _vat(order, refund, language)
    if not order.prices_include_vat:
        rows += vat
    if refund.rounding:
        rows.append((words["rounding"], refund.rounding))

    def labelled(items: list[tuple[str, int]]) -> list[dict[str, str]]:
        return [{"label": label, "amount": money(amount, currency, language)} for label, amount in items]

    return {
        "rows": labelled(rows),
        "total": {"label": words["credited_total"], "amount": money(refund.credited, currency, language)},
        "vat": labelled(vat) if order.prices_include_vat else [],
        "settled": labelled(_settled(refund, language)),
    }


def _vat(order: Order, refund: Refund, language: str) -> list[tuple[str, int]]:
    """The VAT of each rate, with the taxable amount that it is on."""
    words = VOCABULARY[language]
    gross: dict[int, int] = defaultdict(int)
    for row in refund.rows:
        gross[row.vat_rate] += row.amount
    label = words["of_which_vat"] if order.prices_include_vat else words["vat"]
    shown = []
    for rate in sorted(gross):
        vat = refund.vat.get(str(rate), 0)
        taxable = money(gross[rate] - (vat if order.prices_include_vat else 0), order.currency, language)
        shown.append((f"{label} {percent(rate, language)} {words['of_amount']} {taxable}", vat))
    return shown


def _settled(refund: Refund, language: str) -> list[tuple[str, int]]:
    words, difference = VOCABULARY[language], refund.credited - refund.amount
    refunded = words["refunded"] if refund.state is RefundState.DONE else words["to_refund"]
    explained = []
    if difference > 0:
        explained.append((words["taken_off"], -difference))
    elif difference < 0:
        explained.append((words["paid_too_much"], -difference))
    return [*explained, (refunded, refund.amount)] if refund.amount else explained


def _facts(order: Order, refund: Refund, shop: Shop, language: str) -> list[dict[str, str]]:
    words = VOCABULARY[language]
    issued = datetime.fromisoformat(refund.requested_at).astimezone(ZoneInfo(shop.time_zone)).date()
    method = PAYMENT_METHODS[language].get((refund.method or "").casefold(), refund.method)
    facts: list[tuple[str, Any]] = [
        (words["credit_note"], refund.number_in(order.number)),
        (words["credit_note_day"], day(issued, language, with_year=True)),
        (words["credits_order"], order.number),
        (words["shop_number"], order.shop_number),
        (words["placed"], date_time(order.placed_at, shop.time_zone, language)),
        (words["customer"], order.customer.name),
        (words["company"], order.customer.company),
        (words["organisation_number"], order.customer.organisation_number),
        (words["reason"], refund.reason),
        (words["refund_method"], method),
        (words["refund_reference"], refund.reference),
    ]
    return [{"label": label, "value": value} for label, value in facts if value]


def _seller(shop: Shop, language: str) -> Context:
    words = VOCABULARY[language]
    numbers = [
        f"{words[name]}: {number}"
        for name, number in (("organisation_number", shop.organisation_number), ("vat_number", shop.vat_number))
        if number
    ]
    return {"label": words["seller"], "lines": [shop.name, *(shop.sender_address or "").splitlines(), *numbers]}
