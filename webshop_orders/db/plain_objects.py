"""Objects with the attributes and methods of a model but without its mapping, for rows written in bulk or only read.

SQLAlchemy notices each change of a mapped object, which takes most of the time of making an order that is inserted by
COPY and never changed, or that a page shows. A plain object runs the same methods, so that both follow the same rules.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from types import FunctionType
from typing import Any, Protocol, TypeVar, cast

from sqlalchemy import inspect

from webshop_orders.db.extensions import Base

T = TypeVar("T", bound=Base)


class Make(Protocol):
    """Gives the constructor of a model's objects: `mapped` or `plain`."""

    def __call__(self, model: type[T], /) -> Callable[..., T]: ...


def mapped(model: type[T], /) -> Callable[..., T]:
    """The model itself, whose objects enter the session."""
    return model


def plain(model: type[T], /) -> Callable[..., T]:
    """The constructor of objects that never enter it; relationships are plain attributes, which nothing keeps in step.

    Attributes that are not given are absent, except for nullable columns and those with a constant default.
    """
    return cast("Callable[..., T]", _plain_class(model))


def methods_of(model: Any) -> dict[str, Any]:
    """The methods and properties of a model, which need no mapping."""
    return {
        name: value
        for parent in reversed(model.__mro__)
        if parent not in Base.__mro__
        for name, value in vars(parent).items()
        if isinstance(value, FunctionType | property) and not name.startswith("__")
    }


@cache
def _plain_class(model: Any) -> type:
    defaults = _defaults(model)
    composites = {
        composite.key: [(column.key, field) for column, field in zip(composite.props, _fields(composite), strict=True)]
        for composite in inspect(model).composites
    }

    def construct(self: Any, **values: Any) -> None:
        attributes = vars(self)
        attributes.update(values)
        for name, columns in composites.items():
            for column, field in columns:
                attributes[column] = getattr(values[name], field)

    return type(f"Plain{model.__name__}", (), {**defaults, **methods_of(model), "__init__": construct})


def _fields(composite: Any) -> list[str]:
    """The fields of a composite's class, in the sequence of its columns."""
    return list(composite.composite_class.__dataclass_fields__)


def _defaults(model: Any) -> dict[str, Any]:
    """The values of attributes of new objects, as the class has them."""
    mapper: Any = inspect(model)
    return {
        mapper.get_property_by_column(column).key: column.default.arg if column.default is not None else None
        for column in mapper.local_table.columns
        if (column.default is None and column.nullable) or getattr(column.default, "is_scalar", False)
    }
