import re
from typing import Any

from flask import request
from flask_babel import gettext as _
from wtforms.validators import StopValidation

from webshop_orders.mailing import addresses
from webshop_orders.models import MAX_QUANTITY, WithdrawnLine
from webshop_orders.operations.orders.withdrawals import Statement
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import ChoiceField, EmailField, NumberField, TextField
from webshop_orders.web.http.forms import BaseForm

ROWS, MORE_ROWS, MAX_ROWS = 3, 5, 30
ALL, SOME = "all", "some"
WEB_ADDRESS = re.compile(r"://|\bwww\.", re.IGNORECASE)


class StatedField(TextField):
    """Text that the receipt repeats, and so without web addresses: nobody can mail links to others by it."""

    def read(self, text: str) -> str:
        if WEB_ADDRESS.search(text):
            raise StopValidation(_("Leave web addresses out."))
        return text


class ReceiptEmailField(EmailField):
    def read(self, text: str) -> str:
        email = super().read(text)
        try:
            addresses.parse(email)
        except addresses.InvalidAddressError as error:
            raise StopValidation(_("No mail can be sent there: %(reason)s.", reason=error)) from error
        return email


class QuantityOrAllField(NumberField):
    def __init__(self, label: Any = None, **kwargs: Any) -> None:
        super().__init__(label, minimum=1, maximum=MAX_QUANTITY, **kwargs)
        self.required = False


class StatedRowForm(BaseForm):
    product = StatedField(_l("Product"), max_length=120)
    quantity = QuantityOrAllField(_l("Quantity"))

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        is_valid = super().validate(*args, **kwargs)
        if is_valid and self.quantity.data and not self.product.data:
            self.product.errors = [_("Say which product.")]
            return False
        return is_valid


class StatementForm(BaseForm):
    """What a customer states; products in rows, as many as are asked for."""

    name = StatedField(_l("Your name"), max_length=100, required=True)
    number = StatedField(_l("Order number"), max_length=50, required=True)
    email = ReceiptEmailField(_l("E-mail for the receipt"), required=True)
    whole = ChoiceField(
        _l("What do you withdraw from?"),
        choices=[(ALL, _l("The whole purchase")), (SOME, _l("Some products"))],
        required=True,
    )

    def __init__(self, **values: Any) -> None:
        super().__init__(**{"whole": ALL, **values})
        count = min(self._asked_rows(), MAX_ROWS)
        self.rows = [StatedRowForm(prefix=f"row-{place}-") for place in range(count)]

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        is_valid = all([super().validate(*args, **kwargs), *[row.validate() for row in self.rows]])
        if not is_valid:
            return False
        if self.whole.data == ALL and self._lines():
            self.whole.errors = [_("You have named products. Choose «Some products», or empty their fields.")]
        if self.whole.data == SOME and not self._lines():
            self.rows[0].product.errors = [_("Name at least one product, or choose the whole purchase.")]
        return not self.whole.errors and not self.rows[0].product.errors

    def statement(self, language: str) -> Statement:
        """What a valid form states."""
        return Statement(
            number=self.number.data,
            name=self.name.data,
            email=self.email.data,
            language=language,
            lines=tuple(self._lines()),
        )

    def _lines(self) -> list[WithdrawnLine]:
        return [WithdrawnLine(row.product.data, row.quantity.data) for row in self.rows if row.product.data]

    def _asked_rows(self) -> int:
        asked = self.submitted("rows")
        shown = int(asked) if re.fullmatch(r"[1-9][0-9]?", asked) else ROWS
        return shown + (MORE_ROWS if "more" in request.form else 0)
