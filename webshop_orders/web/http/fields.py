"""Strict form fields: each accepts an exact format, and keeps a refused value as it was typed."""

import re
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from markupsafe import Markup
from wtforms import Field
from wtforms.validators import StopValidation

from webshop_orders.models import MAX_QUANTITY
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.text.patterns import CONTROL, CONTROL_EXCEPT_NEWLINE, EMAIL, SURROGATE, without_direction_marks
from webshop_orders.web.http import controls


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
