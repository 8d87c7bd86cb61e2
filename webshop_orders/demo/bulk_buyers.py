"""The customers of a load test, who come back: what rows of orders say of them, written out once for each."""

from __future__ import annotations

import json
from functools import cache
from random import Random
from typing import NamedTuple

from webshop_orders.demo.people import make_buyer
from webshop_orders.models import Customer
from webshop_orders.models.order import customer_search_terms, email_key, phone_key
from webshop_orders.text.folding import fold, sort_key

COUNT = 50_000
REGULARS = 1.5  # above one, some come back more often than others


class BuyerAsKept(NamedTuple):
    """A buyer in the words of columns; `words` are what search looks through."""

    customer: Customer
    customer_key: str
    email_key: str
    phone_key: str
    billing_address: str
    shipping_address: str
    words: str


def choose(rng: Random) -> BuyerAsKept:
    return _buyer(int(rng.random() ** REGULARS * COUNT))


@cache
def _buyer(number: int) -> BuyerAsKept:
    rng = Random(f"buyer/{number}")  # noqa: S311 # nosec B311 # nosemgrep: guessable-random - the same again
    buyer = make_buyer(rng)
    words = customer_search_terms(buyer.customer, buyer.shipping_address)
    return BuyerAsKept(
        customer=buyer.customer,
        customer_key=sort_key(buyer.customer.display_name),
        email_key=email_key(buyer.customer.email),
        phone_key=phone_key(buyer.customer.phone),
        billing_address=json.dumps(vars(buyer.billing_address)),
        shipping_address=json.dumps(vars(buyer.shipping_address)),
        words=fold("\n".join(dict.fromkeys(word for word in words if word))),
    )
