"""The forms of a product: of each of its fields, of its row in the list, of a movement of stock and of a count."""

import re
from collections.abc import Iterable
from typing import Any, Self

from flask import request
from wtforms.validators import StopValidation

from webshop_orders.documents.barcode import MAX_BARCODE_LENGTH, BarcodeRule
from webshop_orders.documents.fields import MAX_PRODUCT_NAME_LENGTH, MAX_SHELF_PLACE_LENGTH
from webshop_orders.documents.stock import MAX_COUNTED, MAX_NOTE_LENGTH
from webshop_orders.errors import DomainError, StaleFields
from webshop_orders.models import MAX_QUANTITY, MovementReason, Product
from webshop_orders.models.stock_movement import BY_HAND
from webshop_orders.text.formatting import integer, percent, typed_amount
from webshop_orders.text.languages import current as current_language
from webshop_orders.text.languages import gettext as _
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.validation.rules import Fault
from webshop_orders.web.http.fields import (
    ChoiceField,
    MoneyField,
    NumberField,
    PercentageField,
    StrictField,
    TextField,
)
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.orders import amounts
from webshop_orders.web.stock import words

SIGNED = re.compile(r"([+-])?([1-9][0-9]{0,5})")
VERSION = re.compile(r"[0-9]{1,9}")
FLAGS = {"default": None, "yes": True, "no": False}
YES_OR_NO = [("yes", _l("Yes")), ("no", _l("No"))]
FIELDS = ("name", "shelf_place", "barcode", "backorderable", "active")
PRICE_FIELDS = ("price", "vat_rate")


class BarcodeField(StrictField):
    def read(self, text: str) -> str:
        try:
            code: str = BarcodeRule().read(text)
        except Fault as fault:
            raise StopValidation(fault.sentence(str(self.label.text))) from None
        return code


class UnitsField(StrictField):
    """So many units more or less: `+50`, `50` or `-2`; a minus sign may be a dash, as phones type it."""

    def empty_message(self) -> str:
        most = integer(MAX_QUANTITY, current_language())
        return _("Give how many units more or less, such as +50 or -2, at most %(most)s.", most=most)

    def read(self, text: str) -> int:
        match = SIGNED.fullmatch(text.replace("−", "-").replace("–", "-").replace("- ", "-").replace("+ ", "+"))
        if match is None:
            raise StopValidation(self.empty_message())
        return int(match[2]) * (-1 if match[1] == "-" else 1)


class VersionedForm(BaseForm):
    """A form that carries the version of what it was shown from."""

    def version(self, name: str = "version") -> int:
        """A version of the submitted form; -1, which no product has, where it is missing."""
        text = self.submitted(name)
        return int(text) if VERSION.fullmatch(text) else -1

    def keep(self, names: Iterable[str]) -> None:
        """Leave out the fields that are not edited."""
        for name in set(self._fields) - set(names):
            del self[name]

    def add_error(self, error: DomainError) -> None:
        """Show an error beside its field, and what others changed beside each field that they changed."""
        conflicts = error.conflicts if isinstance(error, StaleFields) else []
        for conflict in conflicts:
            if conflict.pointer in self._fields:
                field = self._fields[conflict.pointer]
                field.errors, field.is_refusal = [*field.errors, conflict.sentence], True
        if not conflicts:
            super().add_error(error)
        if error.field in self._fields:
            self._fields[error.field].is_refusal = True


class ProductForm(VersionedForm):
    """Some fields of a product, those that are edited."""

    name = TextField(_l("Name"), max_length=MAX_PRODUCT_NAME_LENGTH, required=True)
    shelf_place = TextField(_l("Shelf place"), max_length=MAX_SHELF_PLACE_LENGTH)
    barcode = BarcodeField(_l("EAN"), max_length=MAX_BARCODE_LENGTH)
    backorderable = ChoiceField(
        _l("Backorderable"), choices=[("default", _l("As the shop")), *YES_OR_NO], required=True
    )
    active = ChoiceField(_l("Active"), choices=YES_OR_NO, required=True)
    price = MoneyField(_l("Price"), required=True)
    vat_rate = PercentageField(_l("VAT rate"))

    @classmethod
    def of_submitted(cls, allowed: Iterable[str]) -> Self:
        """The form of the submitted fields, of those that its address takes."""
        form = cls()
        form.keep(name for name in allowed if name in request.form)
        return form

    @classmethod
    def of_field(cls, product: Product, name: str) -> Self:
        """The form that edits one field."""
        form = cls.blank(**{name: typed(product, name)})
        form.keep([name])
        return form

    def values(self, product: Product) -> dict[str, Any]:
        """The values of the columns; raises RuleViolation for an amount with too many decimals."""
        return {name: self._value(name, product) for name in self._fields}

    def _value(self, name: str, product: Product) -> Any:
        field = self._fields[name]
        match name:
            case "price":
                return amounts.minor_units(field, product.currency)
            case "vat_rate":
                return field.data.basis_points
            case "backorderable" | "active":
                return FLAGS[field.data]
            case _:
                return field.data


class RowForm(VersionedForm):
    """What is edited most of a product, in its row of the list; the stock is a count of it where it was changed."""

    stock = NumberField(_l("In stock"), minimum=0, maximum=MAX_COUNTED)
    shelf_place = TextField(_l("Shelf place"), max_length=MAX_SHELF_PLACE_LENGTH)
    barcode = BarcodeField(_l("EAN"), max_length=MAX_BARCODE_LENGTH)

    @classmethod
    def of_submitted(cls) -> Self:
        form = cls()
        if not form.is_counted:
            form.keep(["shelf_place", "barcode"])
        return form

    def add_error(self, error: DomainError) -> None:
        if error.field == "counted":
            error.field = "stock"
        super().add_error(error)

    @property
    def is_counted(self) -> bool:
        return self.submitted("stock").strip() not in ("", self.submitted("shown_stock"))


class MovementForm(VersionedForm):
    """So many units more or less, and why."""

    quantity = UnitsField(_l("Units, + or −"), required=True)
    reason = ChoiceField(
        _l("Reason"), choices=[(reason.value, words.REASONS[reason]) for reason in BY_HAND], required=True
    )
    note = TextField(_l("Note"), max_length=MAX_NOTE_LENGTH)

    @property
    def chosen_reason(self) -> MovementReason:
        return MovementReason(self.reason.data)


class CountForm(VersionedForm):
    """How many units were counted."""

    counted = NumberField(_l("Counted"), minimum=0, maximum=MAX_COUNTED)
    note = TextField(_l("Note"), max_length=MAX_NOTE_LENGTH)


def typed(product: Product, name: str) -> Any:
    """The value of a field as one would type it."""
    value = getattr(product, name)
    match name:
        case "price":
            return typed_amount(value, product.currency, current_language())
        case "vat_rate":
            return percent(value, current_language())
        case "backorderable" | "active":
            return next(word for word, flag in FLAGS.items() if flag is value)
        case _:
            return value
