"""Strict form fields: each accepts an exact format, and keeps a refused value as it was typed."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import Field
from wtforms.validators import StopValidation

from webshop_orders.models import MAX_QUANTITY
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.text.patterns import CONTROL, CONTROL_EXCEPT_NEWLINE, EMAIL, SURROGATE, without_direction_marks
from webshop_orders.web.http import controls

AMOUNT = re.compile(r"(?:[0-9]{1,12}|[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3}){1,3})(?:[.,][0-9]{1,3})?")
BLANKS = re.compile(r"[ \u00a0\u202f]")
ISO_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
PERCENTAGE = re.compile(r"[0-9]{1,3}(?:[.,][0-9]{1,2})?")
MAX_PERCENTAGE = 100


@dataclass(frozen=True)
class Percentage:
    """A share, in basis points."""

    basis_points: int


class StrictField(Field):
    """One line of text; `data` is None where an optional field is empty."""

    data: Any
    is_refusal = False  # whether the page was refused for this field, which then has the focus
    control = staticmethod(controls.text_input)
    multiline = False

    def __init__(self, label: Any = None, *, max_length: int = 200, required: bool = False, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.max_length = max_length
        self.required = required
        self.raw = ""

    def __call__(self, **attributes: Any) -> Markup:
        return self.control(self, attributes)

    def _value(self) -> str:
        if self.raw_data is not None:
            return self.raw
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.raw = valuelist[0] if valuelist else ""
        self.data = None

    def fill(self, value: Any) -> None:
        """Replace what was typed by a value."""
        self.data, self.raw = value, "" if value is None else str(value)

    def pre_validate(self, form: Any) -> None:
        refuse_repeated(self.raw_data)
        text = without_direction_marks(self.raw.replace("\r\n", "\n").replace("\r", "\n")).strip()
        if not text:
            if self.required:
                raise StopValidation(self.empty_message())
            return
        if len(text) > self.max_length:
            raise StopValidation(
                _("At most %(most)s characters, please; this is %(length)s.", most=self.max_length, length=len(text))
            )
        if (CONTROL_EXCEPT_NEWLINE if self.multiline else CONTROL).search(text) or SURROGATE.search(text):
            raise StopValidation(_("This holds characters that cannot be used here, such as line breaks."))
        self.data = self.read(text)

    def empty_message(self) -> str:
        return _("This cannot be empty.")

    def read(self, text: str) -> Any:
        """Convert non-empty text to the value; raises StopValidation with a sentence."""
        return text


class TextField(StrictField):
    pass


class LongTextField(StrictField):
    control = staticmethod(controls.text_area)
    multiline = True


class PasswordField(StrictField):
    """A password exactly as typed, spaces included; it is never rendered."""

    def pre_validate(self, form: object) -> None:
        super().pre_validate(form)
        self.data = self.raw


class EmailField(StrictField):
    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, max_length=254, **kwargs)

    def read(self, text: str) -> str:
        if not EMAIL.fullmatch(text):
            raise StopValidation(_("Give an e-mail address such as name@example.com."))
        return text


class NumberField(StrictField):
    """An integer in ASCII digits; Python's `int` would accept `٣`, `1_000` and ` 5 `."""

    def __init__(self, label: Any = None, *, minimum: int, maximum: int, **kwargs: Any) -> None:
        super().__init__(label, max_length=200, required=True, **kwargs)
        self.minimum = minimum
        self.maximum = maximum

    def empty_message(self) -> str:
        return self._range()

    def read(self, text: str) -> int:
        if not re.fullmatch(r"0|[1-9][0-9]{0,11}", text) or not self.minimum <= int(text) <= self.maximum:
            raise StopValidation(self._range())
        return int(text)

    def _range(self) -> str:
        return _("Give a whole number from %(least)s to %(most)s.", least=self.minimum, most=self.maximum)


class QuantityField(NumberField):
    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, minimum=1, maximum=MAX_QUANTITY, **kwargs)


class MoneyField(StrictField):
    """An amount in ASCII digits, such as 199, 199,50 or 1 234.50; `data` is a Decimal of the currency's major unit."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, max_length=200, **kwargs)

    def empty_message(self) -> str:
        return self._example()

    def read(self, text: str) -> Decimal | Percentage:
        if not AMOUNT.fullmatch(text):
            raise StopValidation(self._example())
        return Decimal(BLANKS.sub("", text).replace(",", "."))

    def _example(self) -> str:
        return _("Give an amount from 0 upwards, such as 199 or 199.50.")


class DiscountField(MoneyField):
    """An amount, or else a share such as 10 %, of which `data` is a Percentage."""

    def read(self, text: str) -> Decimal | Percentage:
        return read_percentage(text) if text.endswith("%") else super().read(text)

    def _example(self) -> str:
        return _("Give an amount such as 50, or a share such as 10 %.")


class PercentageField(StrictField):
    """A share in percent, with or without the sign; `data` is a Percentage."""

    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, max_length=200, required=True, **kwargs)

    def empty_message(self) -> str:
        return _percentages()

    def read(self, text: str) -> Percentage:
        return read_percentage(text)


def read_percentage(text: str) -> Percentage:
    """A share such as `10 %`, `12,5%` or `25`; raises StopValidation outside 0 to 100 percent."""
    number = text.removesuffix("%").rstrip()
    if not PERCENTAGE.fullmatch(number) or (share := Decimal(number.replace(",", "."))) > MAX_PERCENTAGE:
        raise StopValidation(_percentages())
    return Percentage(int(share * 100))


def _percentages() -> str:
    return _("Give a share from 0 to 100 %, such as 25 or 12.5.")


class DateField(StrictField):
    """A day in ISO 8601, as browsers send one; `data` is a date."""

    def __call__(self, **attributes: Any) -> Markup:
        return self.control(self, {"type": "date", **attributes})

    def empty_message(self) -> str:
        return _dates()

    def read(self, text: str) -> date:
        if not ISO_DATE.fullmatch(text):
            raise StopValidation(_dates())
        try:
            return date.fromisoformat(text)
        except ValueError:  # such as February 30
            raise StopValidation(_dates()) from None


def _dates() -> str:
    return _("Give a day such as 2026-11-23.")


class ChoiceField(StrictField):
    """One of a few values; `choices` are pairs of value and label."""

    def __init__(self, label: Any = None, *, choices: Iterable[tuple[str, Any]] = (), **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.choices = list(choices)

    def empty_message(self) -> str:
        return _("Choose one of the alternatives.")

    def read(self, text: str) -> str:
        if text not in dict(self.choices):
            raise StopValidation(self.empty_message())
        return text


class ChoicesField(Field):
    """Any of a few values, each a checkbox."""

    data: Any
    is_refusal = False

    def __init__(self, label: Any = None, *, choices: Iterable[tuple[str, Any]], **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.choices = list(choices)

    @property
    def selected(self) -> list[str]:
        return list(self.data or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = [value for value in valuelist if value in dict(self.choices)]

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            raise StopValidation(_("Choose at least one."))


class FlagField(Field):
    """A checkbox; the browser sends nothing for an unchecked one."""

    is_refusal = False

    def __call__(self, **attributes: Any) -> Markup:
        return controls.checkbox(self, attributes)

    def _value(self) -> str:
        return "yes"

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = bool(valuelist and valuelist[0])

    def pre_validate(self, form: Any) -> None:
        refuse_repeated(self.raw_data)


def refuse_repeated(values: list[str] | None) -> None:
    """Raise StopValidation for a field that came twice, of which nobody knows which one is meant."""
    if values is not None and len(values) > 1:
        raise StopValidation(_("This came twice, so it is not clear which is meant."))


INCOMPLETE = _l("The form did not arrive whole, so nothing was changed. Reload the page and try again.")
