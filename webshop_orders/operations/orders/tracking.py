"""The carriers' numbers for the parcels of a shipment; they may change after it has shipped."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import parse_qsl, unquote, urlsplit

from flask_babel import gettext as _

from webshop_orders.db.extensions import db
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import Actor, Carrier, EventKind, Shipment, TrackingCode
from webshop_orders.operations.audit import history

MAX_CODES = 50
CODE = re.compile(r"[0-9A-Za-z](?:[0-9A-Za-z ._/-]{0,98}[0-9A-Za-z])?")
LINK = re.compile(r"https?://[0-9A-Za-z.-]+(?::[0-9]{1,5})?(?:[/?#][!-~]*)?")


def parse_input(text: str, carrier: str | None, carriers: list[Carrier]) -> tuple[str, str | None, str | None]:
    """What was pasted as a tracking code: the code, its carrier, and its link where it is nobody's we know.

    A link to the tracking page of a carrier that the shop has gives that carrier and the code in it. Raises Refused
    for what is neither a code nor a web address.
    """
    if text.startswith(("https://", "http://")):
        return _read_link(text, carriers)
    if not CODE.fullmatch(text):
        raise RuleViolation(
            _("A tracking code has letters, digits, spaces and . _ / - only, at most 100."), field="code"
        )
    if carrier is not None and carrier not in {one.name for one in carriers}:
        raise RuleViolation(_("Choose one of the shop's carriers."), field="carrier")
    return text, carrier, None


def add(shipment: Shipment, code: str, carrier: str | None, url: str | None, *, by: Actor) -> TrackingCode:
    """Note a tracking code, with its carrier or a tracking link of its own where they are known.

    Raises Refused where the shipment has the code already, or carries more codes than any parcel trolley.
    """
    shipment.order.check_not_cancelled()
    if any(tracking.code == code for tracking in shipment.tracking_codes):
        raise RuleViolation(
            _("%(shipment)s already has the code %(code)s.", shipment=shipment.reference, code=code), field="code"
        )
    if len(shipment.tracking_codes) >= MAX_CODES:
        raise RuleViolation(_("A shipment carries at most %(most)s tracking codes.", most=MAX_CODES), field="code")
    tracking = TrackingCode(code=code, carrier=carrier, url=url)
    shipment.tracking_codes.append(tracking)
    history.record(
        shipment.order, EventKind.TRACKING_ADDED, by=by, shipment=shipment.reference, code=code, carrier=carrier
    )
    return tracking


@dataclass(frozen=True)
class NewTrackingCode:
    """A tracking code as another system tells it, with its carrier and link where they are known."""

    code: str
    carrier: str | None = None
    url: str | None = None


def add_new(shipment: Shipment, codes: Iterable[NewTrackingCode], *, by: Actor) -> None:
    """Note the codes that a shipment does not have yet."""
    known = {tracking.code for tracking in shipment.tracking_codes}
    fresh = {new.code: new for new in codes if new.code not in known}
    for new in fresh.values():
        add(shipment, new.code, new.carrier, new.url, by=by)


def replace(shipment: Shipment, codes: list[NewTrackingCode], *, by: Actor) -> None:
    """Have a shipment carry exactly these codes; those that stay as they are leave no trace."""
    wanted = {new.code: new for new in codes}
    there = list(shipment.tracking_codes)
    kept = {one.code for one in there if one.code in wanted and _is_told_by(wanted[one.code], one)}
    for tracking in there:
        if tracking.code not in kept:
            _remove(shipment, tracking, by=by)
    db.session.flush()  # a code that comes back with another carrier would meet itself
    add_new(shipment, wanted.values(), by=by)


def _is_told_by(new: NewTrackingCode, tracking: TrackingCode) -> bool:
    """Whether a code stays as it is; one that is told without carrier and link keeps those that it has."""
    return (new.carrier, new.url) in {(tracking.carrier, tracking.url), (None, None)}


def remove(shipment: Shipment, tracking_id: int, *, by: Actor) -> None:
    """Take a tracking code away; raises NotFound where this shipment does not have it."""
    shipment.order.check_not_cancelled()
    tracking = next((one for one in shipment.tracking_codes if one.id == tracking_id), None)
    if tracking is None:
        raise NotFound(_("%(shipment)s no longer has this tracking code.", shipment=shipment.reference))
    _remove(shipment, tracking, by=by)


def _remove(shipment: Shipment, tracking: TrackingCode, *, by: Actor) -> None:
    shipment.tracking_codes.remove(tracking)
    history.record(
        shipment.order,
        EventKind.TRACKING_REMOVED,
        by=by,
        shipment=shipment.reference,
        code=tracking.code,
        carrier=tracking.carrier,
    )


def _read_link(link: str, carriers: list[Carrier]) -> tuple[str, str | None, str | None]:
    for carrier in carriers:
        before, _placeholder, after = carrier.pattern.partition("{code}")
        if link.startswith(before) and link.endswith(after) and len(link) > len(before) + len(after):
            code = unquote(link[len(before) : len(link) - len(after)])
            if CODE.fullmatch(code):
                return code, carrier.name, None
    parts = urlsplit(link) if LINK.fullmatch(link) else None
    if parts is None:
        raise RuleViolation(_("This is not a web address that can be opened."), field="code")
    words = [*(value for _name, value in parse_qsl(parts.query)), *reversed(unquote(parts.path).split("/"))]
    code = next((word for word in words if CODE.fullmatch(word)), parts.hostname or link)
    return code, None, link
