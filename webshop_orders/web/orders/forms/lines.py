"""The forms for products on the tab Frakt."""

from webshop_orders.errors import DomainError
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import QuantityField, TextField
from webshop_orders.web.orders.forms.base import OrderForm

NEW_SHIPMENT = "new"


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


class QuantityForm(OrderForm):
    tab = "shipping"
    kind = "edit"

    quantity = QuantityField(_l("Quantity"))


class RemovalForm(OrderForm):
    tab = "shipping"
    kind = "removal"


class SplitForm(OrderForm):
    tab = "shipping"
    kind = "split"

    quantity = QuantityField(_l("How many"))
    target = TextField(_l("To"), max_length=9, required=True, default=NEW_SHIPMENT)
