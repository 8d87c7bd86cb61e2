"""Returning customers for load tests: their column values, computed once per customer."""

from __future__ import annotations

import json
from functools import cache
from random import Random
from typing import NamedTuple

from webshop_orders.demo.people import make_buyer
from webshop_orders.models import Customer, search_terms
from webshop_orders.models.order import email_key
from webshop_orders.text import phone_search
from webshop_orders.text.folding import sort_key
from webshop_orders.text.search import search_text

COUNT = 50_000
SKEW = 1.5  # above 1, some customers return more often than others


class StoredBuyer(NamedTuple):
    """A buyer as column values of an order; `search_text` is their part of the order's."""

    customer: Customer
    customer_key: str
    email_key: str
    phone_key: str
    billing_address: str
    shipping_address: str
    search_text: str


def choose(rng: Random) -> StoredBuyer:
    return _buyer(int(rng.random() ** SKEW * COUNT))


@cache
def _buyer(number: int) -> StoredBuyer:
    rng = Random(f"buyer/{number}")  # noqa: S311 # nosec B311 # nosemgrep: insecure-random - the same again
    buyer = make_buyer(rng)
    terms = search_terms.of_customer(buyer.customer, buyer.billing_address, buyer.shipping_address)
    return StoredBuyer(
        customer=buyer.customer,
        customer_key=sort_key(buyer.customer.display_name),
        email_key=email_key(buyer.customer.email),
        phone_key=phone_search.key(buyer.customer.phone),
        billing_address=json.dumps(vars(buyer.billing_address)),
        shipping_address=json.dumps(vars(buyer.shipping_address)),
        search_text=search_text(terms),
    )
