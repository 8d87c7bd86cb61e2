"""The texts that search finds an order by, not folded yet; some may be None or duplicates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from webshop_orders.models.customer import Address, Customer
from webshop_orders.text import phone_search
from webshop_orders.text.search import code_spellings

if TYPE_CHECKING:
    from webshop_orders.models.order import Order

Terms = list[str | None]


def of_order(order: Order) -> Terms:
    """Its numbers, customer and addresses, and its products and tracking codes, former ones too."""
    terms = of_numbers(order.number, order.external_reference, order.shop_number)
    terms += of_customer(order.customer, order.billing_address, order.shipping_address)
    for shipment in order.shipments:
        for line in shipment.lines:
            terms += [line.sku, line.name]
        terms += of_codes(tracking.code for tracking in shipment.tracking_codes)
        terms += of_codes(former.code for former in shipment.former_codes)
    return terms


def of_numbers(number: str, reference: str | None, shop_number: str | None) -> Terms:
    """The numbers of an order; the shop's with #, in which it is found without it too."""
    return [number, reference, f"#{shop_number.removeprefix('#')}" if shop_number else None]


def of_customer(customer: Customer, billing: Address, shipping: Address) -> Terms:
    terms: Terms = [customer.name, customer.company, customer.email or customer.unusable_email]
    terms += code_spellings(customer.organisation_number)
    for phone in (customer.phone, shipping.phone, billing.phone):
        terms += [phone, *phone_search.stored_spellings(phone)]
    terms.append(shipping.name)  # the billing address has the customer's own, or that of whoever pays for many
    for address in (shipping, billing):
        terms += [address.company, address.pickup_point, address.street, address.street2]
        terms += [*code_spellings(address.postal_code), address.city]
    return terms


def of_codes(codes: Iterable[str]) -> Terms:
    return [spelling for code in codes for spelling in code_spellings(code)]
