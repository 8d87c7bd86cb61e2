"""What a customer told or chose with a Shopify order: its additional details and discount codes.

https://shopify.dev/docs/api/admin-rest/latest/resources/order
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from webshop_orders.connectors import parsing
from webshop_orders.models.attribute import MAX_ATTRIBUTES

MAX_ORGANISATION_NUMBER_LENGTH = 30
MAX_PICKUP_POINT_LENGTH = 300
# Names that apps for checkouts give the place where the customer collects the parcel, without signs between words.
PICKUP_POINT = re.compile(
    r"pickup(point|location|place|store)?|pick up|ombud|utlämning|hämtställe|upphämtning|service ?point|"
    r"parcel ?(shop|locker|box)|paketbox|paketskåp|drop ?point|udleveringssted|pakkeshop|hentested|"
    r"utleveringssted|noutopiste"
)
ANSWERS = {"yes", "no", "ja", "nej", "true", "false"}  # to whether the customer collects it
NO_PLACE = re.compile(r"\b(id|nr|no|number|nummer|code|kod|date|datum|time|tid)\b")
ORGANISATION_NUMBER = re.compile(
    r"(company |business |billing |customer |eu |företagets )?"
    r"(org(anisations?|anizations?)? ?(nr|no|nummer|number)|(vat|tax|moms|company|företags) ?"
    r"(registreringsnummer|reg ?nr|id|nr|no|number|nummer)|vat|cvr( ?n.*)?|y ?tunnus)"
)


@dataclass(frozen=True)
class Details:
    """The additional details of an order, with those that have a field of their own here taken out of them."""

    attributes: list[dict[str, str]]
    pickup_point: str | None
    organisation_number: str | None


def details(payload: dict[str, Any]) -> Details:
    """The additional details and discount codes of an order."""
    notes = parsing.attribute_documents(
        (note.get("name"), note.get("value")) for note in parsing.items(payload, "note_attributes")
    )
    places = [note for note in notes if _is_place(note["name"]) and note["value"].casefold() not in ANSWERS]
    numbers = [
        note
        for note in notes
        if ORGANISATION_NUMBER.fullmatch(_words(note["name"])) and len(note["value"]) <= MAX_ORGANISATION_NUMBER_LENGTH
    ][:1]
    codes = parsing.attribute_documents(
        (_("Discount code"), code.get("code")) for code in parsing.items(payload, "discount_codes")
    )
    number = parsing.attribute_documents([(_("Purchase order number"), payload.get("po_number"))])
    others = [note for note in notes if note not in places and note not in numbers]
    place = ", ".join(dict.fromkeys(" ".join(note["value"].split()) for note in places))
    return Details(
        attributes=[*others, *codes, *number][:MAX_ATTRIBUTES],
        pickup_point=place[:MAX_PICKUP_POINT_LENGTH].strip() or None,
        organisation_number=" ".join(numbers[0]["value"].split()) if numbers else None,
    )


def _is_place(name: str) -> bool:
    words = _words(name)
    return PICKUP_POINT.search(words) is not None and NO_PLACE.search(words) is None


def _words(name: str) -> str:
    """A name in small letters with single blanks between its words: `Pickup-Point_Name` is `pickup point name`."""
    separated = re.sub(r"(?<=[a-zåäö])(?=[A-ZÅÄÖ])", " ", name)
    return " ".join(re.findall(r"\w+", separated.replace("_", " ").casefold()))
