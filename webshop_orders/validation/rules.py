"""Rules for the values of a document's fields, as annotations: `sku: Annotated[str, Text(100)]`.

Each rule reads one JSON value, or raises a Fault with a translated sentence, and describes itself as JSON Schema.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any

from babel.numbers import is_currency
from flask_babel import gettext as _

from webshop_orders.clock import now
from webshop_orders.text.patterns import CONTROL, CONTROL_EXCEPT_NEWLINE, EMAIL, SURROGATE, without_direction_marks

Schema = dict[str, Any]

# JSON Schema patterns: no control characters, and something besides spaces and the direction marks that are removed.
BLANK = r"\s\u202a-\u202e\u2066-\u2069"
ONE_LINE = (
    rf"^[^\x00-\x1f\x7f-\x9f\u2028\u2029]*[^{BLANK}\x00-\x1f\x7f-\x9f\u2028\u2029][^\x00-\x1f\x7f-\x9f\u2028\u2029]*$"
)
MANY_LINES = rf"^[^\x00-\x09\x0b-\x1f\x7f-\x9f]*[^{BLANK}\x00-\x1f\x7f-\x9f][^\x00-\x09\x0b-\x1f\x7f-\x9f]*$"

# RFC 3339, section 5.6.
TIMESTAMP = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?([Zz]|[+-][0-9]{2}:[0-9]{2})"
)
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
MAX_RATES = 50
EARLIEST = datetime(1970, 1, 1, tzinfo=UTC)
LATEST = datetime(2100, 1, 1, tzinfo=UTC)


class Fault(Exception):
    """A value that is refused; `sentence` says why, given the path of the field, such as `lines[2].quantity`."""

    def __init__(self, sentence: Callable[[str], str]) -> None:
        super().__init__("the value is refused")
        self.sentence = sentence


def missing() -> Fault:
    return Fault(lambda field: _("%(field)s is missing.", field=field))


def must_look_like(example: str) -> Fault:
    return Fault(lambda field: _("%(field)s must look like %(example)s.", field=field, example=example))


class Rule:
    """What one value of a document must be."""

    def read(self, value: Any) -> Any:
        """The value as it is stored; raises Fault."""
        raise NotImplementedError

    def schema(self) -> Schema:
        """JSON Schema of what is accepted."""
        raise NotImplementedError

    def output_schema(self) -> Schema:
        """JSON Schema of what is written: the type alone, since stored values may be older than a rule."""
        return {name: value for name, value in self.schema().items() if name in {"type", "format", "enum"}}

    def is_blank(self, value: Any) -> bool:
        """Whether a value counts as absent."""
        return False

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        from pydantic_core import core_schema

        return core_schema.no_info_plain_validator_function(self._validate)

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> Schema:
        return self.schema() if handler.mode == "validation" else self.output_schema()

    def _validate(self, value: Any) -> Any:
        try:
            return self.read(value)
        except Fault as fault:
            from pydantic_core import PydanticCustomError

            # A rule that concerns several fields has put its own fault in the place of the value.
            own = value if isinstance(value, Fault) else fault
            raise PydanticCustomError("fault", "fault", {"fault": own}) from None


@dataclass(frozen=True)
class Text(Rule):
    """Text without spaces around it; blank text counts as absent."""

    max_length: int = 200
    multiline: bool = False

    def read(self, value: Any) -> Any:
        if not isinstance(value, str):
            raise Fault(lambda field: _("%(field)s must be text in quotes.", field=field))
        text = self._trim(value)
        if len(text) > self.max_length:
            raise Fault(
                lambda field: _(
                    "%(field)s is too long: at most %(most)s characters.", field=field, most=self.max_length
                )
            )
        if (CONTROL_EXCEPT_NEWLINE if self.multiline else CONTROL).search(text) or SURROGATE.search(text):
            raise Fault(
                lambda field: _(
                    "%(field)s holds characters that cannot be used there, such as line breaks.", field=field
                )
            )
        return text

    def schema(self) -> Schema:
        pattern = MANY_LINES if self.multiline else ONE_LINE
        return {"type": "string", "minLength": 1, "maxLength": self.max_length, "pattern": pattern}

    def is_blank(self, value: Any) -> bool:
        return isinstance(value, str) and not self._trim(value)

    def _trim(self, value: str) -> str:
        text = without_direction_marks(value)
        return text.replace("\r\n", "\n").strip() if self.multiline else text.strip(" ")


@dataclass(frozen=True, kw_only=True)
class Pattern(Text):
    """Text that matches a regular expression as a whole; a refusal shows the example."""

    pattern: str
    example: str

    def read(self, value: Any) -> Any:
        text = super().read(value)
        if not re.fullmatch(self.pattern, text):
            raise must_look_like(self.example)
        return text

    def schema(self) -> Schema:
        limit = {} if self.max_length == Text.max_length else {"maxLength": self.max_length}
        return {"type": "string", "pattern": f"^{self.pattern}$", **limit}


@dataclass(frozen=True, kw_only=True)
class CurrencyRule(Pattern):
    """The code of an ISO 4217 currency. Blank text is none, rather than that of the shop."""

    pattern: str = "[A-Z]{3}"
    example: str = "SEK"

    def read(self, value: Any) -> Any:
        code = super().read(value)
        if not is_currency(code):
            raise Fault(lambda field: _("%(field)s is no currency.", field=field))
        return code

    def is_blank(self, value: Any) -> bool:
        return False


@dataclass(frozen=True, kw_only=True)
class Email(Pattern):
    """An e-mail address that cannot break a header; whether it exists, only a mail can tell."""

    max_length: int = 254
    pattern: str = EMAIL.pattern
    example: str = "name@example.com"

    def schema(self) -> Schema:
        return {"type": "string", "format": "email", "maxLength": self.max_length}

    def output_schema(self) -> Schema:
        return {"type": "string"}


@dataclass(frozen=True)
class Choice(Rule):
    """One of the values of an enum, or of some of them; a refusal shows the example.

    Blank text is none of them, and counts as absent only where `can_be_blank`.
    """

    values: type[StrEnum] | tuple[StrEnum, ...]
    example: StrEnum
    can_be_blank: bool = False

    def read(self, value: Any) -> Any:
        text = Text().read(value)
        selected = next((member for member in self.values if member.value == text), None)
        if selected is None:
            raise must_look_like(self.example.value)
        return selected

    def schema(self) -> Schema:
        return {"type": "string", "enum": [member.value for member in self.values]}

    def is_blank(self, value: Any) -> bool:
        return self.can_be_blank and Text().is_blank(value)


@dataclass(frozen=True)
class Timestamp(Rule):
    """An RFC 3339 time with its zone, read as UTC; `max_ahead` is how far it may lie in the future."""

    max_ahead: timedelta | None = None

    def read(self, value: Any) -> Any:
        text = Text().read(value)
        try:
            timestamp = datetime.fromisoformat(text.upper()).astimezone(UTC) if TIMESTAMP.fullmatch(text) else None
        except (ValueError, OverflowError):
            timestamp = None
        if timestamp is None or not EARLIEST <= timestamp < LATEST:
            raise must_look_like("2026-11-23T09:14:00Z")
        if self.max_ahead is not None and timestamp > now() + self.max_ahead:
            raise Fault(lambda field: _("%(field)s lies in the future.", field=field))
        return timestamp

    def schema(self) -> Schema:
        return {"type": "string", "format": "date-time"}

    def is_blank(self, value: Any) -> bool:
        return Text().is_blank(value)


@dataclass(frozen=True)
class Day(Rule):
    """A day as ISO 8601 has it."""

    def read(self, value: Any) -> Any:
        text = Text().read(value)
        try:
            day = date.fromisoformat(text) if DAY.fullmatch(text) else None
        except ValueError:
            day = None
        if day is None or not EARLIEST.date() <= day < LATEST.date():
            raise must_look_like("2026-12-24")
        return day

    def schema(self) -> Schema:
        return {"type": "string", "format": "date"}

    def is_blank(self, value: Any) -> bool:
        return Text().is_blank(value)


@dataclass(frozen=True)
class Integer(Rule):
    """A whole number; 3.0, "3" and true are refused."""

    minimum: int = 0
    maximum: int = 10**18 - 1

    def read(self, value: Any) -> Any:
        if type(value) is not int or not self.minimum <= value <= self.maximum:
            raise Fault(
                lambda field: _(
                    "%(field)s must be a whole number from %(least)s to %(greatest)s.",
                    field=field,
                    least=self.minimum,
                    greatest=self.maximum,
                )
            )
        return value

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


def _is_vat_of_rate(item: tuple[Any, Any]) -> bool:
    rate, vat = item
    is_rate = isinstance(rate, str) and re.fullmatch("0|[1-9][0-9]{0,3}|10000", rate) is not None
    return is_rate and type(vat) is int and abs(vat) < 10**18


@dataclass(frozen=True)
class VatByRate(Rule):
    """Amounts of VAT in öre by their rate in basis points, which is text since JSON has no other keys."""

    def read(self, value: Any) -> Any:
        if not isinstance(value, dict) or len(value) > MAX_RATES or not all(map(_is_vat_of_rate, value.items())):
            raise must_look_like('{"2500": 7180}')
        return value

    def schema(self) -> Schema:
        return {"type": "object", "additionalProperties": {"type": "integer"}, "maxProperties": MAX_RATES}


@dataclass(frozen=True)
class Boolean(Rule):
    """true or false."""

    def read(self, value: Any) -> Any:
        if not isinstance(value, bool):
            raise Fault(lambda field: _("%(field)s must be true or false.", field=field))
        return value

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True)
class Items:
    """How many items a list has."""

    maximum: int
    minimum: int = 0

    def is_blank(self, value: Any) -> bool:
        return self.minimum > 0 and value == []

    def __get_pydantic_core_schema__(self, source: Any, handler: Any) -> Any:
        return {**handler(source), "max_length": self.maximum}

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> Schema:
        schema: Schema = {name: value for name, value in handler(core).items() if name != "maxItems"}
        is_input = handler.mode == "validation"
        return {**schema, "minItems": self.minimum, "maxItems": self.maximum} if is_input else schema


@dataclass(frozen=True)
class ShortForm:
    """Text is accepted in place of the object, as its field of this name."""

    field: str

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> Schema:
        schema = handler(core)
        return {"anyOf": [handler.resolve_ref_schema(schema)["properties"][self.field], schema]}

    def expand(self, value: Any) -> Any:
        return {self.field: value} if isinstance(value, str) else value


@dataclass(frozen=True)
class Description:
    """A remark on a field for readers of the API's description."""

    text: str

    def __get_pydantic_json_schema__(self, core: Any, handler: Any) -> Schema:
        return {**handler(core), "description": self.text}
