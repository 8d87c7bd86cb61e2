import re
from typing import Any

from flask import request
from flask_babel import gettext as _
from wtforms.validators import StopValidation

from webshop_orders.mailing import addresses
from webshop_orders.models import MAX_QUANTITY, WithdrawnLine
from webshop_orders.operations.after_sales.withdrawn_goods import WithdrawnGoods
from webshop_orders.operations.orders.withdrawals import Statement
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import ChoiceField, EmailField, NumberField, TextField
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.orders.forms.base import OrderForm

ROWS, MORE_ROWS, MAX_ROWS = 3, 5, 30
ALL, SOME = "all", "some"
REMOVED, RETURNED = "remove", "return"
UNITS = re.compile(rf"({REMOVED}|{RETURNED})-([1-9][0-9]{{0,17}})-quantity")
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


class LinkForm(BaseForm):
    number = TextField(_l("Order number"), max_length=64, required=True)


class UnitsForm(BaseForm):
    quantity = NumberField(_l("Quantity"), minimum=0, maximum=MAX_QUANTITY)


class GoodsForm(OrderForm):
    """The units of each line that are taken off the order or come back."""

    tab = "summary"
    kind = "withdrawal"

    def __init__(self, proposed: WithdrawnGoods | None = None, **values: Any) -> None:
        super().__init__(blank=proposed is not None, **values)
        self.rows: dict[tuple[str, int], UnitsForm] = {}
        if proposed is None:
            for found in filter(None, (UNITS.fullmatch(name) for name in request.form)):
                self.rows[found[1], int(found[2])] = UnitsForm(prefix=f"{found[1]}-{found[2]}-")
        else:
            for kind, units in ((REMOVED, proposed.removed), (RETURNED, proposed.returned)):
                for line_id, quantity in units.items():
                    self.rows[kind, line_id] = UnitsForm.blank(prefix=f"{kind}-{line_id}-", quantity=quantity)

    def validate(self, *args: Any, **kwargs: Any) -> bool:
        return all([super().validate(*args, **kwargs), *[row.validate() for row in self.rows.values()]])

    def goods(self) -> WithdrawnGoods:
        """The units of a valid form."""
        return WithdrawnGoods(removed=self._units(REMOVED), returned=self._units(RETURNED))

    def row(self, kind: str, line_id: int) -> UnitsForm:
        """The field of a line, which may be new since the form was drawn."""
        return self.rows.get((kind, line_id)) or UnitsForm.blank(prefix=f"{kind}-{line_id}-", quantity=0)

    def _units(self, kind: str) -> dict[int, int]:
        return {line_id: row.quantity.data for (of, line_id), row in self.rows.items() if of == kind}
