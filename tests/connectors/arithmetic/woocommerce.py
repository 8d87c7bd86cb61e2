"""WooCommerce's arithmetic at its checkout, and the order that its REST API v3 then writes.

From WC_Cart_Totals (items, shipping, fees, calculate_totals), WC_Tax (calc_inclusive_tax, calc_exclusive_tax) and
WC_Item_Totals (round_item_subtotal, round_line_tax) of WooCommerce 10, and the REST controller of orders, which writes
amounts with the shop's number of decimals but the taxes of each row exactly.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from hypothesis import assume
from hypothesis import strategies as st

from tests.connectors.arithmetic.baskets import MEASURES, TRADE_IN, WHOLE_QUANTITIES, Basket, a_basket, an_item
from tests.connectors.arithmetic.money import (
    CURRENCIES,
    SIX_PLACES,
    Money,
    half_down,
    half_up,
    share_out,
    tax_on_top,
    tax_within,
)
from tests.connectors.arithmetic.statement import Statement

Taxes = dict[int, Decimal]  # by rate
SMALL_GIFT_CARD = 100  # none is as small as what rounding makes


@dataclass(frozen=True)
class Shop:
    """A shop's settings of taxes."""

    prices_include_tax: bool
    rounds_at_subtotal: bool

    def round_line_tax(self, tax: Decimal) -> Decimal:
        """Half up, or half down where prices include taxes (WC_TAX_ROUNDING_MODE)."""
        if self.rounds_at_subtotal:
            return tax
        return Decimal(half_down(tax) if self.prices_include_tax else half_up(tax))

    def round_item(self, amount: Decimal) -> Decimal:
        return amount if self.rounds_at_subtotal else Decimal(half_up(amount))


@dataclass(frozen=True)
class Computed:
    """A row of the cart: its price without tax, not rounded, and its taxes by rate."""

    total: Decimal
    taxes: Taxes
    subtotal: Decimal = Decimal(0)
    subtotal_taxes: Taxes | None = None


def statement(
    basket: Basket, *, rounds_at_subtotal: bool, is_paid: bool, gift_card: int = 0, refunded: int = 0
) -> Statement:
    """The order of a basket; gift card and refund are cut to what there is to pay."""
    shop, money = Shop(basket.prices_include_tax, rounds_at_subtotal), basket.money
    items, shipping = _items(basket, shop), _shipping(basket, shop)
    fees = _fees(basket, items, shipping)
    rows = [*items, *shipping, *fees]
    merged = _merge([{rate: shop.round_line_tax(tax) for rate, tax in row.taxes.items()} for row in rows])
    items_total = sum((shop.round_item(item.total) for item in items), Decimal(0))
    others = sum((row.total for row in (*shipping, *fees)), Decimal(0))
    cost = half_up(items_total + others + sum(merged.values()))
    cart_tax = sum((_line_tax(shop, row) for row in (*items, *fees)), Decimal(0))
    total_tax = half_up(cart_tax + sum((sum(row.taxes.values()) for row in shipping), Decimal(0)))
    stated = _stated_taxes(shop, items, fees, shipping)
    gift_card = min(gift_card, cost) if cost >= SMALL_GIFT_CARD else 0
    total = cost - gift_card
    refunded = min(refunded, total) if is_paid else 0
    payload = {
        **_head(money, shop, is_paid=is_paid, is_refunded=is_paid and 0 < refunded == cost),
        "total": money.text(total),
        "total_tax": money.text(total_tax),
        "line_items": _line_items(basket, items, shop),
        "tax_lines": [
            {
                "rate_id": _rate_id(rate),
                "rate_percent": rate / 100,
                "label": "Moms",
                "compound": False,
                "tax_total": money.text(cart),
                "shipping_tax_total": money.text(shipped),
            }
            for rate, (cart, shipped) in stated.items()
        ],
        "shipping_lines": [
            {"method_title": "Ombud", **_amounts(money, shop, row), "id": 50 + index}
            for index, row in enumerate(shipping)
        ],
        "fee_lines": [
            {"id": 70 + index, "name": f"Avgift {index}", **_amounts(money, shop, fee)}
            for index, fee in enumerate(fees)
        ],
        "coupon_lines": [{"id": 90, "code": "host"}] if basket.coupon else [],
        "refunds": [{"id": 7, "reason": "", "total": "-" + money.text(refunded)}] if refunded else [],
    }
    if gift_card:
        payload["gift_cards"] = [{"id": 3, "code": "ABCD-EFGH", "amount": float(money.text(gift_card))}]
    by_rate = {rate: money.minor(half_up(cart) + half_up(shipped)) for rate, (cart, shipped) in stated.items()}
    return Statement(
        payload=payload,
        total=money.minor(cost),
        vat=money.minor(total_tax),
        vat_by_rate=by_rate,
        paid=money.minor(gift_card + (total - refunded if is_paid else 0)),
        balance=money.minor(0 if is_paid else total),
        units=sum(item.units for item in basket.items),
        rounds_to=money.minor(1),
    )


def _items(basket: Basket, shop: Shop) -> list[Computed]:
    left = [item.cost - item.discount for item in basket.items]
    coupons = share_out(basket.coupon, left)
    computed = []
    for item, before, coupon in zip(basket.items, left, coupons, strict=True):
        subtotal_taxes, taxes = _taxes(shop, item.cost, item.rate), _taxes(shop, before - coupon, item.rate)
        net = Decimal(1 if shop.prices_include_tax else 0)
        computed.append(
            Computed(
                total=before - coupon - net * sum(taxes.values()),
                taxes=taxes,
                subtotal=item.cost - net * sum(subtotal_taxes.values()),
                subtotal_taxes=subtotal_taxes,
            )
        )
    return computed


def _shipping(basket: Basket, shop: Shop) -> list[Computed]:
    """Costs are without tax; the tax of each is rounded half up, whatever the prices include."""
    return [
        Computed(
            total=Decimal(row.amount),
            taxes={row.rate: shop.round_item(_to_precision(tax_on_top(row.amount, row.rate)))},
        )
        for row in basket.shipping
    ]


def _fees(basket: Basket, items: list[Computed], shipping: list[Computed]) -> list[Computed]:
    """Fees are without tax; the taxes of a negative one are split between all rows that cost something."""
    fees: list[Computed] = []
    for row in basket.fees:
        so_far = sum((other.total for other in (*items, *shipping, *fees)), Decimal(0))
        amount = max(Decimal(row.amount), Decimal(-half_up(so_far)))
        if amount >= 0:
            fees.append(Computed(amount, {row.rate: _to_precision(tax_on_top(amount, row.rate))}))
            continue
        costs: Taxes = defaultdict(Decimal)
        for other in (*items, *shipping, *fees):
            if other.total > 0:
                costs[next(iter(other.taxes))] += other.total
        total = sum(costs.values())
        taxes = {rate: _to_precision(tax_on_top(amount * cost / total, rate)) for rate, cost in costs.items()}
        fees.append(Computed(amount, taxes))
    return fees


def _taxes(shop: Shop, price: Decimal, rate: int) -> Taxes:
    return {rate: _to_precision((tax_within if shop.prices_include_tax else tax_on_top)(price, rate))}


def _to_precision(tax: Decimal) -> Decimal:
    return tax.quantize(SIX_PLACES, ROUND_HALF_UP)


def _merge(taxes: list[Taxes]) -> Taxes:
    merged: Taxes = defaultdict(Decimal)
    for row in taxes:
        for rate, tax in row.items():
            merged[rate] += tax
    return merged


def _line_tax(shop: Shop, row: Computed) -> Decimal:
    return sum((shop.round_line_tax(tax) for tax in row.taxes.values()), Decimal(0))


def _stated_taxes(
    shop: Shop, items: list[Computed], fees: list[Computed], shipping: list[Computed]
) -> dict[int, tuple[Decimal, Decimal]]:
    """The taxes of products and fees, and those of shipping, by rate; those of fees are not rounded one by one."""
    rounded = [{rate: shop.round_line_tax(tax) for rate, tax in item.taxes.items()} for item in items]
    cart, shipped = _merge([*rounded, *(fee.taxes for fee in fees)]), _merge([row.taxes for row in shipping])
    return {rate: (cart.get(rate, Decimal(0)), shipped.get(rate, Decimal(0))) for rate in {**cart, **shipped}}


def _line_items(basket: Basket, items: list[Computed], shop: Shop) -> list[dict[str, Any]]:
    money = basket.money
    return [
        {
            "id": 10 + index,
            "name": f"Vara {index}",
            "sku": f"V-{index}",
            "product_id": 100 + index,
            "variation_id": 0,
            "quantity": int(item.quantity) if item.quantity == int(item.quantity) else float(item.quantity),
            "subtotal": money.text(row.subtotal),
            "subtotal_tax": money.text(_line_tax(shop, replace(row, taxes=row.subtotal_taxes or {}))),
            **_amounts(money, shop, row),
            "price": float((row.total / item.quantity).scaleb(-money.decimals)),
            "meta_data": [],
        }
        for index, (item, row) in enumerate(zip(basket.items, items, strict=True))
    ]


def _amounts(money: Money, shop: Shop, row: Computed) -> dict[str, Any]:
    return {
        "total": money.text(row.total),
        "total_tax": money.text(_line_tax(shop, row)),
        "taxes": [{"id": _rate_id(rate), "total": money.exact_text(tax)} for rate, tax in row.taxes.items()],
    }


def _rate_id(rate: int) -> int:
    return 1_000 + rate


def _head(money: Money, shop: Shop, *, is_paid: bool, is_refunded: bool) -> dict[str, Any]:
    address = {"first_name": "Ester", "last_name": "Ström", "address_1": "Ringvägen 3", "city": "Kalmar"}
    address |= {"company": "", "address_2": "", "state": "", "postcode": "392 31", "country": "SE"}
    status = "refunded" if is_refunded else "processing" if is_paid else "on-hold"
    return {
        "id": 9_100,
        "number": "9100",
        "status": status,
        "currency": money.code,
        "prices_include_tax": shop.prices_include_tax,
        "date_created": "2026-11-02T09:00:00",
        "date_created_gmt": "2026-11-02T08:00:00",
        "date_modified_gmt": "2026-11-02T08:05:00",
        "date_paid_gmt": "2026-11-02T08:01:00" if is_paid else None,
        "date_completed_gmt": None,
        "payment_method": "kco" if is_paid else "bacs",
        "payment_method_title": "Klarna" if is_paid else "Banköverföring",
        "customer_note": "",
        "billing": {**address, "email": "ester@example.com", "phone": "0480123456"},
        "shipping": address,
        "meta_data": [],
    }


@st.composite
def woocommerce_orders(draw: st.DrawFn, currencies: tuple[Money, ...] = CURRENCIES) -> Statement:
    """Orders of WooCommerce with what it states of them."""
    stated = statement(
        draw(a_basket(an_item(WHOLE_QUANTITIES | MEASURES) | TRADE_IN, currencies)),
        rounds_at_subtotal=draw(st.booleans()),
        is_paid=draw(st.booleans()),
        gift_card=draw(st.just(0) | st.integers(SMALL_GIFT_CARD, 30_000)),
        refunded=draw(st.just(0) | st.integers(0, 100_000)),
    )
    assume(stated.total >= 0)  # a trade-in and a negative fee may come to more than the goods
    return stated
