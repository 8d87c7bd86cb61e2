"""Strict JSON text: no duplicate keys, no NaN, no endless numbers (RFC 8259)."""

from __future__ import annotations

import json
from typing import Any, NoReturn

from flask_babel import gettext as _

from webshop_orders.errors import MalformedInput

MAX_CHARACTERS = 2 * 1024 * 1024
MAX_DIGITS = 18
MAX_NAME_SHOWN = 100


def load(text: str | bytes) -> Any:
    """The value of a JSON text.

    Raises MalformedInput for text that is too long, is not JSON, is not UTF-8, names a field twice or nests too deeply.
    """
    if len(text) > MAX_CHARACTERS:
        raise MalformedInput(_("This is too long: at most %(most)s characters can be taken.", most=MAX_CHARACTERS))
    return load_all(text)


def load_all(text: str | bytes) -> Any:
    """The same without a limit on the length, for files that a person imports."""
    try:
        decoded = text.decode("utf-8") if isinstance(text, bytes) else text
        return json.loads(
            decoded, object_pairs_hook=_unique_fields, parse_constant=_refuse_constant, parse_int=_integer
        )
    except UnicodeDecodeError:
        raise MalformedInput(_("This is not UTF-8 text.")) from None
    except json.JSONDecodeError as error:
        raise MalformedInput(
            _("This is not JSON: it goes wrong at character %(place)s.", place=error.pos + 1)
        ) from None
    except RecursionError:
        raise MalformedInput(_("This is nested too deeply.")) from None


def decode_prefix(text: str, start: int) -> tuple[Any, int]:
    """The value that begins at a place of a text, and the place where it ends, by the same rules.

    Raises JSONDecodeError where no value begins there or it is cut off, and MalformedInput as `load` does.
    """
    try:
        return _DECODER.raw_decode(text, start)
    except RecursionError:
        raise MalformedInput(_("This is nested too deeply.")) from None


def _unique_fields(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            shown = name[:MAX_NAME_SHOWN]
            raise MalformedInput(_("The field %(field)s is given twice.", field=shown), field=shown)
        fields[name] = value
    return fields


def _refuse_constant(name: str) -> NoReturn:
    raise MalformedInput(_("%(constant)s is not a number that JSON knows.", constant=name))


def _integer(digits: str) -> int:
    if len(digits) > MAX_DIGITS:  # Python's own limit raises a ValueError whose sentence is not translated
        raise MalformedInput(_("A number has too many digits."))
    return int(digits)


_DECODER = json.JSONDecoder(object_pairs_hook=_unique_fields, parse_constant=_refuse_constant, parse_int=_integer)
