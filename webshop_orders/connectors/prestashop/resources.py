"""The resources of PrestaShop's web service that its orders refer to by id."""

from __future__ import annotations

from typing import Any

from webshop_orders.connectors import parsing

# The field of an order that has the id, the resource that it is of, and the name that the resource gets in the order.
LINKS = (
    ("id_address_invoice", "addresses", "address_invoice"),
    ("id_address_delivery", "addresses", "address_delivery"),
    ("id_customer", "customers", "customer"),
    ("id_currency", "currencies", "currency"),
    ("id_lang", "languages", "language"),
    ("id_carrier", "carriers", "carrier"),
    ("current_state", "order_states", "order_state"),
)
# Resources that refer to the order: their field, and the order's field that it has the value of.
BACKLINKS = {
    "order_details": ("id_order", "id"),
    "order_carriers": ("id_order", "id"),
    "order_slip": ("id_order", "id"),
    "order_payments": ("order_reference", "reference"),
}
ADDRESS = {
    "company": "company",
    "street": "address1",
    "street2": "address2",
    "postal_code": "postcode",
    "city": "city",
    "region": "state",
    "country": "country",
    "phone": "phone",
}
Resources = dict[str, dict[str, dict[str, Any]]]


def is_order(value: Any) -> bool:
    """Whether a value is an order of PrestaShop's."""
    return isinstance(value, dict) and {"id_cart", "current_state", "associations"} <= set(value)


def orders(payload: Any) -> list[dict[str, Any]]:
    """The orders of a file, with the resources that the file has of them in place of their ids."""
    if not isinstance(payload, dict) or "id_cart" in payload:
        found = payload if isinstance(payload, list) else [payload]
        return [order for order in found if isinstance(order, dict)]
    found = parsing.items({"orders": payload.get("orders", payload.get("order"))}, "orders")
    single = payload.get("order")
    found = found or ([single] if isinstance(single, dict) else [])
    by_id = {name: _by_id(payload, name) for name in {link[1] for link in LINKS} | {"countries", "states"}}
    backlinks = {name: _by_order(payload, name) for name in BACKLINKS}
    return [_with_resources(order, by_id, backlinks) for order in found]


def currency_code(order: dict[str, Any]) -> str | None:
    currency = parsing.part(order, "currency")
    return parsing.text(currency, "iso_code") or parsing.text(order, "currency")


def language(order: dict[str, Any]) -> str | None:
    code = parsing.text(parsing.part(order, "language"), "iso_code") or ""
    return code.lower() if len(code) == 2 and code.isascii() and code.isalpha() else None


def tracking_codes(order: dict[str, Any]) -> list[str]:
    """The tracking codes of an order; older shops have one in the order itself."""
    codes = [
        parsing.text(carrier, "tracking_number", max_length=100) for carrier in parsing.items(order, "order_carriers")
    ]
    return list(
        dict.fromkeys(code for code in codes or [parsing.text(order, "shipping_number", max_length=100)] if code)
    )


def text_of(value: dict[str, Any], name: str) -> str | None:
    """A text, or the first one of a field that has one for each language."""
    raw = value.get(name)
    return parsing.text(raw[0], "value") if isinstance(raw, list) and raw else parsing.text(value, name)


def _by_id(payload: dict[str, Any], name: str) -> dict[str, dict[str, Any]]:
    values = payload.get(name)
    items = [item for item in values if isinstance(item, dict)] if isinstance(values, list) else []
    return {identity: item for item in items if (identity := parsing.text(item, "id"))}


def _by_order(payload: dict[str, Any], name: str) -> dict[str, list[dict[str, Any]]]:
    values, (field, _order_field) = payload.get(name), BACKLINKS[name]
    found: dict[str, list[dict[str, Any]]] = {}
    for item in values if isinstance(values, list) else []:
        if isinstance(item, dict) and (order := parsing.text(item, field)):
            found.setdefault(order, []).append(item)
    return found


def _with_resources(
    order: dict[str, Any], by_id: Resources, backlinks: dict[str, dict[str, list[dict[str, Any]]]]
) -> dict[str, Any]:
    linked = {
        target: resource
        for field, name, target in LINKS
        if (resource := by_id[name].get(parsing.text(order, field) or ""))
    }
    for target in ("address_invoice", "address_delivery"):
        if target in linked:
            linked[target] = _with_country(linked[target], by_id)
    related = {
        name: items
        for name, (_field, order_field) in BACKLINKS.items()
        if (items := backlinks[name].get(parsing.text(order, order_field) or ""))
    }
    return {**linked, **related, **order}


def _with_country(address: dict[str, Any], by_id: Resources) -> dict[str, Any]:
    country = by_id["countries"].get(parsing.text(address, "id_country") or "", {})
    state = by_id["states"].get(parsing.text(address, "id_state") or "", {})
    named = {"country": parsing.text(country, "iso_code"), "state": parsing.text(state, "name")}
    return {**{name: value for name, value in named.items() if value}, **address}
