"""The carriers' numbers for the parcels of a shipment; they may change after it has shipped."""

from flask_babel import gettext as _

from webshop_orders import history
from webshop_orders.errors import NotFound, Refused
from webshop_orders.models import Actor, EventKind, Shipment, TrackingCode
from webshop_orders.operations.lines import check_not_cancelled

MOST_CODES = 50


def add(shipment: Shipment, code: str, carrier: str | None, url: str | None, *, by: Actor) -> TrackingCode:
    """Note a tracking code, with its carrier or a tracking link of its own where they are known.

    Raises Refused where the shipment has the code already, or carries more codes than any parcel trolley.
    """
    check_not_cancelled(shipment.order)
    if any(tracking.code == code for tracking in shipment.tracking_codes):
        raise Refused(
            _("%(shipment)s already has the code %(code)s.", shipment=shipment.reference, code=code), field="code"
        )
    if len(shipment.tracking_codes) >= MOST_CODES:
        raise Refused(_("A shipment carries at most %(most)s tracking codes.", most=MOST_CODES), field="code")
    tracking = TrackingCode(code=code, carrier=carrier, url=url)
    shipment.tracking_codes.append(tracking)
    history.record(
        shipment.order, EventKind.TRACKING_ADDED, by=by, shipment=shipment.reference, code=code, carrier=carrier
    )
    return tracking


def remove(shipment: Shipment, tracking_id: int, *, by: Actor) -> None:
    """Take a tracking code away; raises NotFound where this shipment does not have it."""
    check_not_cancelled(shipment.order)
    tracking = next((one for one in shipment.tracking_codes if one.id == tracking_id), None)
    if tracking is None:
        raise NotFound(_("%(shipment)s no longer has this tracking code.", shipment=shipment.reference))
    shipment.tracking_codes.remove(tracking)
    history.record(
        shipment.order,
        EventKind.TRACKING_REMOVED,
        by=by,
        shipment=shipment.reference,
        code=tracking.code,
        carrier=tracking.carrier,
    )
