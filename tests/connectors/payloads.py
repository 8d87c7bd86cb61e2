"""Orders and shipments in the formats of other systems, written for these tests with the documented field names.

WooCommerce REST API v3, Shopify Admin REST API, nShift Delivery and Ongoing WMS; the people are invented.
"""

import copy
import json
from pathlib import Path
from typing import Any

EXAMPLES = Path(__file__).parent / "examples"

WOO: dict[str, Any] = {
    "id": 727,
    "status": "processing",
    "currency": "SEK",
    "date_created_gmt": "2026-11-20T09:14:00",
    "date_modified_gmt": "2026-11-20T09:15:00",
    "date_paid_gmt": "2026-11-20T09:14:30",
    "date_completed_gmt": None,
    "total": "647.00",
    "customer_note": "Ring på porten",
    "payment_method": "kco",
    "payment_method_title": "Klarna",
    "billing": {
        "first_name": "Åsa",
        "last_name": "Öberg",
        "company": "",
        "address_1": "Storgatan 1",
        "address_2": "",
        "city": "Luleå",
        "state": "",
        "postcode": "972 31",
        "country": "SE",
        "email": "asa@example.com",
        "phone": "+46701234567",
    },
    "shipping": {"first_name": "", "last_name": "", "address_1": "", "city": "", "postcode": "", "country": ""},
    "tax_lines": [{"rate_id": 4, "rate_percent": 25, "tax_total": "119.60"}],
    "line_items": [
        {
            "id": 1,
            "name": "Ljus &amp; stake",
            "product_id": 93,
            "variation_id": 0,
            "quantity": 3,
            "subtotal": "478.40",
            "subtotal_tax": "119.60",
            "total": "478.40",
            "total_tax": "119.60",
            "taxes": [{"id": 4, "total": "119.60"}],
            "sku": "LJUS-12",
            "price": 159.466667,
        }
    ],
    "shipping_lines": [
        {
            "method_title": "PostNord MyPack",
            "total": "39.20",
            "total_tax": "9.80",
            "taxes": [{"id": 4, "total": "9.80"}],
        }
    ],
    "fee_lines": [],
    "refunds": [],
}

SHOPIFY: dict[str, Any] = {
    "id": 450789469,
    "name": "#1001",
    "email": "asa@example.com",
    "created_at": "2026-11-20T10:14:00+01:00",
    "updated_at": "2026-11-20T10:15:00+01:00",
    "cancelled_at": None,
    "currency": "SEK",
    "customer_locale": "sv-SE",
    "taxes_included": True,
    "total_price": "598.00",
    "financial_status": "paid",
    "fulfillment_status": None,
    "payment_gateway_names": ["shopify_payments"],
    "note": None,
    "billing_address": {
        "first_name": "Åsa",
        "last_name": "Öberg",
        "name": "Åsa Öberg",
        "address1": "Storgatan 1",
        "city": "Luleå",
        "zip": "972 31",
        "country_code": "SE",
        "phone": "+46701234567",
    },
    "shipping_address": None,
    "line_items": [
        {
            "id": 1,
            "sku": "LJUS-12",
            "name": "Stearinljus - 12-pack",
            "price": "199.00",
            "quantity": 3,
            "current_quantity": 3,
            "variant_id": 39072856,
            "discount_allocations": [{"amount": "48.00"}],
            "tax_lines": [{"price": "109.80", "rate": 0.25, "title": "Moms"}],
        }
    ],
    "shipping_lines": [
        {
            "title": "PostNord",
            "price": "49.00",
            "discount_allocations": [],
            "tax_lines": [{"price": "9.80", "rate": 0.25}],
        }
    ],
    "refunds": [],
    "fulfillments": [],
}


def woo(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(WOO), **changes}


def shopify(**changes: Any) -> dict[str, Any]:
    return {**copy.deepcopy(SHOPIFY), **changes}


def example_names(pattern: str) -> list[str]:
    """The names of the example files that match, to parametrize a test; raises LookupError if there are none."""
    names = sorted(path.name for path in EXAMPLES.glob(pattern))
    if not names:
        raise LookupError(f"No file in {EXAMPLES} matches {pattern}.")
    return names


def example(name: str) -> Any:
    return json.loads((EXAMPLES / name).read_text(encoding="utf-8"))
