"""The tracking codes of a shipment; they may change after it has shipped."""

from collections.abc import Iterable
from urllib.parse import urlsplit

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.documents import tracking_links
from webshop_orders.documents.known_carriers import match_name
from webshop_orders.documents.known_codes import find_carrier, normalise
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.models import Actor, Carrier, Order, Shipment, TrackingCode
from webshop_orders.models.event_facts import TrackingAdded, TrackingRemoved
from webshop_orders.models.tracking_code import CODE, LINK, MAX_CODES
from webshop_orders.operations.audit import history
from webshop_orders.text.tracking_codes import compact, split, without_label


def preset_carrier(order: Order) -> str | None:
    """The shop's carrier that an order's shipping method names, such as «Hemleverans med PostNord»."""
    return carrier_of_method(order.shipping_method)


def carrier_of_method(shipping_method: str | None) -> str | None:
    """The shop's carrier that a shipping method names."""
    words = (shipping_method or "").split()
    names = [carrier.name for carrier in shop_settings.current().carriers]
    return next((match for at in range(len(words)) if (match := match_name(" ".join(words[at:]), names))), None)


def parse_input(
    text: str, carrier: str | None, carriers: list[Carrier], preset: str | None = None
) -> list[NewTrackingCode]:
    """The tracking codes in what staff pasted: codes or links, apart by commas, semicolons or line breaks.

    Characters that cannot be seen are left out, and labels. A link to the tracking page of a known carrier gives that
    carrier and the codes in the link; a link of another page is kept. A code that can be one carrier's only is that
    carrier's, unless staff chose another carrier than the one that was preset. Raises RuleViolation for text that is
    neither a code nor a web address.
    """
    codes = [code for part in split(text) for code in _parse_codes(part, carrier, carriers, preset)]
    if not codes:
        raise _not_a_code()
    return list({compact(new.code): new for new in reversed(codes)}.values())[::-1]


def _parse_codes(text: str, carrier: str | None, carriers: list[Carrier], preset: str | None) -> list[NewTrackingCode]:
    if link := tracking_links.read_link(text):
        return _parse_link(link, carriers)
    code = normalise(text)
    if find_carrier(code) is None:
        code = normalise(without_label(code) or code)
    if not CODE.fullmatch(code):
        raise _not_a_code()
    names = {existing.name for existing in carriers}
    if carrier is not None and carrier not in names:
        raise RuleViolation(_("Choose one of the shop's carriers."), field="carrier")
    recognised = match_name(find_carrier(code) or "", names) if carrier in (None, preset) else None
    return [NewTrackingCode(code, recognised or carrier)]


def _not_a_code() -> RuleViolation:
    return RuleViolation(_("A tracking code has letters, digits, spaces and . _ / - only, at most 100."), field="code")


def _parse_link(link: str, carriers: list[Carrier]) -> list[NewTrackingCode]:
    """A link without anything like a code is noted by the name of its host."""
    target = tracking_links.unwrap(link, carriers)
    if not LINK.fullmatch(target):
        raise RuleViolation(_("This is not a web address that can be opened."), field="code")
    codes, carrier = tracking_links.find_codes(target, carriers)
    if codes and carrier is not None:
        return [NewTrackingCode(code, carrier) for code in codes]
    return [NewTrackingCode(code, None, target) for code in codes or [urlsplit(target).hostname or target]]


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
        raise RuleViolation(
            _("%(shipment)s already has the code %(code)s.", shipment=shipment.reference, code=code), field="code"
        )
    if len(shipment.tracking_codes) >= MAX_CODES:
        raise RuleViolation(_("A shipment carries at most %(most)s tracking codes.", most=MAX_CODES), field="code")
    tracking = TrackingCode(code=code, carrier=carrier, url=url, is_unmailed=shipment.is_shipped)
    shipment.tracking_codes.append(tracking)
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
