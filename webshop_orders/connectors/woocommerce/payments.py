"""How WooCommerce's orders are paid: gift cards, store credit, deposits and refunds beside the payment method."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations
from typing import Any

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.sums import payment_document
from webshop_orders.connectors.woocommerce import meta
from webshop_orders.connectors.woocommerce.statuses import REFUNDED, status
from webshop_orders.models import RefundRowKind
from webshop_orders.models.refund import MAX_REFUNDS

GIFT_CARD = "gift_card"
STORE_CREDIT = "store_credit"
METHODS = {"klarna": "klarna", "kco": "klarna", "stripe": "card", "swish": "swish", "invoice": "invoice"}
INVOICE_METHODS = {"bacs", "cod", "cheque"}
# WooCommerce Gift Cards: `gift_cards` of an order has `amount`, https://woocommerce.com/document/gift-cards/
# PW Gift Cards: `pw_gift_cards_redeemed` has `number` and `amount`; YITH's meta has an amount by each card's code.
GIFT_CARD_FIELDS = ("gift_cards", "pw_gift_cards_redeemed", "pw_gift_cards")
GIFT_CARD_META = ("_pw_gift_cards", "pw_gift_cards", "_ywgc_applied_gift_cards", "_wc_gc_giftcards", "gift_cards")
SMART_COUPON = "smart_coupon"  # the type of the coupons that Smart Coupons sells as store credit
# Deposits by Webtomizer: https://www.webtomizer.com, order meta.
HAS_DEPOSIT, DEPOSIT_PAID, SECOND_PAID = (
    "_wc_deposits_order_has_deposit",
    "_wc_deposits_deposit_paid",
    "_wc_deposits_second_payment_paid",
)
DEPOSIT_AMOUNT = "_wc_deposits_deposit_amount"


@dataclass(frozen=True)
class Payments:
    """Our payment and refunds, with what the order costs in all and what the shop still asks for."""

    document: dict[str, Any]
    refunds: list[dict[str, Any]]
    total: int
    balance: int


def read(payload: dict[str, Any], currency: Currency, *, rows_total: int, wallet: int) -> Payments:
    """How an order is paid; `rows_total` is what its rows cost, and `wallet` what a fee for store credit took off.

    Plugins take gift cards and store credit off `total`, which then is what is left to pay; or they do not, which
    only the sum of the rows tells.
    """
    total = rows_total - wallet if payload.get("total") in (None, "") else currency.minor(payload["total"], "total")
    gift_cards, coupons = _gift_cards(payload, currency), _store_credit(payload, currency)
    off_total = _taken_off([gift_cards, coupons], rows_total - total - wallet)
    credit = wallet + (coupons if coupons in off_total else 0)
    full = total + wallet + sum(off_total)
    due = full - credit - gift_cards
    paid_by_method = _paid(payload, currency, due)
    parts = [(_method(payload), paid_by_method), (GIFT_CARD, gift_cards), (STORE_CREDIT, credit)]
    received = paid_by_method + gift_cards + credit
    refunds = abs(sum(currency.minor(refund.get("total"), "refunds") for refund in parsing.items(payload, "refunds")))
    if status(payload) == REFUNDED:
        refunds = max(refunds, received)
    is_settled = _is_paid(payload) and paid_by_method >= due
    outstanding = 0 if is_settled else max(0, full - received - refunds)
    document = payment_document(parts, total=full, refunded=min(refunds, received), outstanding=outstanding)
    return Payments(document, _refund_documents(payload, currency, document["refunded"]), full, outstanding)


def _refund_documents(payload: dict[str, Any], currency: Currency, refunded: int) -> list[dict[str, Any]]:
    """Our documents of an order's refunds, of which WooCommerce's orders tell the reason and the sum alone.

    The newest comes first there. Together they give back no more money than was `refunded`: one of an order that is not
    paid only takes off what it costs.
    """
    documents: dict[str, dict[str, Any]] = {}
    listed = parsing.items(payload, "refunds")
    for place, refund in reversed(list(enumerate(listed, start=1))):
        credited = abs(currency.minor(refund.get("total"), "refunds"))
        reference = parsing.text(refund, "id") or f"#{place}"
        if credited and reference not in documents:
            amount = min(refunded, credited)
            refunded -= amount
            documents[reference] = {
                "external_reference": reference,
                "amount": amount,
                "reason": parsing.comment(refund, "reason"),
                "rows": [{"kind": RefundRowKind.AMOUNT.value, "amount": credited}],
                "references": [reference],
            }
    return list(documents.values())[:MAX_REFUNDS]


def _taken_off(amounts: list[int], missing: int) -> list[int]:
    """Those of the amounts that together come nearest to what the total is below the sum of its rows."""
    positive = [amount for amount in amounts if amount > 0]
    choices = [choice for size in range(len(positive) + 1) for choice in combinations(positive, size)]
    return list(min(choices, key=lambda choice: abs(sum(choice) - missing)))


def _paid(payload: dict[str, Any], currency: Currency, due: int) -> int:
    """What the payment method paid of what gift cards and credit left, before refunds."""
    values = meta.values(payload)
    if parsing.text(values, HAS_DEPOSIT) == "yes" and parsing.text(values, SECOND_PAID) != "yes":
        has_paid = parsing.text(values, DEPOSIT_PAID) == "yes"
        return min(due, currency.minor(values.get(DEPOSIT_AMOUNT), DEPOSIT_AMOUNT)) if has_paid else 0
    return max(0, due) if _is_paid(payload) else 0


def _is_paid(payload: dict[str, Any]) -> bool:
    return any(parsing.text(payload, name) for name in ("date_paid", "date_paid_gmt"))


def _gift_cards(payload: dict[str, Any], currency: Currency) -> int:
    values = meta.values(payload)
    stated = (payload.get(name) for name in GIFT_CARD_FIELDS)
    for cards in (*stated, *(values.get(name) for name in GIFT_CARD_META)):
        if cards:
            return _sum_of_cards(cards, currency)
    return 0


def _sum_of_cards(cards: Any, currency: Currency) -> int:
    """The sum of gift cards: a list of objects, or an object with an amount, or an object, for each code."""
    listed = list(cards.values()) if isinstance(cards, dict) else cards if isinstance(cards, list) else []
    amounts = [card.get("amount", card.get("total")) if isinstance(card, dict) else card for card in listed]
    return sum(abs(currency.minor(amount, "gift_cards")) for amount in amounts if not isinstance(amount, dict | list))


def _store_credit(payload: dict[str, Any], currency: Currency) -> int:
    coupons = [coupon for coupon in parsing.items(payload, "coupon_lines") if _is_store_credit(coupon)]
    amounts = [currency.exact(coupon.get(name), name) for coupon in coupons for name in ("discount", "discount_tax")]
    return Currency.round(sum(amounts, Decimal(0)))


def _is_store_credit(coupon: dict[str, Any]) -> bool:
    kind = parsing.text(coupon, "discount_type")
    data = meta.values(coupon).get("coupon_data")
    return SMART_COUPON in {kind, parsing.text(data, "discount_type")}


def _method(payload: dict[str, Any]) -> str | None:
    method = (parsing.text(payload, "payment_method") or "").casefold()
    if method in INVOICE_METHODS:
        return "invoice"
    mapped = next((name for prefix, name in METHODS.items() if method.startswith(prefix)), None)
    return mapped or ("card" if "card" in method else parsing.text(payload, "payment_method_title") or method or None)
