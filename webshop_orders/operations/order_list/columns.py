"""What the list of orders shows of each order beside its number, as each user chose it."""

from collections.abc import Iterable
from enum import StrEnum

from webshop_orders.models import User


class Column(StrEnum):
    """What can be shown, in the sequence in which it stands."""

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


USUAL = [Column.PLACED, Column.CUSTOMER, Column.STATUS, Column.ITEMS, Column.TOTAL]


def of(user: User) -> list[Column]:
    """What a user has the list show; what they chose when there was more to choose from is left out."""
    return USUAL if user.list_columns is None else [column for column in Column if column.value in user.list_columns]


def choose(user: User, columns: Iterable[str]) -> None:
    """Have the list show these; those who choose the usual ones follow what is usual later on, too."""
    chosen = [column for column in Column if column.value in set(columns)]
    user.list_columns = None if chosen == USUAL else [column.value for column in chosen]
