"""Other shops' files: each record is converted by itself, so that one that cannot be is refused by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sized
from functools import partial
from typing import Any, Protocol, TypeVar

from webshop_orders.connectors.importing.records import Record, Source
from webshop_orders.documents import product as product_document
from webshop_orders.documents import source_order
from webshop_orders.documents.order import NewOrder
from webshop_orders.documents.product import NewProduct

T = TypeVar("T")

Convert = Callable[[], dict[str, Any]]


class Documents(Sized, Protocol):
    """The documents of a file, as functions that convert one each."""

    def __iter__(self) -> Iterator[Convert]: ...


def orders(documents: Documents) -> Source[NewOrder]:
    """The orders of a file, which are converted to our documents one by one."""
    return _source(documents, source_order.read)


def products(documents: Documents) -> Source[NewProduct]:
    """The same for products."""
    return _source(documents, product_document.read)


def _source(documents: Documents, read: Callable[[Any], T]) -> Source[T]:
    count, started = len(documents), [0]

    def records() -> Iterator[Record[T]]:
        for number, convert in enumerate(documents, start=1):
            started[0] = number
            yield Record(number, None, partial(_read, convert, read))

    return Source(records(), lambda: started[0] / count if count else 1.0)


def _read(convert: Convert, read: Callable[[Any], T]) -> T:
    return read(convert())
