"""Orders of other shops' files: each is converted by itself, so that one that cannot be is refused by itself."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from webshop_orders.connectors.importing.records import Record
from webshop_orders.documents import order as order_document
from webshop_orders.documents.order import NewOrder

Convert = Callable[[], dict[str, Any]]


def records(documents: Iterable[Convert]) -> Iterator[Record[NewOrder]]:
    """The orders of a file, which are converted to our documents one by one."""
    return (Record(number, None, partial(_read, convert)) for number, convert in enumerate(documents, start=1))


def _read(convert: Convert) -> NewOrder:
    return order_document.read(convert())
