"""The forms that pause an order or one of its shipments, and that release a hold."""

from datetime import date
from typing import Any, Self

from flask_babel import gettext as _
from wtforms.validators import StopValidation

from webshop_orders.models import HoldReason, Order
from webshop_orders.models.hold import MAX_NOTE_LENGTH, REASON_LABELS
from webshop_orders.operations.orders import touched_parts
from webshop_orders.operations.orders.touched_parts import Part
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.days import quick_days
from webshop_orders.web.http.fields import ChoiceField, DateField, FlagField, NumberField, TextField
from webshop_orders.web.orders.forms.base import OrderForm

MAX_SEQ = 999
WHOLE_ORDER = 0  # in place of the number of a shipment
TABS = ("summary", "shipping", "customer", "messages", "history")


class FormOfOpenTab(OrderForm):
    """A form that any tab can have; it is answered with the one that it was opened on."""

    tab = "summary"

    opened_on = ChoiceField(name="tab", choices=[(tab, tab) for tab in TABS])

    def __init__(self, key: int | None = None, **values: Any) -> None:
        super().__init__(key, **values)
        opened_on = self.opened_on.raw or self.opened_on.data
        self.tab = opened_on if opened_on in TABS else FormOfOpenTab.tab


class HoldForm(FormOfOpenTab):
    """Pauses the whole order, or the shipment chosen; its key is that shipment, in whose card on Frakt it then is."""

    kind = "hold"
    purpose = _l("Pause")

    shipment = NumberField(_l("What"), minimum=WHOLE_ORDER, maximum=MAX_SEQ)
    reason = ChoiceField(_l("Reason"), required=True, choices=REASON_LABELS.items())
    note = TextField(_l("Note on the pause"), max_length=MAX_NOTE_LENGTH)
    until = DateField(_l("Paused until"))
    other_day = DateField(_l("or another day"))
    keeps_stock = FlagField(_l("Keep its stock"))

    def __init__(self, key: int | None = None, **values: Any) -> None:
        super().__init__(key, **values)
        chosen = self.shipment.raw or str(self.shipment.data or WHOLE_ORDER)
        self.key = int(chosen) if self.tab == "shipping" and chosen in map(str, range(1, MAX_SEQ + 1)) else None

    @classmethod
    def opened(cls, tab: str, seq: int | None) -> Self:
        return cls.blank(opened_on=tab, shipment=seq or WHOLE_ORDER, keeps_stock=True)

    @property
    def held_shipment(self) -> int | None:
        """The number of the shipment to hold; None for the whole order."""
        return self.shipment.data or None

    @property
    def hold_reason(self) -> HoldReason:
        return HoldReason(self.reason.data)

    @property
    def ends_on(self) -> date | None:
        return self.other_day.data or self.until.data

    def validate_other_day(self, field: DateField) -> None:
        if self.until.raw and field.raw:
            raise StopValidation(_("Choose one of the days, or write another one: not both."))

    def rests_on(self, order: Order) -> set[Part]:
        """What is held already, and that there is what is to be held."""
        shipment = order.find_shipment(self.held_shipment) if self.held_shipment else None
        exists = {touched_parts.existence(shipment.reference)} if shipment else set()
        return {touched_parts.HOLDS} | exists

    @property
    def quick_days(self) -> list[tuple[str, str]]:
        return quick_days()


class ReleaseForm(FormOfOpenTab):
    """Releases the hold whose number is its key; others stand."""

    kind = "release"
    purpose = _l("Release")

    note = TextField(_l("Note on the pause"), max_length=MAX_NOTE_LENGTH)

    def rests_on(self, order: Order) -> set[Part]:
        return {touched_parts.HOLDS}
