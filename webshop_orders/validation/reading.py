"""Reading documents, with every fault at once.

pydantic builds the objects and collects the faults (https://docs.pydantic.dev/latest/concepts/dataclasses/). It is
imported with the first document that is read, so that processes which read none start without it.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, TypeVar

from flask_babel import gettext as _

from webshop_orders.errors import FieldError, InvalidDocument
from webshop_orders.validation.document import DeclaredType, Document, declared_fields
from webshop_orders.validation.rules import Fault, ShortForm, missing

MAX_FAULTS = 100
MAX_UNKNOWN = 20  # of one object
MAX_NAME_SHOWN = 100
UNKNOWN = "unexpected_keyword_argument"

# Where a value is in a document: the names and indexes that lead to it.
Location = tuple[str | int, ...]
DocumentT = TypeVar("DocumentT", bound=Document)


def read(document: type[DocumentT], value: Any) -> DocumentT:
    """The document in a JSON value; raises InvalidDocument with each field that is wrong, missing or unknown."""
    from pydantic import ValidationError

    try:
        result: DocumentT = _validator(document)(_prepare(document, value))  # type: ignore[arg-type]
    except ValidationError as error:
        raise _invalid(error.errors(include_url=False, include_input=False)) from None
    return result


def path(location: Location) -> str:
    """A location as people read it, such as `lines[2].quantity`."""
    return "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in location).lstrip(".")


def pointer(location: Location) -> str:
    """A location as a JSON pointer (RFC 6901), such as `/lines/2/quantity`."""
    return "".join("/" + str(part).replace("~", "~0").replace("/", "~1") for part in location)


@cache
def _validator(document: Any) -> Callable[[Any], Any]:
    from pydantic import TypeAdapter

    return TypeAdapter(document).validate_python


def _prepare(document: Any, value: Any) -> Any:
    """An object without values that count as absent, after the rules that concern several of its fields."""
    if not isinstance(value, dict):
        return value
    declared = declared_fields(document)
    values = {
        name: value[name] if field.type.is_scalar else _prepare_value(field.type, value[name])
        for name, field in declared.items()
        if name in value and not field.is_absent(value[name])
    }
    document.check_together(values)
    unknown = [name for name in value if name not in declared]
    return {**values, **{_printable(name): None for name in unknown[:MAX_UNKNOWN]}}


def _prepare_value(declared: DeclaredType, value: Any) -> Any:
    if declared.item is not None:
        return [_prepare_value(declared.item, item) for item in value] if isinstance(value, list) else value
    if declared.is_document:
        short_form: ShortForm | None = declared.find(ShortForm)
        return _prepare(declared.base, short_form.expand(value) if short_form else value)
    return value


def _printable(name: Any) -> str:
    return str(name)[:MAX_NAME_SHOWN].encode("utf-8", "backslashreplace").decode()


def _invalid(errors: list[Any]) -> InvalidDocument:
    unknown_last = sorted(errors, key=lambda error: len(error["loc"]) if error["type"] == UNKNOWN else 0)
    faults = [(error["loc"], _sentence(error)) for error in unknown_last[:MAX_FAULTS]]
    return InvalidDocument(
        [FieldError(pointer(location), sentence) for location, sentence in faults], field=path(faults[0][0]) or None
    )


def _sentence(error: Any) -> str:
    field = path(error["loc"])
    match error["type"]:
        case "fault":
            fault: Fault = error["ctx"]["fault"]
            return fault.sentence(field)
        case "missing":
            return missing().sentence(field)
        case "list_type":
            return _("%(field)s must be a list in brackets.", field=field)
        case "too_long":
            return _("%(field)s holds too many: at most %(most)s.", field=field, most=error["ctx"]["max_length"])
        case "dataclass_type":
            return _("%(field)s must be an object in braces.", field=field or "JSON")
        case _ if error["type"] == UNKNOWN:
            return _("%(field)s is not a field that is known here.", field=field)
    raise NotImplementedError(error["type"])
