"""The forms for shipments: on the tab Frakt, and one on the tab Utskick."""

from typing import Any, Self

from flask_babel import gettext as _

from webshop_orders.models import DeliveryStatus, Order, TrackingCode
from webshop_orders.operations.orders import touched_parts
from webshop_orders.operations.orders.touched_parts import Part
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import ChoiceField, EmailField, TextField
from webshop_orders.web.labels import delivery_status
from webshop_orders.web.orders.forms.base import OrderForm


def _existence(order: Order, seq: int | None) -> set[Part]:
    """The parts of a form that needs its shipment to be there, and the order not to be cancelled."""
    shipment = order.find_shipment(seq or 0)
    return {touched_parts.EVERYTHING if shipment is None else touched_parts.existence(shipment.reference)}


MAX_INPUT = 2_000  # characters of several codes and links


class TrackingCodesField(TextField):
    """Pasted codes or links, of a line each or of a cell each of a spreadsheet; shown in one line."""

    multiline = True

    def process_formdata(self, valuelist: list[str]) -> None:
        super().process_formdata([value.replace("\t", "\n") for value in valuelist])


class ShipmentForm(OrderForm):
    """The row of a shipment: tracking codes and their carrier, saved by each of its buttons."""

    tab = "shipping"

    code = TrackingCodesField(_l("Tracking code"), max_length=MAX_INPUT)
    carrier = TextField(_l("Carrier"))

    def rests_on(self, order: Order) -> set[Part]:
        """What is in the shipment and its status; everything where the order does not have it any more."""
        shipment = order.find_shipment(self.key or 0)
        return {touched_parts.EVERYTHING} if shipment is None else touched_parts.contents(shipment)


class StatusForm(ShipmentForm):
    kind = "status"

    status = ChoiceField(
        _l("Delivery status"),
        required=True,
        choices=[(status.value, status.value) for status in DeliveryStatus] + [("reopened", "reopened")],
    )

    @property
    def purpose(self) -> str:
        if self.status.data == DeliveryStatus.SHIPPED.value:
            return _("Mark as shipped")
        if self.status.data == "reopened":
            return _("Undo shipped")
        return _("Set to %(status)s", status=delivery_status(DeliveryStatus(self.status.data)))

    def rests_on(self, order: Order) -> set[Part]:
        """Also on where it goes to, if it is shipped."""
        goes_to = {touched_parts.DELIVERY_ADDRESS} if self.status.data == DeliveryStatus.SHIPPED.value else set()
        return super().rests_on(order) | goes_to


class TrackingForm(ShipmentForm):
    """Saves codes, and ships too where it was sent with that button."""

    kind = "tracking"

    status = ChoiceField(choices=[(DeliveryStatus.SHIPPED.value, DeliveryStatus.SHIPPED.value)])

    def __init__(self, key: int | None = None, **values: Any) -> None:
        super().__init__(key, **values)
        self.code.required = not self.status.raw

    @property
    def purpose(self) -> str:
        return _("Mark as shipped") if self.status.data else _("Save")

    def rests_on(self, order: Order) -> set[Part]:
        """A code alone rests on nothing but that the shipment is there; a duplicate of it is refused by its rule."""
        if self.status.data:
            return super().rests_on(order) | {touched_parts.DELIVERY_ADDRESS}
        return _existence(order, self.key)


class TrackingCorrectionForm(OrderForm):
    """Another code in place of the one with `tracking_id`, in the shipment that is its key."""

    tab = "shipping"
    kind = "tracking-correction"

    code = TextField(_l("Tracking code"), required=True, max_length=MAX_INPUT)
    carrier = TextField(_l("Carrier"))

    def __init__(self, key: int | None = None, *, tracking_id: int = 0, **values: Any) -> None:
        super().__init__(key, **values)
        self.tracking_id = tracking_id

    @classmethod
    def of(cls, tracking: TrackingCode, seq: int) -> Self:
        """The form with the present code; its link where that is no carrier's."""
        shown = tracking.url or tracking.code
        return cls.blank(key=seq, tracking_id=tracking.id, code=shown, carrier=tracking.carrier)

    def rests_on(self, order: Order) -> set[Part]:
        """The codes of the shipment."""
        shipment = order.find_shipment(self.key or 0)
        return {touched_parts.EVERYTHING} if shipment is None else {touched_parts.codes(shipment.reference)}


class TrackingRemovalForm(OrderForm):
    tab = "shipping"
    kind = "tracking-removal"
    purpose = _l("Remove")

    def rests_on(self, order: Order) -> set[Part]:
        return _existence(order, self.key)


class BackorderSplitForm(ShipmentForm):
    kind = "backorder-split"
    purpose = _l("Split off backordered")


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
