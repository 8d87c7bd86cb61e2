"""The tracking codes of a shipment; they may change after it has shipped."""

from collections.abc import Iterable

from flask_babel import gettext as _

from webshop_orders.db.extensions import db
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import Actor, BeforeAfter, FormerCode, Shipment, TrackingCode
from webshop_orders.models.event_facts import TrackingAdded, TrackingCorrected, TrackingRemoved
from webshop_orders.models.tracking_code import MAX_CODES
from webshop_orders.operations.audit import history
from webshop_orders.text.tracking_codes import compact


def add_all(shipment: Shipment, codes: Iterable[NewTrackingCode], *, by: Actor) -> None:
    """Add codes as one change: only the first of its events has the request's key. Raises as `add` does."""
    for new in codes:
        add(shipment, new.code, new.carrier, new.url, by=by)
        by = by.with_request_key(None)


def add(shipment: Shipment, code: str, carrier: str | None, url: str | None, *, by: Actor) -> TrackingCode:
    """Add a tracking code, with its carrier or a link of its own where they are known.

    Raises RuleViolation where the shipment has the code already, or has `MAX_CODES` of them.
    """
    shipment.order.check_not_cancelled()
    if compact(code) in _existing(shipment):
        raise _has_already(shipment, code)
    if len(shipment.tracking_codes) >= MAX_CODES:
        raise RuleViolation(_("A shipment carries at most %(most)s tracking codes.", most=MAX_CODES), field="code")
    tracking = TrackingCode(code=code, carrier=carrier, url=url, is_unmailed=shipment.is_shipped)
    shipment.tracking_codes.append(tracking)
    _is_current_again(shipment, code)
    facts = TrackingAdded(shipment=shipment.reference, code=code, carrier=carrier)
    history.record(shipment.order, facts, by=by)
    return tracking


def add_new(shipment: Shipment, codes: Iterable[NewTrackingCode], *, by: Actor) -> None:
    """Add those of the codes that a shipment does not have yet."""
    existing = _existing(shipment)
    missing = {compact(new.code): new for new in codes if compact(new.code) not in existing}
    for new in missing.values():
        add(shipment, new.code, new.carrier, new.url, by=by)


def replace(shipment: Shipment, codes: list[NewTrackingCode], *, by: Actor) -> None:
    """Replace the codes of a shipment by these; codes that stay unchanged leave no event."""
    replacements = {compact(new.code): new for new in codes}
    outdated = [
        code for code in shipment.tracking_codes if not _is_unchanged(code, replacements.get(compact(code.code)))
    ]
    for tracking in outdated:
        _remove(shipment, tracking, by=by)
    if outdated:
        db.session.flush()  # deletes before inserts: a code is unique in its shipment
    add_new(shipment, replacements.values(), by=by)


def _existing(shipment: Shipment) -> set[str]:
    return {compact(tracking.code) for tracking in shipment.tracking_codes}


def _is_unchanged(tracking: TrackingCode, new: NewTrackingCode | None) -> bool:
    """Whether a code stays as it is; one that comes without carrier and link keeps those that it has."""
    return new is not None and (new.carrier, new.url) in {(tracking.carrier, tracking.url), (None, None)}


def correct(shipment: Shipment, tracking_id: int, new: NewTrackingCode, *, by: Actor) -> None:
    """Put another code, or another carrier, in place of one for the same parcel.

    A shipment that has left keeps the former code, struck through, and its customer is to be told. Raises NotFound
    where the shipment does not have the code any more, NoChange where nothing is new, and RuleViolation where another
    of its parcels has the new one.
    """
    shipment.order.check_not_cancelled()
    tracking = get(shipment, tracking_id)
    if (tracking.code, tracking.carrier, tracking.url) == (new.code, new.carrier, new.url):
        raise NoChange(_("Nothing was changed."))
    others = _existing(shipment) - {compact(tracking.code)}
    if compact(new.code) in others:
        raise _has_already(shipment, new.code)
    codes = BeforeAfter(tracking.code, new.code)
    is_other_parcel = compact(codes.before) != compact(codes.after)
    if shipment.is_shipped and is_other_parcel:
        _keep_former(shipment, tracking, replaced_by=new.code)
    tracking.code, tracking.carrier, tracking.url = new.code, new.carrier, new.url
    tracking.is_unmailed = shipment.is_shipped
    if is_other_parcel:
        tracking.delivered_at = None
        _is_current_again(shipment, new.code)
    facts = TrackingCorrected(shipment=shipment.reference, code=codes, carrier=new.carrier)
    history.record(shipment.order, facts, by=by)


def get(shipment: Shipment, tracking_id: int) -> TrackingCode:
    """A tracking code of a shipment; raises NotFound where this shipment does not have it."""
    tracking = next((code for code in shipment.tracking_codes if code.id == tracking_id), None)
    if tracking is None:
        raise NotFound(_("%(shipment)s no longer has this tracking code.", shipment=shipment.reference))
    return tracking


def remove(shipment: Shipment, tracking_id: int, *, by: Actor) -> None:
    """Remove a tracking code, which stays, struck through, where the customer was told of it; raises NotFound."""
    shipment.order.check_not_cancelled()
    _remove(shipment, get(shipment, tracking_id), by=by)


def _remove(shipment: Shipment, tracking: TrackingCode, *, by: Actor) -> None:
    shipment.tracking_codes.remove(tracking)
    if shipment.is_shipped and not tracking.is_unmailed:
        _keep_former(shipment, tracking)
    facts = TrackingRemoved(shipment=shipment.reference, code=tracking.code, carrier=tracking.carrier)
    history.record(shipment.order, facts, by=by)


def _keep_former(shipment: Shipment, tracking: TrackingCode, *, replaced_by: str | None = None) -> None:
    former = FormerCode(tracking.code, tracking.carrier, replaced_by)
    shipment.former_codes = [*shipment.former_codes, former][-MAX_CODES:]


def _is_current_again(shipment: Shipment, code: str) -> None:
    if any(compact(former.code) == compact(code) for former in shipment.former_codes):
        shipment.former_codes = [former for former in shipment.former_codes if compact(former.code) != compact(code)]


def _has_already(shipment: Shipment, code: str) -> RuleViolation:
    return RuleViolation(
        _("%(shipment)s already has the code %(code)s.", shipment=shipment.reference, code=code), field="code"
    )
