"""WooCommerce's orders as our order documents; their amounts are net, with the tax in a field beside them.

https://developer.woocommerce.com/docs/apis/rest-api/v3/orders/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, tzinfo
from typing import Any, ClassVar

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.source_settings import SourceSettings, StatusMeaning
from webshop_orders.connectors.woocommerce import details, meta, payments, rows, shipments, statuses
from webshop_orders.connectors.woocommerce.amounts import Amounts
from webshop_orders.connectors.woocommerce.statuses import MEANINGS, USUAL
from webshop_orders.errors import RuleViolation
from webshop_orders.validation.writing import format_timestamp

ADDRESS = {
    "company": "company",
    "street": "address_1",
    "street2": "address_2",
    "postal_code": "postcode",
    "city": "city",
    "region": "state",
    "country": "country",
}
# Sequential Order Numbers (Pro and free), and Custom Order Numbers.
NUMBER_KEYS = ("_order_number_formatted", "_alg_wc_full_custom_order_number", "_order_number")


class WooCommerce:
    """The orders of WooCommerce's REST API v3 and its webhooks."""

    name: ClassVar[str] = "woocommerce"
    prefix: ClassVar[str] = "wc-"
    statuses: ClassVar[Mapping[str, StatusMeaning]] = USUAL
    is_signed = staticmethod(parsing.is_signed)

    @classmethod
    def recognises(cls, payload: Any) -> bool:
        """Whether a payload is an order of WooCommerce's."""
        return isinstance(payload, dict) and "billing" in payload and "line_items" in payload

    @classmethod
    def orders(cls, payload: Any) -> list[dict[str, Any]]:
        """The orders of a file: one, `{"orders": […]}` or a list."""
        orders = payload.get("orders", [payload]) if isinstance(payload, dict) else payload
        return [order for order in orders if isinstance(order, dict)] if isinstance(orders, list) else []

    @classmethod
    def reference(cls, payload: dict[str, Any], prefix: str = prefix) -> str:
        return parsing.reference(payload, prefix)

    @classmethod
    def meaning(cls, payload: dict[str, Any], settings: SourceSettings) -> StatusMeaning:
        """What the order's status there means here."""
        return settings.meaning(statuses.status(payload), MEANINGS)

    @classmethod
    def changed_at(cls, payload: dict[str, Any], settings: SourceSettings) -> datetime | None:
        """When the order last changed there, in UTC."""
        return _time(payload, "date_modified", settings.zone)

    @classmethod
    def document(cls, payload: dict[str, Any], settings: SourceSettings) -> dict[str, Any]:
        """Our order document, its prices with VAT; raises RuleViolation for malformed amounts, or without an id."""
        payload = parsing.unescape(payload)
        currency = Currency.from_code(parsing.text(payload, "currency"))
        amounts = Amounts(payload, currency)
        order = rows.read(payload, amounts)
        paid = payments.read(payload, currency, rows_total=order.total, wallet=order.wallet)
        rounded = rows.count_rounded_amounts(payload, amounts.unit)
        order.rows.add_rounding(_("Rounding"), paid.total - order.total, rounded)
        # By our rows, so that nothing is asked for even where they cost more than the shop says.
        written_off = max(0, order.total - paid.document["paid"] - paid.balance)
        placed_at = _placed_at(payload, settings.zone)
        meaning = cls.meaning(payload, settings)
        sent = _shipped(payload, meaning, order, placed_at, settings.zone)
        return {
            "external_reference": cls.reference(payload, settings.prefix),
            "shop_number": _shop_number(payload),
            "placed_at": format_timestamp(placed_at),
            "currency": currency.code,
            "language": details.language(payload),
            "prices_include_vat": True,
            **_people(payload),
            "payment": {**paid.document, "written_off": written_off},
            "refunds": paid.refunds,
            "shipping": order.shipping,
            "charges": order.rows.charges,
            "attributes": details.attributes(payload, sent.codes),
            "lines": order.rows.lines,
            "comment": parsing.comment(payload, "customer_note"),
            "on_hold": statuses.hold(payload),
            "shipped_at": sent.shipped_at,
            "shipments": sent.shipments,
            "totals": {
                "total": paid.total,
                "vat": amounts.stated_vat(),
                "shipping": order.stated_shipping,
                "paid": paid.document["paid"],
                "balance": None if meaning is StatusMeaning.CANCELLED else paid.balance,
            },
        }


def _people(payload: dict[str, Any]) -> dict[str, Any]:
    """The customer and both addresses; the delivery's has the recipient's phone and the pick-up point."""
    billing, shipping = parsing.part(payload, "billing"), parsing.part(payload, "shipping")
    email = parsing.email_fields(billing, "email")
    name = _full_name(billing) or parsing.text(billing, "company") or _full_name(shipping) or email["email"]
    name = name or parsing.PLACEHOLDER
    addresses = parsing.address_documents(
        parsing.address_document(billing, ADDRESS, name),
        parsing.address_document(shipping, ADDRESS, _full_name(shipping) or parsing.text(shipping, "company") or name),
        name,
    )
    recipient = {"phone": parsing.phone(shipping, "phone"), "pickup_point": details.pickup_point(payload)}
    if any(recipient.values()):
        to = addresses["shipping_address"] or addresses["billing_address"]
        addresses = {**addresses, "shipping_address": {**(to or {}), **recipient}}
    return {
        "customer": {
            "name": name,
            "company": parsing.text(billing, "company"),
            **email,
            "phone": parsing.phone(billing, "phone"),
            "organisation_number": details.organisation_number(payload),
        },
        **addresses,
    }


def _shipped(
    payload: dict[str, Any], meaning: StatusMeaning, order: rows.OrderRows, placed_at: datetime, zone: tzinfo
) -> shipments.Shipped:
    """What has left; an order that all has left of, but that has no time for that, has the next best one."""
    changed_at = _time(payload, "date_modified", zone)
    shipped_at = None
    if meaning is StatusMeaning.SHIPPED:
        shipped_at = (
            _time(payload, "date_completed", zone)
            or shipments.last_shipped_at(payload, zone)
            or changed_at
            or _time(payload, "date_paid", zone)
            or placed_at
        )
    return shipments.read(
        payload, order.rows.lines, order.lines_by_item, zone, shipped_at=shipped_at, fallback=changed_at or placed_at
    )


def _placed_at(payload: dict[str, Any], zone: tzinfo) -> datetime:
    names = ("date_created", "date_paid", "date_modified")
    time = next((time for name in names if (time := _time(payload, name, zone))), None)
    if time is None:
        raise RuleViolation(_("%(field)s is missing.", field="date_created"))
    return time


def _time(payload: dict[str, Any], name: str, zone: tzinfo) -> datetime | None:
    """A time of an order: in UTC in the field that says so, or else in the shop's zone."""
    return parsing.timestamp(payload, f"{name}_gmt", UTC) or parsing.timestamp(payload, name, zone)


def _shop_number(payload: dict[str, Any]) -> str | None:
    """The number that the customer knows, where it is another than the id."""
    number = parsing.text(payload, "number")
    order_id = parsing.text(payload, "id")
    if number is None or number == order_id:
        number = meta.first(meta.values(payload), NUMBER_KEYS) or number
    return number if number != order_id else None


def _full_name(value: dict[str, Any]) -> str | None:
    return parsing.full_name(value, "first_name", "last_name")
