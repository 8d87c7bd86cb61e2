"""What staff type, paste or scan as tracking codes: codes and links, one or several, with their carriers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.documents import tracking_links
from webshop_orders.documents.known_carriers import match_in_method
from webshop_orders.documents.known_codes import PUBLISHED, Recognised, normalise, recognise
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Carrier, Order, Shipment, TrackingCode
from webshop_orders.models.tracking_code import CODE, LINK
from webshop_orders.text.tracking_codes import compact, spellings, split, without_label

MAX_ELSEWHERE = 5  # shipments that are named beside a code


@dataclass(frozen=True)
class TypedCode:
    """A code, and the carriers whose codes have its form: several of them make it nobody's."""

    new: NewTrackingCode
    recognised: Recognised = Recognised()  # noqa: RUF009


@dataclass(frozen=True)
class Elsewhere:
    """Another shipment that has a code too, and its order."""

    order: str
    reference: str


def preset_carrier(order: Order) -> str | None:
    """The shop's carrier that an order's shipping method names, such as «Hemleverans med PostNord»."""
    return carrier_of_method(order.shipping_method)


def carrier_of_method(shipping_method: str | None) -> str | None:
    """The shop's carrier that a shipping method names."""
    return match_in_method(shipping_method, [carrier.name for carrier in shop_settings.current().carriers])


def parse_input(
    text: str, carrier: str | None, carriers: Sequence[Carrier], preset: str | None = None
) -> list[NewTrackingCode]:
    """The tracking codes in a text, as `understand` has them."""
    return [typed.new for typed in understand(text, carrier, carriers, preset)]


def understand(
    text: str, carrier: str | None, carriers: Sequence[Carrier], preset: str | None = None
) -> list[TypedCode]:
    """The tracking codes in what staff pasted: codes or links, apart by commas, semicolons or line breaks.

    Characters that cannot be seen are left out, and labels. A link to the tracking page of a known carrier gives that
    carrier and the codes in the link; a link of another page is kept. A code that can be one carrier's only is that
    carrier's, and of several the `preset` one's, unless staff chose another carrier than the one that was preset.
    Raises RuleViolation for text that is neither a code nor a web address.
    """
    codes = [typed for part in split(text) for typed in _parse_codes(part, carrier, carriers, preset)]
    if not codes:
        raise _not_a_code()
    return list({compact(typed.new.code): typed for typed in reversed(codes)}.values())[::-1]


def elsewhere(codes: Iterable[NewTrackingCode], shipment: Shipment) -> dict[str, list[Elsewhere]]:
    """Other shipments that have one of these codes already, by the code as it is given here."""
    by_spelling = {spelling: new.code for new in codes for spelling in spellings([new.code])}
    rows = db.session.execute(
        select(TrackingCode.code, Order.number, Shipment.seq)
        .join(Shipment, Shipment.id == TrackingCode.shipment_id)
        .join(Order, Order.id == TrackingCode.order_id)
        .where(TrackingCode.code.in_(by_spelling), TrackingCode.shipment_id != shipment.id)
        .limit(MAX_ELSEWHERE)
    )
    found: dict[str, list[Elsewhere]] = {}
    for code, number, seq in sorted(rows):
        found.setdefault(by_spelling[code], []).append(Elsewhere(number, f"{number}-{seq}"))
    return found


def _parse_codes(text: str, carrier: str | None, carriers: Sequence[Carrier], preset: str | None) -> list[TypedCode]:
    if link := tracking_links.read_link(text):
        return [TypedCode(new) for new in _parse_link(link, list(carriers))]
    code = normalise(text, [*carriers, *PUBLISHED])
    if not recognise(code, [*carriers, *PUBLISHED]).carriers:
        code = normalise(without_label(code) or code, [*carriers, *PUBLISHED])
    if not CODE.fullmatch(code):
        raise _not_a_code()
    if carrier is not None and carrier not in {existing.name for existing in carriers}:
        raise RuleViolation(_("Choose one of the shop's carriers."), field="carrier")
    recognised = recognise(code, carriers)
    name = recognised.only(preset) if carrier in (None, preset) else None
    return [TypedCode(NewTrackingCode(code, name or carrier), recognised)]


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
