"""Orders of WooCommerce's REST API v3, built as the shop writes them; the people are invented."""

from __future__ import annotations

from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.factories import SHOP
from webshop_orders.connectors.source_settings import SourceSettings
from webshop_orders.connectors.woocommerce import WooCommerce
from webshop_orders.documents import source_order
from webshop_orders.models import Order
from webshop_orders.money.totals import Totals, compute_totals
from webshop_orders.operations.orders import placement
from webshop_orders.operations.stock import products
from webshop_orders.transactions.unit_of_work import writing

SETTINGS = SourceSettings(prefix="wc-", zone=ZoneInfo("Europe/Stockholm"))
RATE_IDS = {25: 11, 12: 12, 6: 13}
ADDRESS = {
    "first_name": "Maj",
    "last_name": "Ström",
    "address_1": "Hamngatan 4",
    "city": "Härnösand",
    "postcode": "871 30",
    "country": "SE",
}


def item(name: str, total: str, rate: int = 25, *, quantity: Any = 1, before: str | None = None, **more: Any) -> Any:
    """A line of one VAT rate; `total` and `before`, without its discount, are net."""
    subtotal = before or total
    return {
        "id": more.pop("id", sum(map(ord, name))),
        "name": name,
        "product_id": 70,
        "variation_id": 0,
        "quantity": quantity,
        "sku": name.upper(),
        "subtotal": subtotal,
        "subtotal_tax": tax(subtotal, rate),
        "total": total,
        "total_tax": tax(total, rate),
        "taxes": [{"id": RATE_IDS[rate], "total": tax(total, rate), "subtotal": tax(subtotal, rate)}] if rate else [],
        "meta_data": [],
        **more,
    }


def fee(name: str, total: str, rate: int = 25, **more: Any) -> Any:
    return {key: value for key, value in item(name, total, rate, **more).items() if "subtotal" not in key}


def shipping(total: str, rate: int = 25, **more: Any) -> Any:
    return {"method_title": "Ombud", **fee("Ombud", total, rate), **more}


def tax(net: str, rate: int) -> str:
    return f"{Decimal(net) * rate / 100:.2f}"


def meta(**values: Any) -> list[dict[str, Any]]:
    return [{"id": place, "key": key, "value": value} for place, (key, value) in enumerate(values.items())]


def order(*items: Any, **changes: Any) -> dict[str, Any]:
    """A paid order of these lines, its sums added up as the shop adds them."""
    payload = {
        "id": 5120,
        "number": "5120",
        "status": "processing",
        "currency": "SEK",
        "date_created_gmt": "2026-10-12T07:30:00",
        "date_modified_gmt": "2026-10-12T07:31:00",
        "date_paid_gmt": "2026-10-12T07:31:00",
        "payment_method": "swish",
        "payment_method_title": "Swish",
        "billing": {**ADDRESS, "email": "maj@example.com", "phone": "0611-555 01"},
        "shipping": dict(ADDRESS),
        "line_items": list(items) or [item("Vas", "80.00")],
        "shipping_lines": [],
        "fee_lines": [],
        "coupon_lines": [],
        "tax_lines": [{"rate_id": number, "rate_percent": rate} for rate, number in RATE_IDS.items()],
        "refunds": [],
        "meta_data": [],
        **changes,
    }
    rows = [row for name in ("line_items", "shipping_lines", "fee_lines") for row in payload[name]]
    taxes = sum((Decimal(row["total_tax"]) for row in rows), Decimal(0))
    total = sum((Decimal(row["total"]) for row in rows), taxes)
    return {"total": f"{total:.2f}", "total_tax": f"{taxes:.2f}"} | payload


def document(payload: dict[str, Any]) -> dict[str, Any]:
    return WooCommerce.document(payload, SETTINGS)


def place(payload: dict[str, Any]) -> Order:
    """Place an order as an import does: refused where its sums are not those that the shop states."""
    new = source_order.read(document(payload))
    with writing():
        return placement.place(
            new, products.matching(line.sku for line in new.lines), by=SHOP, imported=True, keeps_source_total=True
        )


def totals(payload: dict[str, Any]) -> Totals:
    return compute_totals(place(payload))
