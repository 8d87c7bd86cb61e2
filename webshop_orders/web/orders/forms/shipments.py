"""The forms for shipments: on the tab Frakt, and one on the tab Utskick."""

from typing import Any

from webshop_orders.models import DeliveryStatus
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import ChoiceField, EmailField, TextField
from webshop_orders.web.orders.forms.base import OrderForm


class TrackingCodesField(TextField):
    """Pasted codes or links, of a line each or of a cell each of a spreadsheet; shown in one line."""

    multiline = True

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([value.replace("\t", "\n") for value in valuelist])


class ShipmentForm(OrderForm):
    """The row of a shipment: tracking codes and their carrier, saved by each of its buttons."""

    tab = "shipping"

    code = TrackingCodesField(_l("Tracking code"), max_length=2_000)
    carrier = TextField(_l("Carrier"))


class StatusForm(ShipmentForm):
    kind = "status"

    status = ChoiceField(
        _l("Delivery status"),
        required=True,
        choices=[(status.value, status.value) for status in DeliveryStatus] + [("reopened", "reopened")],
    )


class TrackingForm(ShipmentForm):
    """Saves codes, and ships too where it was sent with that button."""

    kind = "tracking"

    status = ChoiceField(choices=[(DeliveryStatus.SHIPPED.value, DeliveryStatus.SHIPPED.value)])

    def __init__(self, key: int | None = None, **values: Any) -> None:
        super().__init__(key, **values)
        self.code.required = not self.status.raw


class TrackingRemovalForm(OrderForm):
    tab = "shipping"
    kind = "tracking-removal"


class BackorderSplitForm(ShipmentForm):
    kind = "backorder-split"


class DeliveryConfirmationForm(OrderForm):
    tab = "messages"
    kind = "delivery-confirmation"
    bumps_version = False

    recipient = EmailField(_l("E-mail"), required=True)
    sent_from = TextField(name="tab", max_length=20)

    def __init__(self, key: int | None = None, **values: Any) -> None:
        super().__init__(key, **values)
        if self.sent_from.raw == ShipmentForm.tab:
            self.tab = ShipmentForm.tab
