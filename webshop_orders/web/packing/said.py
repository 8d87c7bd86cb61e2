"""What pack mode says of a scan: in a word, a colour and a tone, and in a sentence."""

from dataclasses import dataclass
from enum import StrEnum

from flask_babel import format_decimal, ngettext
from flask_babel import gettext as _

from webshop_orders.models import PackingLine, ScanKind
from webshop_orders.operations.packing.scanning import Effect, Outcome
from webshop_orders.operations.packing.sessions import Packing


class Tone(StrEnum):
    RIGHT = "right"
    WRONG = "wrong"
    DONE = "done"
    ASKS = "asks"
    NOTE = "note"


@dataclass(frozen=True)
class Said:
    tone: Tone
    sentence: str


def wrong(reason: object) -> Said:
    return Said(Tone.WRONG, str(reason))


def of_outcome(outcome: Outcome, packing: Packing) -> Said:
    """What a scan did, and what comes next."""
    match outcome.effect:
        case Effect.PACKED if outcome.line is not None:
            return Said(Tone.RIGHT, _with_next(_units_of(outcome.line, outcome.units), packing))
        case Effect.LABELLED if outcome.is_doubtful:
            doubt = _("The check digit of %(code)s is not right. UNDO takes the label away.", code=outcome.code)
            return Said(Tone.ASKS, _with_next(doubt, packing))
        case Effect.LABELLED:
            return Said(Tone.RIGHT, _with_next(_("The label %(code)s is scanned.", code=outcome.code), packing))
        case Effect.KNOWN_ALREADY:
            return Said(Tone.NOTE, _with_next(_("%(code)s is scanned already.", code=outcome.code), packing))
        case Effect.OWN_SLIP:
            return Said(Tone.NOTE, _("This is the slip of %(shipment)s.", shipment=packing.reference))
        case Effect.NEW_PARCEL:
            return Said(Tone.RIGHT, _("A further parcel: scan its label."))
        case Effect.TAKEN_BACK:
            return Said(Tone.NOTE, _taken_back(outcome))
    return of_last_scan(packing)


def of_last_scan(packing: Packing) -> Said:
    """What a page that is opened says: what counted last, and what comes next."""
    last = packing.scans[-1] if packing.scans else None
    if last is None:
        return Said(Tone.NOTE, _("Scan the products of %(shipment)s.", shipment=packing.reference))
    line = packing.find_line(last.line_id)
    match last.kind:
        case ScanKind.UNITS if line is not None:
            return Said(Tone.RIGHT, _with_next(_units_of(line, last.units), packing))
        case ScanKind.CODE:
            return Said(Tone.RIGHT, _with_next(_("The label %(code)s is scanned.", code=last.text), packing))
        case ScanKind.NEW_PARCEL:
            return Said(Tone.RIGHT, _("A further parcel: scan its label."))
        case ScanKind.ASKED_TO_SHIP:
            return asks_to_ship(packing)
        case ScanKind.ASKED_FOR_MISSING:
            return asks_for_missing(packing)
        case ScanKind.SPLIT_OFF:
            return split_off(packing, last.text or "")
    return Said(Tone.NOTE, _with_next("", packing))


def asks_to_ship(packing: Packing) -> Said:
    return Said(Tone.ASKS, _("Ship %(shipment)s anyway? Scan DONE again.", shipment=packing.reference))


def asks_for_missing(packing: Packing) -> Said:
    return Said(
        Tone.ASKS,
        ngettext(
            "Is %(left)s unit missing? Scan MISSING again, and it is split off.",
            "Are %(left)s units missing? Scan MISSING again, and they are split off.",
            packing.left,
            left=format_decimal(packing.left),
        ),
    )


def split_off(packing: Packing, target: str) -> Said:
    return Said(Tone.NOTE, _with_next(_("What is missing was moved to %(target)s.", target=target), packing))


def shipped(reference: str) -> Said:
    return Said(Tone.DONE, _("%(shipment)s is packed and shipped.", shipment=reference))


def _units_of(line: PackingLine, units: int) -> str:
    return _(
        "%(units)s × %(product)s: %(packed)s of %(quantity)s.",
        units=format_decimal(units),
        product=line.name,
        packed=format_decimal(line.packed),
        quantity=format_decimal(line.quantity),
    )


def _with_next(sentence: str, packing: Packing) -> str:
    if packing.left:
        left = ngettext(
            "%(left)s left to pack.", "%(left)s left to pack.", packing.left, left=format_decimal(packing.left)
        )
        return f"{sentence} {left}".strip()
    following = _("All is packed. Scan DONE.") if packing.is_complete else _("All is packed. Scan the label.")
    return f"{sentence} {following}".strip()


def _taken_back(outcome: Outcome) -> str:
    if outcome.line is not None:
        return _("Taken back: %(units)s × %(product)s.", units=format_decimal(outcome.units), product=outcome.line.name)
    return _("The last scan is taken back.")
