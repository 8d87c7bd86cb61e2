"""Immutable values of rows, with the attributes and methods of their model, for what is only read.

An entity enters the session, which loads it, finds it again by its key and notices its changes. A value is a tuple.
Unlike the objects of `plain_rows` it has no parts, and nobody who is handed the user or the shop can change it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from operator import itemgetter
from typing import Any, Generic, TypeVar

from sqlalchemy import Column, ColumnElement, Text, cast

from webshop_orders.db.columns import Json
from webshop_orders.db.extensions import Base
from webshop_orders.db.plain_objects import methods_of

T = TypeVar("T", bound=Base)


class RowValues(Generic[T]):
    """Makes values of a model: a statement selects `columns`, and `of` takes what it found, in the same sequence.

    Values are typed as the model, whose methods they have. Setting an attribute raises AttributeError. JSON is decoded
    each time that its attribute is read.
    """

    def __init__(self, model: type[T]) -> None:
        columns: list[Any] = list(model.__table__.columns)
        self.columns: list[ColumnElement[Any]] = [_selected(column) for column in columns]
        attributes = {column.key: _attribute(column, index) for index, column in enumerate(columns)}
        value_class = type(f"{model.__name__}Values", (tuple,), {"__slots__": (), **methods_of(model), **attributes})
        self.of: Callable[[Iterable[Any]], T] = partial(tuple.__new__, value_class)


def _selected(column: Column[Any]) -> ColumnElement[Any]:
    return cast(column, Text) if isinstance(column.type, Json) else column


def _attribute(column: Column[Any], index: int) -> property:
    if not isinstance(column.type, Json):
        return property(itemgetter(index))
    decode = column.type.decoder()
    return property(lambda value: decode(value[index]))
