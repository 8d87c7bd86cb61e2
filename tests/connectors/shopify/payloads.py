"""Builders of Shopify's orders. Prices are decimal text as Shopify writes it, rates in percent."""

from decimal import ROUND_HALF_UP, Decimal
from typing import Any

ADDRESS = {
    "first_name": "Edit",
    "last_name": "Myrberg",
    "name": "Edit Myrberg",
    "address1": "Fyrgatan 14",
    "zip": "591 32",
    "city": "Motala",
    "country": "Sweden",
    "country_code": "SE",
}


def order(
    *lines: dict[str, Any], shipping: list[dict[str, Any]] | None = None, total: str | None = None, **more: Any
) -> dict[str, Any]:
    """A paid order of these lines, which states the total that they have with their shipping, or another one."""
    methods = shipping or []
    costs = sum((_cost(item) for item in (*lines, *methods)), Decimal(0))
    taxes = sum((Decimal(tax["price"]) for item in (*lines, *methods) for tax in item["tax_lines"]), Decimal(0))
    on_top = Decimal(0) if more.get("taxes_included", True) else taxes
    price = total or str(costs + on_top)
    return {
        "id": 880_100,
        "name": "#1880",
        "currency": "SEK",
        "email": "edit@example.com",
        "created_at": "2026-11-23T08:12:00+01:00",
        "processed_at": "2026-11-23T08:11:00+01:00",
        "updated_at": "2026-11-23T08:12:05+01:00",
        "cancelled_at": None,
        "taxes_included": True,
        "financial_status": "paid",
        "fulfillment_status": None,
        "total_price": price,
        "current_total_price": price,
        "total_tax": str(taxes),
        "current_total_tax": str(taxes),
        "total_outstanding": "0.00",
        "payment_gateway_names": ["klarna"],
        "customer_locale": "sv-SE",
        "billing_address": ADDRESS,
        "shipping_address": ADDRESS,
        "line_items": list(lines),
        "shipping_lines": methods,
        "refunds": [],
        "fulfillments": [],
        **more,
    }


def line(
    sku: str | None,
    price: str,
    quantity: int = 1,
    *,
    rate: str = "25",
    includes_tax: bool = True,
    discount: str = "0.00",
    **more: Any,
) -> dict[str, Any]:
    """A line, taxed on what it costs after its discount."""
    taxed = Decimal(price) * quantity - Decimal(discount)
    return {
        "id": 101,
        "variant_id": 5_001,
        "product_id": 4_001,
        "sku": sku,
        "title": sku or "Vara",
        "name": sku or "Vara",
        "quantity": quantity,
        "current_quantity": quantity,
        "price": price,
        "discount_allocations": [{"amount": discount, "discount_application_index": 0}] if Decimal(discount) else [],
        "tax_lines": [tax(taxed, rate, includes_tax=includes_tax)] if Decimal(rate) else [],
        **more,
    }


def method(
    title: str, price: str, *, rate: str = "25", includes_tax: bool = True, discount: str = "0.00", **more: Any
) -> dict[str, Any]:
    """A shipping line."""
    return {
        "id": 201,
        "title": title,
        "price": price,
        "discount_allocations": [{"amount": discount}] if Decimal(discount) else [],
        "tax_lines": [tax(Decimal(price) - Decimal(discount), rate, includes_tax=includes_tax)],
        **more,
    }


def tax(amount: Decimal, rate: str, *, includes_tax: bool = True) -> dict[str, Any]:
    """A tax line: price × rate ÷ (1 + rate) where prices include taxes, rounded to the öre."""
    share = Decimal(rate) / ((100 if includes_tax else 0) + (Decimal(rate) if includes_tax else 100))
    price = (amount * share).quantize(Decimal("0.01"), ROUND_HALF_UP)
    return {"title": "Moms", "price": str(price), "rate": float(Decimal(rate) / 100)}


def refund(amount: str | None, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A refund of lines, paid out unless `amount` is None."""
    transactions = [{"kind": "refund", "status": "success", "amount": amount, "gateway": "klarna"}] if amount else []
    return {"id": 301, "refund_line_items": list(lines), "transactions": transactions, **more}


def refund_line(subtotal: str, quantity: int = 1, *, of: int = 101, total_tax: str = "0.00") -> dict[str, Any]:
    return {
        "line_item_id": of,
        "quantity": quantity,
        "restock_type": "return",
        "subtotal": subtotal,
        "total_tax": total_tax,
    }


def shop_money(amount: str, customers: str | None = None) -> dict[str, Any]:
    """An amount in the currency of the shop, and in that of the customer."""
    return {
        "shop_money": {"amount": amount, "currency_code": "SEK"},
        "presentment_money": {"amount": customers or amount, "currency_code": "EUR" if customers else "SEK"},
    }


def _cost(item: dict[str, Any]) -> Decimal:
    discounts = sum((Decimal(part["amount"]) for part in item.get("discount_allocations", [])), Decimal(0))
    return Decimal(item["price"]) * Decimal(str(item.get("quantity", 1))) - discounts
