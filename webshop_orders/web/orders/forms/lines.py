"""The forms for products on the tab Frakt."""

from typing import Self

from webshop_orders.errors import DomainError
from webshop_orders.models import Line
from webshop_orders.models.price_change import MAX_REASON_LENGTH
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import DiscountField, MoneyField, QuantityField, TextField
from webshop_orders.web.http.formatting import typed_amount
from webshop_orders.web.orders.forms.base import OrderForm

NEW_SHIPMENT = "new"
WITH_UNITS = "with-units"  # tracking codes that go where the units go


class AddLineForm(OrderForm):
    tab = "shipping"
    kind = "add"

    q = TextField(_l("Add product"))
    product = TextField(max_length=18)
    quantity = QuantityField(_l("Quantity"), default=1)
    shipment = TextField(_l("Shipment"), max_length=9)

    def add_error(self, error: DomainError) -> None:
        """The product is chosen in the finder, so what is wrong with it is said there."""
        error.field = "q" if error.field == "product" else error.field
        super().add_error(error)


class LineForm(OrderForm):
    """A form in the row of a line, which is its key."""

    tab = "shipping"

    @property
    def line_id(self) -> int:
        assert self.key is not None, "it is not a blank one of a page"
        return self.key


class EditForm(LineForm):
    kind = "edit"

    quantity = QuantityField(_l("Quantity"))
    unit_price = MoneyField(_l("Unit price"), required=True)
    discount = DiscountField(_l("Discount (amount or %)"))
    reason = TextField(_l("Reason for a new price"), max_length=MAX_REASON_LENGTH)

    @classmethod
    def of(cls, line: Line) -> Self:
        """The form with the values of a line."""
        currency = line.shipment.order.currency
        discount = typed_amount(line.discount, currency) if line.discount else ""
        unit_price = typed_amount(line.unit_price, currency)
        return cls.blank(key=line.id, quantity=line.quantity, unit_price=unit_price, discount=discount)


class RemovalForm(LineForm):
    kind = "removal"


class SplitForm(LineForm):
    kind = "split"

    quantity = QuantityField(_l("How many"))
    target = TextField(_l("To"), max_length=9, required=True, default=NEW_SHIPMENT)
    codes_to = TextField(max_length=10, default=WITH_UNITS)
