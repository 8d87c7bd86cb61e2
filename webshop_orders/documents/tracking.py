"""Tracking codes as JSON."""

from dataclasses import dataclass
from typing import Annotated, Any

from webshop_orders import shop_settings
from webshop_orders.documents.known_carriers import match_name
from webshop_orders.documents.known_codes import normalise
from webshop_orders.models.tracking_code import CODE, LINK, MAX_CODES
from webshop_orders.validation.document import Document
from webshop_orders.validation.rules import Items, Pattern, ShortForm, Text


class CarrierName(Text):
    """The name of a carrier, written as the shop writes it where the shop has that carrier."""

    def read(self, value: Any) -> Any:
        return normalise_carrier(super().read(value))


class CodePattern(Pattern):
    """A tracking code, without the characters that cannot be seen and the spaces of digits in groups."""

    def _trim(self, value: str) -> str:
        return normalise(value)


@dataclass(frozen=True)
class NewTrackingCode(Document):
    """A tracking code, with its carrier and link where they are known."""

    code: Annotated[str, CodePattern(100, pattern=CODE.pattern, example="JJFI64300012345678")]
    carrier: Annotated[str, CarrierName(60)] | None = None
    url: Annotated[str, Pattern(500, pattern=LINK.pattern, example="https://example.com/track/1")] | None = None


TrackingCodes = Annotated[list[Annotated[NewTrackingCode, ShortForm("code")]], Items(MAX_CODES)]


def normalise_carrier(name: str) -> str:
    """A carrier's name as the shop writes it, also from its aliases and services; unchanged where it has none such."""
    return match_name(name, (carrier.name for carrier in shop_settings.current().carriers)) or name
