"""Shopify's orders: the JSON of its Admin REST API and webhooks.

https://shopify.dev/docs/api/admin-rest/latest/resources/order
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.shopify import attributes, fulfilments, holds, parties
from webshop_orders.connectors.shopify.charges import add_charges
from webshop_orders.connectors.shopify.ledger import Ledger
from webshop_orders.connectors.shopify.lines import add_lines
from webshop_orders.connectors.shopify.refund_documents import refund_documents
from webshop_orders.connectors.shopify.settlement import settle
from webshop_orders.connectors.shopify.shipping import add_shipping, stated_shipping
from webshop_orders.connectors.shopify.statuses import STATUSES, status_of
from webshop_orders.connectors.shopify.taxes import stated_vat
from webshop_orders.connectors.shopify.units import is_void
from webshop_orders.connectors.shopify.whole_orders import spread
from webshop_orders.connectors.source_settings import SourceSettings, StatusMeaning
from webshop_orders.errors import RuleViolation
from webshop_orders.validation.writing import format_timestamp

__all__ = ["Shopify"]

FIELDS = {"line_items", "currency"}
# Fields of WooCommerce's orders, and of the checkouts of Shopify that were never completed.
FOREIGN_FIELDS = {"billing", "fee_lines", "total_line_items_quantity", "abandoned_checkout_url"}


class Shopify:
    """Shopify's orders as our order documents, with VAT included in their prices."""

    name: ClassVar[str] = "shopify"
    prefix: ClassVar[str] = "shopify-"
    statuses: ClassVar[Mapping[str, StatusMeaning]] = STATUSES

    @classmethod
    def recognises(cls, payload: Any) -> bool:
        """Whether a payload is an order of Shopify's, or a draft of one."""
        return isinstance(payload, dict) and payload.keys() >= FIELDS and not payload.keys() & FOREIGN_FIELDS

    @classmethod
    def orders(cls, payload: Any) -> list[dict[str, Any]]:
        """The orders of a file: one, `{"order": …}`, `{"orders": […]}` or a list of any of these."""
        if isinstance(payload, list):
            return [order for value in payload if isinstance(value, dict) for order in cls.orders(value)]
        if not isinstance(payload, dict):
            return []
        inner = payload.get("orders", payload.get("order"))
        return cls.orders(inner) if isinstance(inner, dict | list) else [payload]

    @classmethod
    def reference(cls, payload: dict[str, Any], prefix: str) -> str:
        return parsing.reference(payload, prefix)

    @classmethod
    def meaning(cls, payload: dict[str, Any], settings: SourceSettings) -> StatusMeaning:
        """What the order's status there means here."""
        return settings.meaning(status_of(payload), STATUSES)

    @classmethod
    def changed_at(cls, payload: dict[str, Any], settings: SourceSettings) -> datetime | None:
        return parsing.timestamp(payload, "updated_at", settings.zone)

    @classmethod
    def document(cls, payload: dict[str, Any], settings: SourceSettings) -> dict[str, Any]:
        """Our order document; a cancelled order is read as it was ordered.

        Raises RuleViolation for malformed amounts and quantities, and without an id or a time.
        """
        currency = Currency.from_code(parsing.text(payload, "currency"))
        payload = spread(payload, currency)
        ledger = Ledger(currency, includes_vat=payload.get("taxes_included") is True, is_void=is_void(payload))
        indices = add_lines(ledger, payload)
        shipping = add_shipping(ledger, payload)
        add_charges(ledger, payload)
        settlement = settle(ledger, payload)
        refunds = refund_documents(payload, currency, includes_vat=ledger.includes_vat, is_void=ledger.is_void)
        details = attributes.details(payload)
        return {
            "external_reference": cls.reference(payload, settings.prefix),
            "shop_number": parsing.text(payload, "name"),
            "is_test": payload.get("test") is True,
            "placed_at": format_timestamp(_placed_at(payload, settings)),
            "currency": currency.code,
            "language": parties.language(payload),
            "prices_include_vat": True,
            **parties.party_documents(
                payload, organisation_number=details.organisation_number, pickup_point=details.pickup_point
            ),
            "payment": settlement["payment"],
            "refunds": refunds,
            "shipping": shipping,
            "lines": ledger.rows.lines,
            "charges": ledger.rows.charges,
            "attributes": details.attributes,
            "comment": parsing.comment(payload, "note"),
            "on_hold": holds.read(payload),
            "shipped_at": fulfilments.shipped_at(payload, settings.zone),
            "shipments": fulfilments.shipments(payload, ledger.rows.lines, indices, settings.zone),
            "totals": {**settlement["totals"], **_other_totals(ledger, payload)},
        }


def _placed_at(payload: dict[str, Any], settings: SourceSettings) -> datetime:
    for name in ("processed_at", "created_at", "updated_at"):
        if time := parsing.timestamp(payload, name, settings.zone):
            return time
    raise RuleViolation(_("%(field)s is missing.", field="created_at"))


def _other_totals(ledger: Ledger, payload: dict[str, Any]) -> dict[str, Any]:
    """The VAT and the shipping that the order states; nothing of one that is void, whose sums are of what is left."""
    if ledger.is_void:
        return {}
    vat = stated_vat(payload, ledger.taxes, ledger.currency)
    return {
        "vat": {str(rate): tax for rate, tax in vat.items()} if vat and min(vat.values()) >= 0 else None,
        "shipping": stated_shipping(ledger, payload),
    }
