"""What staff are told of codes that they typed. Nothing of it is refused: labels can be right against all rules."""

from collections.abc import Iterable
from dataclasses import dataclass

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.documents.tracking import NewTrackingCode
from webshop_orders.models import Shipment
from webshop_orders.operations.orders import typed_codes
from webshop_orders.operations.orders.typed_codes import Elsewhere, TypedCode
from webshop_orders.text.tracking_codes import compact


@dataclass(frozen=True)
class Understood:
    """A typed code as it will be saved, with the address of its tracking page and what is odd about it.

    `looks_of` are the carriers whose codes look so, where it is noted for none of them; `elsewhere` are other
    shipments that have it.
    """

    new: NewTrackingCode
    url: str | None
    is_noted: bool
    has_wrong_check_digit: bool
    looks_of: tuple[str, ...]
    elsewhere: list[Elsewhere]


def understand(shipment: Shipment, text: str, carrier: str | None) -> list[Understood]:
    """What a text is read as; raises RuleViolation where it is no code."""
    shop = shop_settings.current()
    codes = typed_codes.understand(text, carrier, shop.carriers, typed_codes.preset_carrier(shipment.order))
    elsewhere = typed_codes.elsewhere((typed.new for typed in codes), shipment)
    existing = {compact(tracking.code) for tracking in shipment.tracking_codes}
    return [
        Understood(
            typed.new,
            shop.tracking_url(typed.new),
            compact(typed.new.code) in existing,
            typed.recognised.has_wrong_check_digit,
            typed.recognised.carriers if typed.new.carrier not in typed.recognised.carriers else (),
            elsewhere.get(typed.new.code, []),
        )
        for typed in codes
    ]


def sentences(shipment: Shipment, codes: Iterable[TypedCode]) -> str:
    """What is odd about codes that were saved: a wrong check digit, another shipment that has one of them too."""
    codes = list(codes)
    if not codes:
        return ""
    wrong = [typed.new.code for typed in codes if typed.recognised.has_wrong_check_digit]
    said = [_("The check digit of %(code)s is not right.", code=code) for code in wrong]
    for code, others in typed_codes.elsewhere((typed.new for typed in codes), shipment).items():
        references = ", ".join(other.reference for other in others)
        said.append(_("%(code)s already is on %(shipments)s.", code=code, shipments=references))
    return " ".join(said)
