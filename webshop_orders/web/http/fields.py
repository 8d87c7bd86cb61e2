"""The one strict set of form fields: what they take, they take exactly, and what they refuse, they keep as typed."""

import re
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field
from wtforms.validators import StopValidation
from wtforms.widgets import CheckboxInput, TextArea, TextInput

from webshop_orders.models import MAX_QUANTITY
from webshop_orders.text.patterns import CONTROL, CONTROL_EXCEPT_NEWLINE, EMAIL, SURROGATE


class StrictField(Field):
    """A field of one line of text; an empty one that is not required has None as its data."""

    data: Any
    widget = TextInput()
    multiline = False

    def __init__(self, label: Any = None, *, most: int = 200, required: bool = False, **rest: Any) -> None:
        super().__init__(label, **rest)
        self.most = most
        self.required = required
        self.raw = ""

    def _value(self) -> str:
        if self.raw_data is not None:
            return self.raw
        return "" if self.data is None else str(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.raw = valuelist[0] if valuelist else ""
        self.data = None

    def pre_validate(self, form: Any) -> None:
        text = self.raw.replace("\r\n", "\n").replace("\r", "\n").strip()
        if not text:
            if self.required:
                raise StopValidation(self.empty_message())
            return
        if len(text) > self.most:
            raise StopValidation(
                _("At most %(most)s characters, please; this is %(length)s.", most=self.most, length=len(text))
            )
        if (CONTROL_EXCEPT_NEWLINE if self.multiline else CONTROL).search(text) or SURROGATE.search(text):
            raise StopValidation(_("This holds characters that cannot be used here, such as line breaks."))
        self.data = self.read(text)

    def empty_message(self) -> str:
        return _("This cannot be empty.")

    def read(self, text: str) -> Any:
        """The value that some non-empty text stands for; raises StopValidation with a sentence."""
        return text


class TextField(StrictField):
    pass


class LongTextField(StrictField):
    widget = TextArea()
    multiline = True


class EmailField(StrictField):
    def __init__(self, label: Any = None, **rest: Any) -> None:
        super().__init__(label, most=254, **rest)

    def read(self, text: str) -> str:
        if not EMAIL.fullmatch(text):
            raise StopValidation(_("Give an e-mail address such as name@example.com."))
        return text


class NumberField(StrictField):
    """A whole number in plain digits: Python's `int` would take `٣`, `1_000` and ` 5 `."""

    def __init__(self, label: Any = None, *, least: int, greatest: int, **rest: Any) -> None:
        super().__init__(label, most=200, required=True, **rest)
        self.least = least
        self.greatest = greatest

    def empty_message(self) -> str:
        return self._range()

    def read(self, text: str) -> int:
        if not re.fullmatch(r"0|[1-9][0-9]{0,11}", text) or not self.least <= int(text) <= self.greatest:
            raise StopValidation(self._range())
        return int(text)

    def _range(self) -> str:
        return _("Give a whole number from %(least)s to %(most)s.", least=self.least, most=self.greatest)


class QuantityField(NumberField):
    def __init__(self, label: Any = None, **rest: Any) -> None:
        super().__init__(label, least=1, greatest=MAX_QUANTITY, **rest)


class ChoiceField(StrictField):
    """One of a few values; `choices` are pairs of value and label, and may be set after the form is made."""

    def __init__(self, label: Any = None, *, choices: Iterable[tuple[str, Any]] = (), **rest: Any) -> None:
        super().__init__(label, **rest)
        self.choices = list(choices)

    def empty_message(self) -> str:
        return _("Choose one of the alternatives.")

    def read(self, text: str) -> str:
        if text not in dict(self.choices):
            raise StopValidation(self.empty_message())
        return text


class ChoicesField(Field):
    """Any of a few values, each as a tick box."""

    data: Any

    def __init__(self, label: Any = None, *, choices: Iterable[tuple[str, Any]], **rest: Any) -> None:
        super().__init__(label, **rest)
        self.choices = list(choices)

    @property
    def chosen(self) -> list[str]:
        return list(self.data or [])

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = [value for value in valuelist if value in dict(self.choices)]

    def pre_validate(self, form: Any) -> None:
        if not self.data:
            raise StopValidation(_("Choose at least one."))


class FlagField(Field):
    """A tick box; without a tick the browser sends nothing at all."""

    widget = CheckboxInput()

    def _value(self) -> str:
        return "yes"

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = bool(valuelist)


INCOMPLETE = _l("The form did not arrive whole, so nothing was changed. Reload the page and try again.")
