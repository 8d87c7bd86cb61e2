"""The forms of a row of the inbox: what mends it, and until when it is put aside."""

from datetime import date

from flask_babel import gettext as _
from wtforms.validators import StopValidation

from webshop_orders.models import Order
from webshop_orders.operations.orders import touched_parts
from webshop_orders.operations.orders.touched_parts import Part
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import DateField
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.orders.forms.shipments import ShipmentForm


class MendForm(ShipmentForm):
    """The button of a row, with the field for a code where one is missing; what is shipped rests on what it holds."""

    kind = "mend"
    ships = False

    @property
    def form_version(self) -> int | None:
        """What does not ship rests on nothing of the order but that the row is there."""
        return super().form_version if self.ships else None

    def rests_on(self, order: Order) -> set[Part]:
        return super().rests_on(order) | {touched_parts.DELIVERY_ADDRESS}


class AsideForm(BaseForm):
    """Until when a row is put aside: a day of a button, or another."""

    until = DateField(_l("until"))
    other_day = DateField(_l("another day"))

    @property
    def day(self) -> date | None:
        return self.until.data or self.other_day.data

    def validate_other_day(self, field: DateField) -> None:
        if not self.until.raw and not field.raw:
            raise StopValidation(_("Choose a day."))
