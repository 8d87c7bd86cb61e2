"""JSON lines: an order or a product as our API has it on each line."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, NoReturn, TypeVar

from webshop_orders.connectors.importing.files import TextFile
from webshop_orders.connectors.importing.records import Record, Source
from webshop_orders.documents import order as order_document
from webshop_orders.documents import product as product_document
from webshop_orders.documents.order import NewOrder
from webshop_orders.documents.product import NewProduct
from webshop_orders.errors import RuleViolation
from webshop_orders.validation.json_text import load

T = TypeVar("T")


def orders(file: TextFile) -> Source[NewOrder]:
    return Source(_records(file, "external_reference", order_document.read), file.share)


def products(file: TextFile) -> Source[NewProduct]:
    return Source(_records(file, "sku", product_document.read), file.share)


def _records(file: TextFile, key: str, read: Callable[[Any], T]) -> Iterator[Record[T]]:
    return (_record(number, line, key, read) for number, line in enumerate(file.lines(), start=1) if not line.isspace())


def _record(number: int, line: str, key: str, read: Callable[[Any], T]) -> Record[T]:
    try:
        value = load(line)
    except RuleViolation as violation:
        return Record(number, None, partial(_refuse, violation))
    reference = value.get(key) if isinstance(value, dict) else None
    return Record(number, reference if isinstance(reference, str) else None, partial(read, value))


def _refuse(violation: RuleViolation) -> NoReturn:
    raise violation
