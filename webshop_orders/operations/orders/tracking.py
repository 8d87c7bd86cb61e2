"""The tracking codes of a shipment; they may change after it has shipped."""

from collections.abc import Iterable
from urllib.parse import parse_qsl, unquote, urlsplit

from flask_babel import gettext as _

from webshop_orders.db.extensions import db
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import Actor, Carrier, Shipment, TrackingCode
from webshop_orders.models.event_facts import TrackingAdded, TrackingRemoved
from webshop_orders.models.tracking_code import CODE, LINK, MAX_CODES
from webshop_orders.operations.audit import history


def parse_input(text: str, carrier: str | None, carriers: list[Carrier]) -> tuple[str, str | None, str | None]:
    """What staff pasted as a tracking code: the code, its carrier, and its link where that is no known carrier's.

    A link to the tracking page of one of the shop's carriers gives that carrier and the code in the link. Raises
    RuleViolation for text that is neither a code nor a web address.
    """
    if text.startswith(("https://", "http://")):
        return _parse_link(text, carriers)
    if not CODE.fullmatch(text):
        raise RuleViolation(
            _("A tracking code has letters, digits, spaces and . _ / - only, at most 100."), field="code"
        )
    if carrier is not None and carrier not in {existing.name for existing in carriers}:
        raise RuleViolation(_("Choose one of the shop's carriers."), field="carrier")
    return text, carrier, None


def add(shipment: Shipment, code: str, carrier: str | None, url: str | None, *, by: Actor) -> TrackingCode:
    """Add a tracking code, with its carrier or a link of its own where they are known.

    Raises RuleViolation where the shipment has the code already, or has `MAX_CODES` of them.
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
    facts = TrackingAdded(shipment=shipment.reference, code=code, carrier=carrier)
    history.record(shipment.order, facts, by=by)
    return tracking


def add_new(shipment: Shipment, codes: Iterable[NewTrackingCode], *, by: Actor) -> None:
    """Add those of the codes that a shipment does not have yet."""
    existing = {tracking.code for tracking in shipment.tracking_codes}
    missing = {new.code: new for new in codes if new.code not in existing}
    for new in missing.values():
        add(shipment, new.code, new.carrier, new.url, by=by)


def replace(shipment: Shipment, codes: list[NewTrackingCode], *, by: Actor) -> None:
    """Replace the codes of a shipment by these; codes that stay unchanged leave no event."""
    replacements = {new.code: new for new in codes}
    for tracking in list(shipment.tracking_codes):
        replacement = replacements.get(tracking.code)
        if replacement is None or not _is_unchanged(tracking, replacement):
            _remove(shipment, tracking, by=by)
    db.session.flush()  # deletes before inserts: a code is unique in its shipment
    add_new(shipment, replacements.values(), by=by)


def _is_unchanged(tracking: TrackingCode, new: NewTrackingCode) -> bool:
    """Whether a code stays as it is; one that comes without carrier and link keeps those that it has."""
    return (new.carrier, new.url) in {(tracking.carrier, tracking.url), (None, None)}


def remove(shipment: Shipment, tracking_id: int, *, by: Actor) -> None:
    """Remove a tracking code; raises NotFound where this shipment does not have it."""
    shipment.order.check_not_cancelled()
    tracking = next((code for code in shipment.tracking_codes if code.id == tracking_id), None)
    if tracking is None:
        raise NotFound(_("%(shipment)s no longer has this tracking code.", shipment=shipment.reference))
    _remove(shipment, tracking, by=by)


def _remove(shipment: Shipment, tracking: TrackingCode, *, by: Actor) -> None:
    shipment.tracking_codes.remove(tracking)
    facts = TrackingRemoved(shipment=shipment.reference, code=tracking.code, carrier=tracking.carrier)
    history.record(shipment.order, facts, by=by)


def _parse_link(link: str, carriers: list[Carrier]) -> tuple[str, str | None, str | None]:
    for carrier in carriers:
        before, _placeholder, after = carrier.pattern.partition("{code}")
        if link.startswith(before) and link.endswith(after) and len(link) > len(before) + len(after):
            code = unquote(link[len(before) : len(link) - len(after)])
            if CODE.fullmatch(code):
                return code, carrier.name, None
    parts = urlsplit(link) if LINK.fullmatch(link) else None
    if parts is None:
        raise RuleViolation(_("This is not a web address that can be opened."), field="code")
    candidates = [*(value for _name, value in parse_qsl(parts.query)), *reversed(unquote(parts.path).split("/"))]
    code = next((candidate for candidate in candidates if CODE.fullmatch(candidate)), parts.hostname or link)
    return code, None, link
