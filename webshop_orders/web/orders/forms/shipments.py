"""The forms for shipments: on the tab Frakt, and one on the tab Utskick."""

from flask_babel import lazy_gettext as _l

from webshop_orders.models import DeliveryStatus
from webshop_orders.web.http.fields import ChoiceField, EmailField, TextField
from webshop_orders.web.orders.forms.base import OrderForm


class TrackingCodesField(TextField):
    """Pasted codes or links, of a line each or of a cell each of a spreadsheet; shown in one line."""

    multiline = True

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([value.replace("\t", "\n") for value in valuelist])


class TrackingForm(OrderForm):
    tab = "shipping"
    kind = "tracking"

    code = TrackingCodesField(_l("Tracking code"), max_length=2_000, required=True)
    carrier = TextField(_l("Carrier"))


class TrackingRemovalForm(OrderForm):
    tab = "shipping"
    kind = "tracking-removal"


class StatusForm(OrderForm):
    tab = "shipping"
    kind = "status"

    status = ChoiceField(
        _l("Delivery status"),
        required=True,
        choices=[(status.value, status.value) for status in DeliveryStatus] + [("reopened", "reopened")],
    )


class BackorderSplitForm(OrderForm):
    tab = "shipping"
    kind = "backorder-split"


class DeliveryConfirmationForm(OrderForm):
    tab = "messages"
    kind = "delivery-confirmation"
    bumps_version = False

    recipient = EmailField(_l("E-mail"), required=True)
