"""The tracking codes of a shipment; they may change after it has shipped."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.documents import tracking_links
from webshop_orders.documents.known_carriers import match_name
from webshop_orders.documents.known_codes import find_carrier
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import Actor, Carrier, Order, Shipment, TrackingCode
from webshop_orders.models.event_facts import TrackingAdded, TrackingRemoved
from webshop_orders.models.tracking_code import CODE, LINK, MAX_CODES
from webshop_orders.operations.audit import history

# Zero-width characters, soft hyphens and marks of writing direction, which mails and web pages carry along.
INVISIBLE = re.compile(r"[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
BLANKS = re.compile(r"[\t \u00a0\u2000-\u200a\u202f\u205f\u3000]+")
SEPARATOR = re.compile(r"[,;]")
SEPARATOR_OF_LINKS = re.compile(r"[,;](?=\s|$|https?://)")  # a link may have commas and semicolons of its own


def preset_carrier(order: Order) -> str | None:
    """The shop's carrier that an order's shipping method names, such as «Hemleverans med PostNord»."""
    words = (order.shipping_method or "").split()
    names = [carrier.name for carrier in shop_settings.current().carriers]
    return next((match for at in range(len(words)) if (match := match_name(" ".join(words[at:]), names))), None)


def parse_input(
    text: str, carrier: str | None, carriers: list[Carrier], preset: str | None = None
) -> list[NewTrackingCode]:
    """The tracking codes in what staff pasted: codes or links, apart by commas, semicolons or line breaks.

    Characters that cannot be seen are left out. A link to the tracking page of a known carrier gives that carrier and
    the code in the link; a link of another page is kept. A code that can be one carrier's only is that carrier's,
    unless staff chose another carrier than the one that was preset. Raises RuleViolation for text that is neither a
    code nor a web address.
    """
    codes = [_parse_code(part, carrier, carriers, preset) for part in _split(text)]
    if not codes:
        raise _not_a_code()
    return list({new.code: new for new in codes}.values())


def _split(text: str) -> list[str]:
    lines = BLANKS.sub(" ", INVISIBLE.sub("", text)).splitlines()
    separators = ((SEPARATOR_OF_LINKS if "://" in line else SEPARATOR, line) for line in lines)
    return [part.strip() for separator, line in separators for part in separator.split(line) if part.strip()]


def _parse_code(text: str, carrier: str | None, carriers: list[Carrier], preset: str | None) -> NewTrackingCode:
    if text.startswith(("https://", "http://")):
        return _parse_link(text, carriers)
    if not CODE.fullmatch(text):
        raise _not_a_code()
    names = {existing.name for existing in carriers}
    if carrier is not None and carrier not in names:
        raise RuleViolation(_("Choose one of the shop's carriers."), field="carrier")
    recognised = match_name(find_carrier(text) or "", names) if carrier in (None, preset) else None
    return NewTrackingCode(text, recognised or carrier)


def _not_a_code() -> RuleViolation:
    return RuleViolation(_("A tracking code has letters, digits, spaces and . _ / - only, at most 100."), field="code")


def _parse_link(link: str, carriers: list[Carrier]) -> NewTrackingCode:
    """A link without anything like a code is noted by the name of its host."""
    if not LINK.fullmatch(link):
        raise RuleViolation(_("This is not a web address that can be opened."), field="code")
    code, carrier = tracking_links.find_code(link, carriers)
    if code is not None and carrier is not None:
        return NewTrackingCode(code, carrier)
    return NewTrackingCode(code or urlsplit(link).hostname or link, None, link)


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
