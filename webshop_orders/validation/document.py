"""Documents: JSON objects that are declared as dataclasses, each field by its type and its rules.

    @dataclass(frozen=True)
    class NewLine(Document):
        sku: Annotated[str, Text(100)]
        quantity: Annotated[int, Integer(1, 99_999)]

`reading.read` and `writing.write` follow the declaration, `json_schema` describes it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields
from enum import Enum, auto
from functools import cache, cached_property
from operator import attrgetter
from typing import Annotated, Any, ClassVar, get_args, get_origin, get_type_hints

from webshop_orders.validation.rules import Items, Rule


class Unset(Enum):
    UNSET = auto()


# The default of a field that the document may lack, and for which null means something else than absence.
UNSET: Any = Unset.UNSET


class Document:
    """A JSON object. Unknown fields are refused by name; null and blank text count as absent.

    Null is a value of its own where the field may be null and is required, or is UNSET by default.
    """

    __slots__ = ()
    __pydantic_config__: ClassVar[dict[str, Any]] = {
        "extra": "forbid",
        "json_schema_serialization_defaults_required": True,
    }

    @classmethod
    def check_together(cls, values: dict[str, Any]) -> None:
        """Check the rules that concern several fields, before each value is read by itself.

        Puts a Fault in the place of a value to refuse it, or fills in a value that follows from others.
        """


def _itself(source: Any) -> Any:
    return source


@dataclass(frozen=True)
class Source:
    """Where a field's value is taken from, if not from the attribute of its name; "" is the source object itself."""

    path: str | Callable[[Any], Any]

    @property
    def get(self) -> Callable[[Any], Any]:
        """Gives the value, called with the source object."""
        if callable(self.path):
            return self.path
        return attrgetter(self.path) if self.path else _itself


@dataclass(frozen=True)
class DeclaredType:
    """A type without None and without its annotations, which are in `rules`; `item` is the type of a list's items."""

    base: Any
    rules: tuple[Any, ...]
    is_nullable: bool
    item: DeclaredType | None = None

    @cached_property
    def is_document(self) -> bool:
        return isinstance(self.base, type) and issubclass(self.base, Document)

    @cached_property
    def is_scalar(self) -> bool:
        """Whether its values have no parts that are prepared by themselves."""
        return self.item is None and not self.is_document

    def find(self, kind: type) -> Any:
        return next((rule for rule in self.rules if isinstance(rule, kind)), None)


@dataclass(frozen=True)
class DeclaredField:
    """A field of a document."""

    name: str
    type: DeclaredType
    keeps_null: bool
    blank_rules: tuple[Rule | Items, ...]
    source: Source

    def is_absent(self, value: Any) -> bool:
        """Whether a value counts as absent."""
        if value is None:
            return not self.keeps_null
        for rule in self.blank_rules:  # noqa: SIM110 - `any` would take twice the time, and this runs for every field
            if rule.is_blank(value):
                return True
        return False


@cache
def declared_fields(document: Any) -> dict[str, DeclaredField]:
    """The fields of a document's class by name."""
    hints = get_type_hints(document, include_extras=True)
    declared = {}
    for field in fields(document):
        kind = _declared_type(hints[field.name])
        is_required = field.default is field.default_factory is MISSING
        declared[field.name] = DeclaredField(
            name=field.name,
            type=kind,
            keeps_null=kind.is_nullable and (is_required or field.default is UNSET),
            blank_rules=tuple(rule for rule in kind.rules if isinstance(rule, Rule | Items)),
            source=kind.find(Source) or Source(field.name),
        )
    return declared


def _declared_type(hint: Any) -> DeclaredType:
    base, rules, is_nullable = _unwrap(hint)
    item = _declared_type(get_args(base)[0]) if get_origin(base) is list else None
    return DeclaredType(list if item else base, rules, is_nullable, item)


def _unwrap(hint: Any) -> tuple[Any, tuple[Any, ...], bool]:
    if get_origin(hint) is Annotated:
        base, rules, is_nullable = _unwrap(get_args(hint)[0])
        return base, (*rules, *hint.__metadata__), is_nullable
    options = get_args(hint)
    if type(None) in options:
        (option,) = (option for option in options if option is not type(None))
        base, rules, _is_nullable = _unwrap(option)
        return base, rules, True
    return hint, (), False
