"""Other shops' files: each record is converted by itself, so that one that cannot be is refused by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any, TypeVar

from webshop_orders.connectors.importing.records import Record
from webshop_orders.documents import order as order_document
from webshop_orders.documents import product as product_document
from webshop_orders.documents.order import NewOrder
from webshop_orders.documents.product import NewProduct

T = TypeVar("T")

Convert = Callable[[], dict[str, Any]]


def orders(documents: Iterable[Convert]) -> Iterator[Record[NewOrder]]:
    """The orders of a file, which are converted to our documents one by one."""
    return _records(documents, order_document.read)


def products(documents: Iterable[Convert]) -> Iterator[Record[NewProduct]]:
    """The same for products."""
    return _records(documents, product_document.read)


def _records(documents: Iterable[Convert], read: Callable[[Any], T]) -> Iterator[Record[T]]:
    return (Record(number, None, partial(_read, convert, read)) for number, convert in enumerate(documents, start=1))


def _read(convert: Convert, read: Callable[[Any], T]) -> T:
    return read(convert())
