"""The columns that the list of orders has beside the order number, as each user selected them."""

from collections.abc import Iterable
from enum import StrEnum

from webshop_orders.models import User


class Column(StrEnum):
    """All columns, from left to right."""

    REFERENCE = "reference"
    PLACED = "placed"
    CUSTOMER = "customer"
    EMAIL = "email"
    PHONE = "phone"
    CITY = "city"
    STATUS = "status"
    PAYMENT = "payment"
    SHIPPING = "shipping"
    ITEMS = "items"
    TOTAL = "total"
    CHANGED = "changed"


DEFAULT_COLUMNS = [Column.PLACED, Column.CUSTOMER, Column.STATUS, Column.ITEMS, Column.TOTAL]


def columns_of(user: User) -> list[Column]:
    """A user's columns; selected ones that no longer exist are left out."""
    if user.list_columns is None:
        return DEFAULT_COLUMNS
    return [column for column in Column if column.value in user.list_columns]


def save(user: User, names: Iterable[str]) -> None:
    """Save a user's columns. The default ones are stored as None, so that the user follows changes of the defaults."""
    selected = set(names)
    columns = [column for column in Column if column.value in selected]
    user.list_columns = None if columns == DEFAULT_COLUMNS else [column.value for column in columns]
