"""PrestaShop's orders, from its web service: `GET /api/orders?display=full&output_format=JSON`.

An order has the ids of its addresses, customer, currency and state; a file therefore has those resources beside the
orders, as `jq -s add` joins the answers.

https://devdocs.prestashop-project.org/9/webservice/resources/orders/
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.prestashop import resources as prestashop_resources
from webshop_orders.connectors.prestashop import sums as prestashop_sums
from webshop_orders.connectors.prestashop.resources import ADDRESS, text_of
from webshop_orders.connectors.source_settings import SourceSettings, StatusMeaning
from webshop_orders.connectors.sums import payment_document
from webshop_orders.errors import RuleViolation
from webshop_orders.validation.writing import format_timestamp

# The states that PrestaShop is installed with, by id; a shop may change them and add its own.
STATUSES: Mapping[str, StatusMeaning] = {
    "1": StatusMeaning.PLACED,  # awaiting check payment
    "2": StatusMeaning.PLACED,  # payment accepted
    "3": StatusMeaning.PLACED,  # processing in progress
    "4": StatusMeaning.SHIPPED,
    "5": StatusMeaning.SHIPPED,  # delivered
    "6": StatusMeaning.CANCELLED,
    "7": StatusMeaning.CANCELLED,  # refunded
    "8": StatusMeaning.LEFT_OUT,  # payment error
    "9": StatusMeaning.PLACED,  # on backorder, paid
    "10": StatusMeaning.PLACED,  # awaiting bank wire payment
    "11": StatusMeaning.PLACED,  # remote payment accepted
    "12": StatusMeaning.PLACED,  # on backorder, not paid
    "13": StatusMeaning.PLACED,  # awaiting cash on delivery validation
}
METHODS = {
    "klarna": "klarna",
    "swish": "swish",
    "stripe": "card",
    "ps_checkout": "card",
    "paypal": "paypal",
    "ps_wirepayment": "invoice",
    "bankwire": "invoice",
    "ps_checkpayment": "invoice",
    "cheque": "invoice",
    "ps_cashondelivery": "invoice",
}
NO_TIME = "0000"  # begins times that MySQL has no value for


class PrestaShop:
    """PrestaShop's orders as our order documents, with VAT included in their prices."""

    name = "prestashop"
    prefix = "prestashop-"
    statuses = STATUSES

    @classmethod
    def recognises(cls, payload: Any) -> bool:
        """Whether a payload is an order of PrestaShop's."""
        return prestashop_resources.is_order(payload)

    @classmethod
    def orders(cls, payload: Any) -> list[dict[str, Any]]:
        """The orders of a file, each with the resources that it refers to."""
        return prestashop_resources.orders(payload)

    @classmethod
    def reference(cls, payload: dict[str, Any], prefix: str = prefix) -> str:
        return parsing.reference(payload, prefix)

    @classmethod
    def meaning(cls, payload: dict[str, Any], settings: SourceSettings) -> StatusMeaning:
        """By the id of the state or by its name; for a state that the shop made itself, by what it says it is."""
        state = parsing.part(payload, "order_state")
        identity, name = parsing.text(payload, "current_state") or "", text_of(state, "name") or ""
        if meaning := settings.statuses.get(identity) or settings.statuses.get(name) or STATUSES.get(identity):
            return meaning
        if parsing.text(state, "shipped") == "1":
            return StatusMeaning.SHIPPED
        return StatusMeaning.PLACED if parsing.text(state, "paid") == "1" else StatusMeaning.ASK

    @classmethod
    def changed_at(cls, payload: dict[str, Any], settings: SourceSettings) -> datetime | None:
        return _time(payload, "date_upd", settings)

    @classmethod
    def document(cls, payload: dict[str, Any], settings: SourceSettings) -> dict[str, Any]:
        """Our order document; raises RuleViolation for malformed amounts, or without a currency or a time."""
        currency = Currency.from_code(prestashop_resources.currency_code(payload))
        placed_at = _time(payload, "date_add", settings)
        if placed_at is None:
            raise RuleViolation(_("%(field)s is missing.", field="date_add"))
        sums = prestashop_sums.compute(payload, currency)
        total = currency.minor(payload.get("total_paid_tax_incl"), "total_paid_tax_incl")
        sums.rows.add_rounding(_("Rounding"), total - sums.rows.total - sums.shipping, sums.amounts)
        customer = parsing.part(payload, "customer")
        billing, delivery = (parsing.part(payload, name) for name in ("address_invoice", "address_delivery"))
        name = _full_name(billing) or _full_name(customer) or _full_name(delivery) or parsing.PLACEHOLDER
        shipped_at = _shipped_at(payload, settings) if cls.meaning(payload, settings) is StatusMeaning.SHIPPED else None
        return {
            "external_reference": cls.reference(payload, settings.prefix),
            "shop_number": parsing.text(payload, "reference"),
            "placed_at": format_timestamp(placed_at),
            "currency": currency.code,
            "language": prestashop_resources.language(payload),
            "prices_include_vat": True,
            "customer": {
                "name": name,
                "company": parsing.text(billing, "company") or parsing.text(customer, "company"),
                "phone": next(filter(None, map(_phone, (billing, delivery))), None),
                "organisation_number": parsing.text(billing, "vat_number") or parsing.text(customer, "siret"),
                **parsing.email_fields(customer, "email"),
            },
            **parsing.address_documents(_address(billing, name), _address(delivery, name), name),
            "payment": _payment(payload, currency, total),
            "shipping": {
                "method": parsing.text(parsing.part(payload, "carrier"), "name"),
                "price": sums.shipping,
                "vat_rate": sums.shipping_rate,
            },
            "charges": sums.rows.charges,
            "attributes": parsing.attribute_documents(
                [
                    (_("Gift"), _("yes") if payload.get("gift") in ("1", 1, True) else None),
                    (_("Gift message"), payload.get("gift_message")),
                ]
            ),
            "lines": sums.rows.lines,
            "shipments": [{"shipped_at": format_timestamp(shipped_at), "tracking": [{"code": code} for code in codes]}]
            if shipped_at and (codes := prestashop_resources.tracking_codes(payload))
            else [],
            "shipped_at": format_timestamp(shipped_at),
            "totals": {"total": total, **sums.stated_vat},
        }


def _time(payload: dict[str, Any], name: str, settings: SourceSettings) -> datetime | None:
    """A time in the shop's zone."""
    raw = parsing.text(payload, name) or ""
    return None if raw.startswith(NO_TIME) else parsing.timestamp(payload, name, settings.zone)


def _shipped_at(payload: dict[str, Any], settings: SourceSettings) -> datetime | None:
    """When its delivery slip was made; else when it was last changed."""
    names = ("delivery_date", "date_upd", "date_add")
    return next((at for name in names if (at := _time(payload, name, settings))), None)


def _payment(payload: dict[str, Any], currency: Currency, total: int) -> dict[str, Any]:
    """What was really paid; credit slips of the order say what was given back."""
    paid = currency.minor(payload.get("total_paid_real"), "total_paid_real")
    refunded = min(paid, prestashop_sums.refunded(payload, currency))
    payments = [
        (_method(parsing.text(part, "payment_method")), currency.minor(part.get("amount"), "order_payments"))
        for part in parsing.items(payload, "order_payments")
    ]
    method = _method(parsing.text(payload, "module")) or parsing.text(payload, "payment")
    is_complete = sum(amount for _method_name, amount in payments) == paid and len(payments) > 1
    return payment_document(
        payments if is_complete else [(method, paid)],
        total=total,
        refunded=refunded,
        outstanding=max(0, total - paid),
    )


def _method(module: str | None) -> str | None:
    methods = (method for prefix, method in METHODS.items() if module and module.casefold().startswith(prefix))
    return next(methods, module)


def _address(value: dict[str, Any], name: str) -> dict[str, Any] | None:
    fields = {**value, "phone": _phone(value)}
    return parsing.address_document(fields, ADDRESS, _full_name(value) or name)


def _phone(value: dict[str, Any]) -> str | None:
    return parsing.phone(value, "phone_mobile") or parsing.phone(value, "phone")


def _full_name(value: dict[str, Any]) -> str | None:
    return parsing.full_name(value, "firstname", "lastname")
