"""The forms of incoming deliveries and of Restradar."""

import re
from typing import Any

from flask_babel import gettext as _
from wtforms.validators import StopValidation

from webshop_orders.models.incoming_delivery import MAX_NOTE_LENGTH, MAX_UNITS
from webshop_orders.models.priority import MAX_REASON_LENGTH
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import DateField, NumberField, TextField
from webshop_orders.web.http.forms import BaseForm

VERSION = re.compile(r"[0-9]{1,9}")


class UnitsField(NumberField):
    def __init__(self, label: Any, **kwargs: Any) -> None:
        super().__init__(label, minimum=1, maximum=MAX_UNITS, **kwargs)


class VersionedForm(BaseForm):
    """A form that carries the version of the delivery that it was rendered from."""

    @property
    def version(self) -> int:
        """The version; -1, which no delivery has, where it is missing."""
        text = self.submitted("version")
        return int(text) if VERSION.fullmatch(text) else -1


class DeliveryForm(VersionedForm):
    """How many units of a product are expected, and when."""

    quantity = UnitsField(_l("Quantity"))
    expected_on = DateField(_l("Day, if it is known"))
    note = TextField(_l("Note"), max_length=MAX_NOTE_LENGTH)


class ExpectForm(DeliveryForm):
    """The same for a product that is searched for: `product` is the id of the one that was selected."""

    q = TextField(_l("Product"))
    product = TextField(_l("Product"))


class ReceiptForm(VersionedForm):
    """How many units came; the orders that are ticked get theirs first."""

    quantity = UnitsField(_l("Quantity"))


class PriorityForm(BaseForm):
    reason = TextField(_l("Why it comes first"), max_length=MAX_REASON_LENGTH)

    def validate_reason(self, field: TextField) -> None:
        if field.data is None:
            raise StopValidation(_("Say why this order comes first."))
