"""Who ordered, and where to: the customer and the addresses of Shopify's orders.

https://shopify.dev/docs/api/admin-rest/latest/resources/order
"""

from __future__ import annotations

import re
from typing import Any

from webshop_orders.connectors import parsing

ADDRESS = {
    "company": "company",
    "street": "address1",
    "street2": "address2",
    "postal_code": "zip",
    "city": "city",
    "region": "province",
    "country": "country_code",
    "phone": "phone",
}


def party_documents(
    payload: dict[str, Any], *, organisation_number: str | None, pickup_point: str | None
) -> dict[str, Any]:
    """The fields of our document for the customer and both addresses."""
    billing, shipping = _address(payload, "billing_address"), _address(payload, "shipping_address")
    buyer, account = billing or shipping, parsing.part(payload, "customer")
    typed = {"order": payload.get("email"), "contact": payload.get("contact_email"), "account": account.get("email")}
    of_email = parsing.email_fields(typed, *typed)
    email = of_email["email"] or of_email["unusable_email"]
    name = _full_name(buyer) or _full_name(account) or email or parsing.PLACEHOLDER
    billing_address = parsing.address_document(billing, ADDRESS, _full_name(billing) or name)
    shipping_address = parsing.address_document(shipping, ADDRESS, _full_name(shipping) or name)
    addresses = parsing.address_documents(billing_address, shipping_address, name)
    if pickup_point:
        addresses["shipping_address"] = {
            **(addresses["shipping_address"] or addresses["billing_address"] or {}),
            "pickup_point": pickup_point,
        }
    phones = (parsing.phone(value, "phone") for value in (payload, buyer, account))
    return {
        "customer": {
            "name": name[:200],
            "company": parsing.text(buyer, "company"),
            **of_email,
            "phone": next((phone for phone in phones if phone), None),
            "organisation_number": organisation_number,
        },
        **addresses,
    }


def language(payload: dict[str, Any]) -> str | None:
    """The customer's language, such as `de` of `de-DE`; None for one of three letters."""
    locale = parsing.text(payload, "customer_locale") or ""
    return locale[:2].lower() if re.match("[A-Za-z]{2}([-_]|$)", locale) else None


def _address(payload: dict[str, Any], name: str) -> dict[str, Any]:
    """An address with the code of its country, or the country's name where it has no code."""
    address = parsing.part(payload, name)
    country = parsing.text(address, "country_code") or parsing.text(address, "country")
    return {**address, "country_code": country} if address else {}


def _full_name(value: dict[str, Any]) -> str | None:
    return parsing.text(value, "name") or parsing.full_name(value, "first_name", "last_name")
