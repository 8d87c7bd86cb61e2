"""Magento's (Adobe Commerce's) orders, as its REST API lists them: `GET /rest/V1/orders?searchCriteria[pageSize]=…`.

https://developer.adobe.com/commerce/webapi/rest/quick-reference/ (salesOrderRepositoryV1)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.connectors.magento import items as magento_items
from webshop_orders.connectors.parsing import Currency
from webshop_orders.connectors.source_settings import SourceSettings, StatusMeaning
from webshop_orders.connectors.sums import Rows, payment_document, vat_document
from webshop_orders.errors import RuleViolation
from webshop_orders.models.charge import ChargeKind
from webshop_orders.validation.writing import format_timestamp

STATUSES: Mapping[str, StatusMeaning] = {
    "pending": StatusMeaning.PLACED,
    "processing": StatusMeaning.PLACED,
    "new": StatusMeaning.PLACED,
    "complete": StatusMeaning.SHIPPED,
    "canceled": StatusMeaning.CANCELLED,
    "closed": StatusMeaning.CANCELLED,  # everything was refunded
    "pending_payment": StatusMeaning.LEFT_OUT,
    "pending_paypal": StatusMeaning.LEFT_OUT,
    "payment_review": StatusMeaning.LEFT_OUT,
    "paypal_canceled_reversal": StatusMeaning.ASK,
    "paypal_reversed": StatusMeaning.ASK,
    "fraud": StatusMeaning.ASK,
    "holded": StatusMeaning.ASK,
}
ON_HOLD = "holded"  # as Magento spells it
METHODS = {
    "klarna": "klarna",
    "swish": "swish",
    "stripe": "card",
    "adyen_cc": "card",
    "braintree": "card",
    "paypal": "paypal",
    "checkmo": "invoice",
    "banktransfer": "invoice",
    "purchaseorder": "invoice",
    "cashondelivery": "invoice",
}
CREDITS = {
    "gift_cards_amount": "gift_card",
    "customer_balance_amount": "store_credit",
    "reward_currency_amount": "reward_points",
}
WRAPPING = {"gw_price": "gw_tax_amount", "gw_items_price": "gw_items_tax_amount", "gw_card_price": "gw_card_tax_amount"}
ADDRESS = {
    "company": "company",
    "city": "city",
    "postal_code": "postcode",
    "region": "region",
    "country": "country_id",
    "phone": "telephone",
    "street": "street",
    "street2": "street2",
}


class Magento:
    """Magento's orders as our order documents, with VAT included in their prices.

    Amounts are those in the order's own currency; the fields that begin with `base_` are in the shop's.
    """

    name = "magento"
    prefix = "magento-"
    statuses = STATUSES

    @classmethod
    def recognises(cls, payload: Any) -> bool:
        """Whether a payload is an order of Magento's."""
        return isinstance(payload, dict) and {"increment_id", "items"} <= set(payload) and "grand_total" in payload

    @classmethod
    def orders(cls, payload: Any) -> list[dict[str, Any]]:
        """The orders of a file: one, a list, or the `items` of a search result."""
        if isinstance(payload, dict) and not cls.recognises(payload):
            payload = payload.get("items")
        orders = [payload] if isinstance(payload, dict) else payload
        return [order for order in orders if isinstance(order, dict)] if isinstance(orders, list) else []

    @classmethod
    def reference(cls, payload: dict[str, Any], prefix: str = prefix) -> str:
        number = parsing.text(payload, "entity_id", max_length=100) or parsing.text(
            payload, "increment_id", max_length=100
        )
        if number is None:
            raise RuleViolation(_("%(field)s is missing.", field="entity_id"))
        return f"{prefix}{number}"

    @classmethod
    def meaning(cls, payload: dict[str, Any], settings: SourceSettings) -> StatusMeaning:
        """By the status, or for one that the shop made itself by the state that it belongs to."""
        status, state = parsing.text(payload, "status") or "", parsing.text(payload, "state") or ""
        return settings.meaning(status if status in {*settings.statuses, *STATUSES} else state, STATUSES)

    @classmethod
    def changed_at(cls, payload: dict[str, Any], settings: SourceSettings) -> datetime | None:
        return _time(payload, "updated_at")

    @classmethod
    def document(cls, payload: dict[str, Any], settings: SourceSettings) -> dict[str, Any]:
        """Our order document; raises RuleViolation for malformed amounts, or without an id or a time."""
        currency = Currency.from_code(parsing.text(payload, "order_currency_code"))
        is_history = cls.meaning(payload, settings) in {StatusMeaning.SHIPPED, StatusMeaning.CANCELLED}
        placed_at, shipping = _time(payload, "created_at"), _shipping(payload, currency)
        if placed_at is None:
            raise RuleViolation(_("%(field)s is missing.", field="created_at"))
        rows = Rows()
        items = magento_items.add(rows, payload, currency, keeps_all_units=is_history)
        if not rows.lines:  # nothing is left of it: it has what was ordered
            rows = Rows()
            items = magento_items.add(rows, payload, currency, keeps_all_units=True)
        _add_wrapping(rows, payload, currency)
        if shipping["price"] < 0:
            rows.add_charge(ChargeKind.DEDUCTION, shipping["method"] or _("Shipping"), Decimal(shipping["price"]))
            shipping["price"] = 0
        by_credit = {
            method: amount
            for name, method in CREDITS.items()
            if (amount := currency.minor(_extra(payload, name), name))
        }
        total = currency.minor(payload.get("grand_total"), "grand_total") + sum(by_credit.values()) - items.removed
        rows.add_rounding(_("Rounding"), total - rows.total - shipping["price"], items.amounts + 2)
        billing, delivery = parsing.part(payload, "billing_address"), _shipping_address(payload)
        name = _full_name(billing) or _full_name(payload, "customer_") or _full_name(delivery) or parsing.PLACEHOLDER
        return {
            "external_reference": cls.reference(payload, settings.prefix),
            "shop_number": parsing.text(payload, "increment_id"),
            "placed_at": format_timestamp(placed_at),
            "currency": currency.code,
            "prices_include_vat": True,
            "customer": {
                "name": name,
                "company": parsing.text(billing, "company"),
                "phone": parsing.phone(billing, "telephone") or parsing.phone(delivery, "telephone"),
                "organisation_number": parsing.text(billing, "vat_id") or parsing.text(payload, "customer_taxvat"),
                **parsing.email_fields({**billing, **payload}, "customer_email", "email"),
            },
            **parsing.address_documents(_address(billing, name), _address(delivery, name), name),
            "payment": _payment(payload, currency, by_credit, total),
            "shipping": shipping,
            "charges": rows.charges,
            "attributes": _attributes(payload),
            "lines": rows.lines,
            "comment": parsing.comment(payload, "customer_note"),
            "on_hold": {} if parsing.text(payload, "state") == ON_HOLD else None,
            "shipments": magento_items.shipments(items, _time(payload, "updated_at")) if not is_history else [],
            "shipped_at": _shipped_at(payload) if cls.meaning(payload, settings) is StatusMeaning.SHIPPED else None,
            "totals": {
                "total": max(0, total),
                "shipping": shipping["price"],
                **_vat(payload, currency, items.has_removed),
            },
        }


def _time(payload: Mapping[str, Any], name: str) -> datetime | None:
    """Magento's times are UTC without saying so: 2026-11-02 08:00:00."""
    return parsing.timestamp(payload, name, UTC)


def _extra(payload: dict[str, Any], name: str) -> Any:
    """A value of Adobe Commerce's own modules, which add it to `extension_attributes`."""
    return parsing.part(payload, "extension_attributes").get(name, payload.get(name))


def _shipping(payload: dict[str, Any], currency: Currency) -> dict[str, Any]:
    def amount(name: str) -> Decimal:
        return currency.exact(payload.get(name), name)

    net, tax = amount("shipping_amount"), amount("shipping_tax_amount")
    # What a discount takes off shipping comes off before or after its tax, as the shop has set it.
    compensation = amount("shipping_discount_tax_compensation_amount")
    discount = amount("shipping_discount_amount")
    price = currency.round(net + tax + compensation - abs(discount))
    return {
        "method": parsing.text(payload, "shipping_description"),
        "price": price,
        "vat_rate": _shipping_rate(payload) or parsing.vat_rate(tax, net + compensation - abs(discount)),
    }


def _shipping_rate(payload: dict[str, Any]) -> int | None:
    for taxes in parsing.items(parsing.part(payload, "extension_attributes"), "item_applied_taxes"):
        if parsing.text(taxes, "type") == "shipping":
            return sum(magento_items.rate_of(tax) for tax in parsing.items(taxes, "applied_taxes")) or None
    return None


def _add_wrapping(rows: Rows, payload: dict[str, Any], currency: Currency) -> None:
    for price_name, tax_name in WRAPPING.items():
        net, tax = (currency.exact(_extra(payload, name), name) for name in (price_name, tax_name))
        if net + tax:
            rows.add_charge(ChargeKind.FEE, _("Gift wrapping"), net + tax, parsing.vat_rate(tax, net))


def _payment(payload: dict[str, Any], currency: Currency, by_credit: dict[str, int], total: int) -> dict[str, Any]:
    """Payment by credits and by the method of the order; `total_due` is what the shop still asks for."""
    refunded = currency.minor(payload.get("total_refunded"), "total_refunded")
    paid = currency.minor(payload.get("total_paid"), "total_paid")
    due = payload.get("total_due")
    outstanding = currency.minor(due, "total_due") if due is not None else None
    if currency.minor(payload.get("total_canceled"), "total_canceled"):
        outstanding = max(0, total - paid - sum(by_credit.values())) if outstanding else 0
    method = _method(parsing.text(parsing.part(payload, "payment"), "method"))
    return payment_document(
        [(method, paid), *by_credit.items()], total=total, refunded=refunded, outstanding=outstanding
    )


def _method(code: str | None) -> str | None:
    known = (method for prefix, method in METHODS.items() if code and code.casefold().startswith(prefix))
    return next(known, code)


def _vat(payload: dict[str, Any], currency: Currency, has_removed: bool) -> dict[str, Any]:
    """The VAT of each rate, where the shop states it and units that were cancelled are not part of it."""
    applied = parsing.items(parsing.part(payload, "extension_attributes"), "applied_taxes")
    if not applied or has_removed:
        return {}
    taxes: dict[int, Decimal] = defaultdict(Decimal)
    for tax in applied:
        taxes[magento_items.rate_of(tax)] += currency.exact(tax.get("amount"), "amount")
    is_complete = currency.round(sum(taxes.values(), Decimal(0))) == currency.minor(payload.get("tax_amount"))
    return {"vat": vat_document(taxes)} if is_complete else {}


def _shipping_address(payload: dict[str, Any]) -> dict[str, Any]:
    assignments = parsing.items(parsing.part(payload, "extension_attributes"), "shipping_assignments")
    return parsing.part(parsing.part(next(iter(assignments), {}), "shipping"), "address")


def _address(value: dict[str, Any], name: str) -> dict[str, Any] | None:
    raw = value.get("street")
    street = [row for row in (raw if isinstance(raw, list) else [raw]) if isinstance(row, str) and row.strip()]
    fields = {**value, "street": next(iter(street), None), "street2": ", ".join(street[1:])}
    return parsing.address_document(fields, ADDRESS, _full_name(value) or name)


def _full_name(value: Mapping[str, Any], prefix: str = "") -> str | None:
    return parsing.full_name(value, *(f"{prefix}{part}" for part in ("firstname", "middlename", "lastname")))


def _attributes(payload: dict[str, Any]) -> list[dict[str, str]]:
    message = parsing.part(parsing.part(payload, "extension_attributes"), "gift_message")
    pairs = {
        _("Coupon"): payload.get("coupon_code"),
        _("Gift message"): message.get("message"),
        _("Purchase order number"): parsing.part(payload, "payment").get("po_number"),
    }
    return parsing.attribute_documents(pairs.items())


def _shipped_at(payload: dict[str, Any]) -> str | None:
    """When the order became complete, by its history; else when it was last changed."""
    times = list(_completions(payload))
    at = min(times, default=None) or _time(payload, "updated_at") or _time(payload, "created_at")
    return format_timestamp(at)


def _completions(payload: dict[str, Any]) -> Iterator[datetime]:
    for entry in parsing.items(payload, "status_histories"):
        if parsing.text(entry, "status") == "complete" and (at := _time(entry, "created_at")):
            yield at
