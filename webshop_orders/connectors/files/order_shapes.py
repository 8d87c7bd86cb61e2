"""What a JSON value is, told by its shape: orders inside of what they are wrapped in, and what is none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors.files.json_stream import JsonStream
from webshop_orders.errors import MalformedInput
from webshop_orders.text.languages import lazy_gettext as _l

# What APIs and exporting programs put around records, in the sequence in which they are looked for.
WRAPPERS = (
    *("orders", "order", "products", "product", "data", "items", "results", "records", "edges", "nodes", "node"),
    *("body", "payload", "response", "value", "export"),
)
MAX_DEPTH = 6
MAX_NAMES_SHOWN = 5

# The names in wrappers that tell what else a file has.
OTHER_WRAPPERS = {
    "products": _l("products"),
    "product": _l("products"),
    "refunds": _l("refunds"),
    "refund": _l("refunds"),
    "customers": _l("customers"),
    "customer": _l("customers"),
    "draft_orders": _l("draft orders"),
    "draft_order": _l("draft orders"),
    "checkouts": _l("checkouts"),
    "checkout": _l("checkouts"),
    "fulfillments": _l("fulfilments"),
    "transactions": _l("transactions"),
    "coupons": _l("coupons"),
}
# Fields that only such a record has, all of which must be there.
OTHER_RECORDS = (
    ({"refund_line_items", "order_id"}, _l("refunds")),
    ({"refunded_by"}, _l("refunds")),
    ({"billing_period", "billing_interval"}, _l("subscriptions")),
    ({"invoice_url", "invoice_sent_at"}, _l("draft orders")),
    ({"abandoned_checkout_url"}, _l("checkouts")),
    ({"kind", "gateway", "order_id"}, _l("transactions")),
    ({"tracking_numbers", "order_id"}, _l("fulfilments")),
    ({"variants", "handle"}, _l("products")),
    ({"regular_price", "stock_status"}, _l("products")),
    ({"price", "catalog_visibility"}, _l("products")),
    ({"sku", "price", "vat_rate"}, _l("products")),
    ({"is_paying_customer"}, _l("customers")),
    ({"orders_count", "total_spent"}, _l("customers")),
    ({"discount_type", "code"}, _l("coupons")),
)
GRAPHQL_FIELDS = {"__parentId", "lineItems", "totalPriceSet", "currentTotalPriceSet", "displayFinancialStatus"}


@dataclass(frozen=True)
class Record:
    """A record of a file, without what it is wrapped in; `wrapper` is the name of the innermost of these."""

    value: dict[str, Any]
    wrapper: str | None = None


def records(stream: JsonStream) -> Iterator[Record]:
    """The records of a JSON text, one at a time; raises MalformedInput for what is no JSON as a whole."""
    yield from _records(stream, None)
    if stream.peek():
        stream.take("")


def _records(stream: JsonStream, wrapper: str | None) -> Iterator[Record]:
    """An array is read element by element, also as the first field of an object, in which all large files have it."""
    if stream.peek() == "[":
        for value in stream.items():
            yield from unwrap(value, wrapper)
        return
    if stream.peek() != "{":
        stream.value()
        return
    name = stream.first_name()
    if (name in WRAPPERS or name in OTHER_WRAPPERS) and stream.peek() == "[":
        yield from _records(stream, name)
        stream.rest_of_object()
        return
    yield from unwrap(stream.rest_of_object(name), wrapper)


def unwrap(value: Any, wrapper: str | None = None, depth: int = 0) -> Iterator[Record]:
    """The records inside a value."""
    if depth > MAX_DEPTH:
        raise MalformedInput(_("This is nested too deeply."))
    if isinstance(value, list):
        for element in value:
            yield from unwrap(element, wrapper, depth + 1)
    elif isinstance(value, dict):
        name = _wrapper_in(value)
        if name is None:
            yield Record(value, wrapper)
        else:
            yield from unwrap(value[name], name, depth + 1)


def _wrapper_in(value: dict[str, Any]) -> str | None:
    """The field that has the records: an object with several other fields of its own is a record itself."""
    if is_ours(value):
        return None
    named = [name for name in (*WRAPPERS, *OTHER_WRAPPERS) if isinstance(value.get(name), list | dict)]
    others = [name for name in value if name not in named]
    if not named or {"id", "increment_id", "external_reference", "sku"} & set(others):
        only = next(iter(value)) if len(value) == 1 else None
        return only if only and isinstance(value[only], list | dict) and not named else None
    return named[0]


def other_kind(record: Record) -> str | None:
    """What a record is instead of an order, in words, such as `refunds`; None if its shape does not tell."""
    fields = set(record.value)
    for needed, kind in OTHER_RECORDS:
        if needed <= fields:
            return str(kind)
    return str(OTHER_WRAPPERS[record.wrapper]) if record.wrapper in OTHER_WRAPPERS else None


def is_ours(value: dict[str, Any]) -> bool:
    """Whether a value is an order as our API has it, even if it lacks a field."""
    return "external_reference" in value or {"customer", "lines"} <= set(value)


def is_graphql(value: dict[str, Any]) -> bool:
    """Whether a value is of Shopify's GraphQL API, whose bulk operations write JSON lines.

    https://shopify.dev/docs/api/usage/bulk-operations/queries
    """
    identifier = value.get("id") or value.get("__parentId")
    return bool(GRAPHQL_FIELDS & set(value)) or (
        isinstance(identifier, str) and identifier.startswith("gid://shopify/")
    )


def is_legacy_woocommerce(value: dict[str, Any]) -> bool:
    """Whether an order is of the API that WooCommerce had before its REST API.

    https://woocommerce.github.io/woocommerce-rest-api-docs/v3.html
    """
    addresses = [value.get(name) for name in ("billing_address", "shipping_address")]
    has_address = any(isinstance(address, dict) and "address_1" in address for address in addresses)
    payment = value.get("payment_details")
    return has_address or "total_line_items_quantity" in value or (isinstance(payment, dict) and "method_id" in payment)


def names_of(value: dict[str, Any]) -> str:
    """The names of a value's first fields, for people to recognise it by."""
    shown = [f"«{name[:40]}»" for name in list(value)[:MAX_NAMES_SHOWN]]
    return ", ".join(shown)
