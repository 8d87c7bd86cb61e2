"""What shipping methods say of how an order gets to its customer."""

import re

# What a shop calls it that customers fetch their order in its store; a service point of a carrier is none.
IN_STORE = re.compile(
    r"\b(butik|store|lager|local|click)s?\b.{0,12}(hämt|pick|collect)"
    r"|(hämt|pick\W?up|collect).{0,12}\b(butik|store|lager|oss\b|us\b)"
    r"|(butiks|själv)hämt",
    re.IGNORECASE,
)


def is_collected_in_store(shipping_method: str | None) -> bool:
    """Whether the customer comes to the shop for the goods, so that no carrier has them."""
    return IN_STORE.search(shipping_method or "") is not None
