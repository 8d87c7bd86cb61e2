"""What changes of an order alter, as values: taken before and after a change, compared, and stored as JSON.

A state has the rows of an order by their table and id. Ids are never given twice, so a row that is gone comes back as
itself, and earlier steps that name it still mean it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from operator import itemgetter
from typing import Any

from sqlalchemy import inspect

from webshop_orders.db.columns import EnumByValue, Json, UtcDateTime, ValueObject, utc_of_text
from webshop_orders.models import Customer, DeliveryStatus, Line, Order, Shipment, TrackingCode

Values = dict[str, Any]  # of a row, by the names of its fields
Rows = dict[str, Values | None]  # as JSON, by table and id, such as «line 17»; None for a row that is not there
State = dict[str, tuple[Any, ...]]

ORDER, SHIPMENT, LINE, CODE = "order", "shipment", "line", "code"
CUSTOMER = ValueObject(Customer)  # stored in several columns
# These follow from stock, from the order's source, and from mails, which change meanwhile.
OTHERS_DECIDE = {
    ORDER: {"shop_differences"},
    SHIPMENT: {"status", "is_set_by_hand", "ready_since"},
    LINE: {"reserved", "promised_on"},
}


class Fields:
    """The attributes of a model that a state has: columns, and values without a column of their own."""

    def __init__(self, model: Any, names: Collection[str]) -> None:
        columns = inspect(model).column_attrs
        self.names = tuple(names)
        self._loaded: Callable[[dict[str, Any]], tuple[Any, ...]] = itemgetter(*names)
        self._types = {name: columns[name].columns[0].type if name in columns else None for name in names}
        if "customer" in names:
            self._types["customer"] = CUSTOMER

    def values(self, row: Any) -> tuple[Any, ...]:
        try:
            return self._loaded(vars(row))  # without a call for each attribute, since every change takes two states
        except KeyError:
            return tuple([getattr(row, name) for name in self.names])

    def differing(self, values: tuple[Any, ...], others: tuple[Any, ...]) -> list[str]:
        return [name for name, value, other in zip(self.names, values, others, strict=True) if value != other]

    def to_json(self, values: tuple[Any, ...] | None, names: Collection[str]) -> Values | None:
        """The named values; None for a row that is not there."""
        if values is None:
            return None
        by_name = zip(self.names, values, strict=True)
        return {name: _to_json(self._types[name], value) for name, value in by_name if name in names}

    def from_json(self, row: Values) -> Values:
        return {name: _from_json(self._types[name], row[name]) for name in self.names if name in row}


FIELDS = {
    ORDER: Fields(
        Order,
        (
            *("customer", "billing_address", "shipping_address", "language", "vat_country", "cancelled_at"),
            *("ships_whole", "priority"),
            *("shipping_method", "shipping_price", "shipping_vat_rate"),
            *("approval", "vat_corrections", "removed_units", "total", "shop_differences"),
            *("holds", "returns", "refunds", "registered_payments", "paid", "refunded", "payments"),
        ),
    ),
    SHIPMENT: Fields(
        Shipment,
        (
            *("seq", "status", "shipped_at", "delivered_at", "uncollected_at", "sent_back_at"),
            *("capture", "is_set_by_hand", "former_codes", "ready_since"),
        ),
    ),
    LINE: Fields(
        Line,
        (
            *("shipment_id", "product_id", "sku", "name", "quantity", "unit_price", "vat_rate", "discount"),
            *("price_change", "properties", "bundle", "units_per_bundle", "reserved", "promised_on"),
        ),
    ),
    CODE: Fields(TrackingCode, ("shipment_id", "code", "carrier", "url", "delivered_at", "is_unmailed")),
}


@dataclass(frozen=True)
class Difference:
    """The rows that a change altered, before and after it: whole ones, and of the order only the fields."""

    before: Rows
    after: Rows


def take(order: Order) -> State:
    """The state of an order whose new rows have their ids."""
    state = {key_of(order): FIELDS[ORDER].values(order)}
    for shipment in order.shipments:
        state[f"{SHIPMENT} {shipment.id}"] = FIELDS[SHIPMENT].values(shipment)
        for line in shipment.lines:
            state[f"{LINE} {line.id}"] = FIELDS[LINE].values(line)
        for code in shipment.tracking_codes:
            state[f"{CODE} {code.id}"] = FIELDS[CODE].values(code)
    return state


def difference(before: State, after: State) -> Difference:
    """What differs between two states of an order."""
    found = Difference({}, {})
    for key in {**before, **after}:
        was, now = before.get(key), after.get(key)
        if was != now:
            fields = FIELDS[table_of(key)]
            names = fields.differing(was, now) if table_of(key) == ORDER and was and now else fields.names
            found.before[key], found.after[key] = fields.to_json(was, names), fields.to_json(now, names)
    return found


def together(differences: Iterable[Difference]) -> Difference:
    """The difference that several make, one after the other."""
    before: Rows = {}
    after: Rows = {}
    for step in differences:
        for key, was in step.before.items():
            if table_of(key) == ORDER:
                before[key] = {**(was or {}), **(before.get(key) or {})}
                after[key] = {**(after.get(key) or {}), **(step.after[key] or {})}
            else:
                before.setdefault(key, was)
                after[key] = step.after[key]
    return Difference(before, after)


def stands_as(order: Order, rows: Rows) -> bool:
    """Whether an order has these rows, but for what others decide."""
    state = take(order)
    return all(_is_same(key, row, state.get(key)) for key, row in rows.items())


def shipped(rows: Rows) -> set[int]:
    """The numbers of the shipments that are shipped."""
    shipments = (values for key, values in rows.items() if table_of(key) == SHIPMENT and values is not None)
    return {values["seq"] for values in shipments if values["status"] == DeliveryStatus.SHIPPED.value}


def key_of(order: Order) -> str:
    """The key of the order's own row."""
    return f"{ORDER} {order.id}"


def table_of(key: str) -> str:
    return key.partition(" ")[0]


def id_of(key: str) -> int:
    return int(key.partition(" ")[2])


def _is_same(key: str, row: Values | None, values: tuple[Any, ...] | None) -> bool:
    fields = FIELDS[table_of(key)]
    current = fields.to_json(values, fields.names)
    if row is None or current is None:
        return row is current
    if shipped({key: row}) != shipped({key: current}):
        return False
    names = row.keys() - OTHERS_DECIDE.get(table_of(key), set())
    return all(row[name] == current[name] for name in names)


def _to_json(kind: Any, value: Any) -> Any:
    if isinstance(kind, ValueObject):
        return kind.to_json(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return value.value if isinstance(value, StrEnum) else value


def _from_json(kind: Any, value: Any) -> Any:
    if isinstance(kind, UtcDateTime):
        return utc_of_text(value)
    if isinstance(kind, Json):
        return kind.decoder()(None if value is None else json.dumps(value))
    return kind.decoder()(value) if isinstance(kind, EnumByValue) else value
