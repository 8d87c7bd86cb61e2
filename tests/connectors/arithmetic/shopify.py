"""Shopify's arithmetic, and the order that its Admin REST API and webhooks then write.

Taxes are computed on each row after its discounts and rounded to the currency's minor unit; where prices include them
it is price × rate ÷ (1 + rate). Discounts on the order are allocated to its lines. Refunds say what each took back.

https://help.shopify.com/manual/taxes/tax-calculation
https://shopify.dev/docs/api/admin-rest/latest/resources/order
https://shopify.dev/docs/api/admin-rest/latest/resources/refund
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from tests.connectors.arithmetic.baskets import WHOLE_QUANTITIES, Basket, a_basket, an_item
from tests.connectors.arithmetic.money import KRONA, Money, half_up, share_out, tax_on_top, tax_within
from tests.connectors.arithmetic.statement import Statement


@dataclass(frozen=True)
class Extras:
    """What an order has besides products and shipping: amounts in minor units, none of which has taxes."""

    tip: int = 0
    duties: int = 0
    additional_fees: int = 0
    paid: str = "paid"  # or partially_paid, or pending
    gateways: tuple[str, ...] = ("klarna",)
    returned: tuple[int, ...] = ()  # how many units of each line came back
    returns_shipping: bool = False
    goodwill: int = 0
    is_cash: bool = False
    is_edited: bool = False  # the units were taken off before they were paid for, so that nothing is given back
    tip_is_line: bool = False
    names_shipping: bool = False  # refunds name the shipping method, as since 2024-10


@dataclass
class Taxed:
    """A row with its discounts taken off, and its tax."""

    amount: int
    tax: int
    rate: int


@dataclass
class Refund:
    """What was given back, in minor units."""

    lines: list[dict[str, Any]] = field(default_factory=list)
    adjustments: list[dict[str, Any]] = field(default_factory=list)
    shipping: list[dict[str, Any]] = field(default_factory=list)
    amount: int = 0
    off_total: int = 0
    tax: Counter[int] = field(default_factory=Counter)


def statement(basket: Basket, extras: Extras) -> Statement:
    """The order of a basket."""
    money, includes = basket.money, basket.prices_include_tax
    left = [item.cost - item.discount for item in basket.items]
    coupons = share_out(basket.coupon, left)
    lines = [
        _taxed(int(amount) - coupon, item.rate, includes)
        for item, amount, coupon in zip(basket.items, left, coupons, strict=True)
    ]
    shipping = [_taxed(row.amount, row.rate, includes) for row in basket.shipping]
    tax_by_rate: Counter[int] = Counter()
    for row in (*lines, *shipping):
        tax_by_rate[row.rate] += row.tax
    on_top = 0 if includes else tax_by_rate.total()
    extra = extras.tip + extras.duties + extras.additional_fees
    total = sum(row.amount for row in (*lines, *shipping)) + on_top + extra
    refund = _refund(basket, extras, lines, shipping) if extras.paid == "paid" else Refund()
    remaining = tax_by_rate - refund.tax
    current = total - refund.off_total
    paid_for = current if extras.is_edited else total
    received = {"paid": paid_for, "partially_paid": total // 3, "pending": 0}[extras.paid]
    is_cash = extras.is_cash and extras.paid == "paid" and not refund.off_total and not refund.amount
    rounding = half_up(Decimal(total) / 100) * 100 - total if is_cash else 0  # beside the total, not in it
    payload = {
        **_head(money, includes),
        "financial_status": _financial_status(extras, refund, total),
        "payment_gateway_names": list(extras.gateways),
        "total_line_items_price": money.text(sum(item.price * item.units for item in basket.items)),
        "total_discounts": money.text(sum(item.discount for item in basket.items) + sum(coupons)),
        "subtotal_price": money.text(sum(line.amount for line in lines)),
        "total_price": money.text(total),
        "current_total_price": money.text(current),
        "total_tax": money.text(tax_by_rate.total()),
        "current_total_tax": money.text(remaining.total()),
        "total_outstanding": money.text(paid_for - received),
        "total_tip_received": money.text(extras.tip),
        "tax_lines": [_tax_line(money, tax, rate) for rate, tax in tax_by_rate.items()],
        "line_items": _line_items(basket, lines, coupons, extras),
        "shipping_lines": [
            {
                "id": 50 + index,
                "title": "Ombud",
                "price": money.text(row.amount),
                "discounted_price": money.text(row.amount),
                "discount_allocations": [],
                "tax_lines": [_tax_line(money, row.tax, row.rate)],
            }
            for index, row in enumerate(shipping)
        ],
        "refunds": [_refund_document(money, refund, extras)] if refund.amount or refund.lines else [],
    }
    for name, amount in (("duties", extras.duties), ("additional_fees", extras.additional_fees)):
        bag = {"shop_money": {"amount": money.text(amount), "currency_code": money.code}}
        payload |= {f"current_total_{name}_set": bag, f"original_total_{name}_set": bag} if amount else {}
    if rounding:
        bag = {"shop_money": {"amount": money.text(rounding), "currency_code": money.code}}
        payload["total_cash_rounding_payment_adjustment_set"] = bag
    ordered = sum(item.units for item in basket.items)
    returned = sum(extras.returned) if extras.paid == "paid" else 0
    is_everything_refunded = refund.amount >= total > 0
    return Statement(
        payload=payload,
        total=total if is_everything_refunded else current + rounding,
        vat=(tax_by_rate if is_everything_refunded else remaining).total(),
        vat_by_rate=dict(tax_by_rate if is_everything_refunded else remaining),
        paid=received - refund.amount + rounding,
        balance=paid_for - received,
        units=ordered if is_everything_refunded or returned == ordered else ordered - returned,
    )


def _taxed(amount: int, rate: int, includes: bool) -> Taxed:
    return Taxed(amount, half_up((tax_within if includes else tax_on_top)(amount, rate)), rate)


def _refund(basket: Basket, extras: Extras, lines: list[Taxed], shipping: list[Taxed]) -> Refund:
    """Units at their share of the line's discounted price and tax, shipping as a whole, and a sum out of goodwill."""
    refund, money = Refund(), basket.money
    for index, (item, row, units) in enumerate(zip(basket.items, lines, extras.returned, strict=False)):
        if units:
            subtotal, tax = (
                half_up(Decimal(row.amount * units) / item.units),
                half_up(Decimal(row.tax * units) / item.units),
            )
            refund.lines.append(
                {
                    "line_item_id": 10 + index,
                    "quantity": units,
                    "restock_type": "return",
                    "subtotal": money.text(subtotal),
                    "total_tax": money.text(tax),
                }
            )
            refund.off_total += subtotal + (0 if basket.prices_include_tax else tax)
            refund.tax[row.rate] += tax
    if extras.returns_shipping and not extras.is_edited:
        for index, row in enumerate(shipping):
            net = row.amount - row.tax if basket.prices_include_tax else row.amount
            if extras.names_shipping:
                bag = {"shop_money": {"amount": money.text(row.amount), "currency_code": money.code}}
                refund.shipping.append({"id": index, "shipping_line_id": 50 + index, "subtotal_amount_set": bag})
            else:
                amounts = {"amount": "-" + money.text(net), "tax_amount": "-" + money.text(row.tax)}
                refund.adjustments.append({"kind": "shipping_refund", **amounts})
            refund.off_total += net + row.tax
            refund.tax[row.rate] += row.tax
    left = sum(row.amount for row in (*lines, *shipping)) - refund.off_total
    goodwill = 0 if extras.is_edited else min(extras.goodwill, max(0, left - 1))
    if goodwill:
        refund.adjustments.append(
            {"kind": "refund_discrepancy", "amount": "-" + money.text(goodwill), "tax_amount": money.text(0)}
        )
    refund.amount = 0 if extras.is_edited else refund.off_total + goodwill
    return refund


def _refund_document(money: Money, refund: Refund, extras: Extras) -> dict[str, Any]:
    given = {"id": 91, "kind": "refund", "status": "success", "amount": money.text(refund.amount)}
    return {
        "id": 90,
        "created_at": "2026-11-05T09:00:00+01:00",
        "refund_line_items": refund.lines,
        "order_adjustments": refund.adjustments,
        **({"refund_shipping_lines": refund.shipping} if extras.names_shipping else {}),
        "transactions": [] if extras.is_edited else [given],
    }


def _financial_status(extras: Extras, refund: Refund, total: int) -> str:
    if not refund.amount:
        return extras.paid
    return "refunded" if refund.amount >= total else "partially_refunded"


def _line_items(basket: Basket, lines: list[Taxed], coupons: list[int], extras: Extras) -> list[dict[str, Any]]:
    money = basket.money
    returned = [*extras.returned, *[0] * len(lines)] if extras.paid == "paid" else [0] * len(lines)
    items: list[dict[str, Any]] = [
        {
            "id": 10 + index,
            "name": f"Vara {index}",
            "title": f"Vara {index}",
            "sku": f"V-{index}",
            "variant_id": 100 + index,
            "quantity": item.units,
            "current_quantity": item.units - returned[index],
            "price": money.text(item.price),
            "total_discount": money.text(0),
            "discount_allocations": [
                {"amount": money.text(amount), "discount_application_index": place}
                for place, amount in enumerate((item.discount, coupon))
                if amount
            ],
            "tax_lines": [_tax_line(money, row.tax, row.rate)],
        }
        for index, (item, row, coupon) in enumerate(zip(basket.items, lines, coupons, strict=True))
    ]
    if extras.tip and extras.tip_is_line:
        tip = {"id": 30, "name": "Tip", "title": "Tip", "sku": None, "variant_id": None, "product_id": None}
        tip |= {"quantity": 1, "current_quantity": 1, "price": money.text(extras.tip), "discount_allocations": []}
        items.append({**tip, "tax_lines": [], "tip_payment_gateway": "shopify_payments", "tip_payment_method": "Visa"})
    return items


def _tax_line(money: Money, tax: int, rate: int) -> dict[str, Any]:
    return {"title": "Moms", "price": money.text(tax), "rate": rate / 10_000}


def _head(money: Money, includes: bool) -> dict[str, Any]:
    address = {"first_name": "Ester", "last_name": "Ström", "name": "Ester Ström", "address1": "Ringvägen 3"}
    address |= {"city": "Kalmar", "zip": "392 31", "country_code": "SE"}
    return {
        "id": 7_300,
        "name": "#1300",
        "currency": money.code,
        "taxes_included": includes,
        "email": "ester@example.com",
        "created_at": "2026-11-02T09:00:00+01:00",
        "processed_at": "2026-11-02T09:00:00+01:00",
        "updated_at": "2026-11-02T09:00:00+01:00",
        "cancelled_at": None,
        "fulfillment_status": None,
        "customer_locale": "sv",
        "billing_address": address,
        "shipping_address": address,
        "fulfillments": [],
        "note_attributes": [],
    }


@st.composite
def shopify_orders(draw: st.DrawFn) -> Statement:
    """Orders of Shopify with what it states of them; its baskets have no fees of their own."""
    basket = draw(a_basket(an_item(WHOLE_QUANTITIES)))
    some = st.just(0) | st.integers(1, 9_000)
    extras = Extras(
        tip=draw(some),
        duties=draw(some),
        additional_fees=draw(some),
        paid=draw(st.sampled_from(["paid", "paid", "partially_paid", "pending"])),
        gateways=draw(st.sampled_from([("klarna",), ("gift_card", "klarna"), ("shopify_store_credit",)])),
        returned=tuple(draw(st.integers(0, item.units)) for item in basket.items) if draw(st.booleans()) else (),
        returns_shipping=draw(st.booleans()),
        goodwill=draw(some),
        is_cash=basket.money == KRONA and draw(st.booleans()),
        is_edited=draw(st.booleans()),
        tip_is_line=draw(st.booleans()),
        names_shipping=draw(st.booleans()),
    )
    return statement(basket, extras)
