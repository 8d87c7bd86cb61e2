"""Writing documents, and the reverse: the attributes that a document is written from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import Any

from webshop_orders.validation.document import DeclaredType, Document, declared_fields

Convert = Callable[[Any], Any]
_VALUE = attrgetter("value")


def write(document: Any, source: object) -> dict[str, Any]:
    """A document as plain JSON values, each field from the attribute of its name or from its Source."""
    return {name: convert(get(source)) if convert else get(source) for name, get, convert in _fields(document)}


def attributes(value: Document, document: Any) -> dict[str, Any]:
    """The fields of a document by the attribute that each is written from: the reverse of `write`."""
    values: dict[str, Any] = {}
    for name, source in _sources(document):
        part = getattr(value, name)
        if source == "":
            values |= attributes(part, type(part))
        else:
            values[source] = part
    return values


def format_timestamp(timestamp: datetime | None) -> str | None:
    """A time as RFC 3339 has it, in UTC."""
    return timestamp.isoformat().replace("+00:00", "Z") if timestamp else None


@cache
def _sources(document: Any) -> tuple[tuple[str, str], ...]:
    return tuple((field.name, str(field.source.path)) for field in declared_fields(document).values())


@cache
def _fields(document: Any) -> tuple[tuple[str, Convert, Convert | None], ...]:
    return tuple((field.name, field.source.get, _converter(field.type)) for field in declared_fields(document).values())


def _converter(declared: DeclaredType) -> Convert | None:
    """What makes a plain JSON value of a value; None where it is one already."""
    base = declared.base
    if declared.item is not None:
        convert = _converter(declared.item)
        return (lambda values: [convert(value) for value in values]) if convert else list
    if is_dataclass(base):
        return lambda value: None if value is None else write(base, value)
    if base is datetime:
        return format_timestamp
    if base is date:
        return lambda day: day.isoformat() if day else None
    if isinstance(base, type) and issubclass(base, Enum):
        return _VALUE
    return None
