"""What a scan means while a shipment is packed: a unit of it, its label, a command, or something that is wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import or_, select

from webshop_orders import shop_settings
from webshop_orders.barcodes import gs1, gtin
from webshop_orders.barcodes.gs1 import Scan
from webshop_orders.db.extensions import db
from webshop_orders.documents.known_codes import is_distinct, normalise
from webshop_orders.errors import RuleViolation
from webshop_orders.models import MAX_QUANTITY, NO_SKU, PackingLine, Product, ScanKind
from webshop_orders.operations.order_list import key_lookup
from webshop_orders.operations.orders import typed_codes
from webshop_orders.operations.orders.typed_codes import TypedCode
from webshop_orders.operations.packing import differences, sessions
from webshop_orders.operations.packing.commands import Command
from webshop_orders.operations.packing.sessions import Packing
from webshop_orders.text.folding import sku_key
from webshop_orders.text.tracking_codes import compact

# «12*» before a code stands for so many units, as at a till.
WITH_QUANTITY = re.compile(r"([1-9][0-9]{0,4})\s*[*×]\s*(\S.*)")


class Effect(StrEnum):
    """What a scan did."""

    PACKED = "packed"
    LABELLED = "labelled"
    OWN_SLIP = "own_slip"
    NEW_PARCEL = "new_parcel"
    TAKEN_BACK = "taken_back"
    KNOWN_ALREADY = "known_already"
    REPEATED = "repeated"


@dataclass(frozen=True)
class Outcome:
    """A scan that was right: its effect, and the line or the code that it was about.

    `is_doubtful` is whether the code counts although its check digit is wrong: a label can be wrong, and its parcel
    still goes.
    """

    effect: Effect
    line: PackingLine | None = None
    units: int = 0
    code: str = ""
    is_doubtful: bool = False


class Elsewhere(Exception):
    """The slip of another shipment was scanned before anything of this one was packed: that is meant."""

    def __init__(self, number: str, seq: int | None) -> None:
        super().__init__(number)
        self.number = number
        self.seq = seq


def scan(packing: Packing, scanned: str, *, request_key: str | None) -> Outcome:
    """Carry out what a scan means, once for each request key.

    Raises RuleViolation for what does not belong to the shipment, Stopped where the order has changed, and Elsewhere
    for the slip of another shipment while nothing is packed.
    """
    if packing.was_done(request_key):
        return Outcome(Effect.REPEATED)
    differences.check_none(packing)
    sessions.check_open(packing)
    quantity, text = _with_quantity(scanned)
    read = gs1.read(text)
    # A scanner that is set to an American keyboard sends - as +.
    if line := _line_with_code(packing, read.text) or _line_with_code(packing, read.text.replace("+", "-")):
        return pack(packing, line, quantity, request_key=request_key)
    # Order numbers of 8 and more digits look like articles and parcels too.
    if outcome := _slip_or_known_label(packing, text):
        return outcome
    if read.gtin and (line := _line_with_code(packing, read.gtin)):
        return pack(packing, line, quantity, request_key=request_key)
    if product := _other_product(read):
        raise RuleViolation(
            _("%(product)s is not in %(shipment)s.", product=product.name, shipment=packing.reference), field="code"
        )
    return _label(packing, text, read, request_key)


def _with_quantity(scanned: str) -> tuple[int, str]:
    match = WITH_QUANTITY.fullmatch(scanned.strip())
    return (int(match[1]), match[2]) if match else (1, scanned)


def _line_with_code(packing: Packing, code: str) -> PackingLine | None:
    """The line of the article with this SKU or barcode, one with units left first."""
    shipment = sessions.check_open(packing)
    barcodes = {line.id: line.product.barcode for line in shipment.lines if line.product and line.product.barcode}
    matches = [
        line
        for line in packing.lines
        if (line.sku != NO_SKU and sku_key(line.sku) == sku_key(code))
        or (line.line_id in barcodes and gtin.same_article(barcodes[line.line_id], code))
    ]
    return next((line for line in matches if line.left), matches[0] if matches else None)


def pack(packing: Packing, line: PackingLine, units: int, *, request_key: str | None) -> Outcome:
    """Tick units of a line off; raises RuleViolation for more than are left of it."""
    if packing.was_done(request_key):
        return Outcome(Effect.REPEATED)
    differences.check_none(packing)
    if line.left == 0:
        raise RuleViolation(
            _("%(product)s: all are packed already, this is one too many.", product=line.name), field="code"
        )
    if not 1 <= units <= min(line.left, MAX_QUANTITY):
        raise RuleViolation(
            ngettext(
                "Only %(left)s of %(product)s is left to pack.",
                "Only %(left)s of %(product)s are left to pack.",
                line.left,
                left=line.left,
                product=line.name,
            ),
            field="quantity",
        )
    line.packed += units
    packing.log(ScanKind.UNITS, request_key=request_key, line_id=line.line_id, units=units)
    return Outcome(Effect.PACKED, line, units)


def _slip_or_known_label(packing: Packing, text: str) -> Outcome | None:
    """The slip or the label of this shipment, or of another one; None for what no order has."""
    matches = key_lookup.exact_matches(text)
    own = [match for match in matches if match.number == packing.order.number]
    if own and own[0].seq in {None, packing.session.seq}:
        codes = {compact(code.code) for code in sessions.check_open(packing).tracking_codes}
        return None if compact(normalise(text)) in codes else Outcome(Effect.OWN_SLIP)
    if not matches:
        return None
    other = (own or matches)[0]
    reference = other.number if other.seq is None else f"{other.number}-{other.seq}"
    if packing.packed == 0 and not packing.codes:
        raise Elsewhere(other.number, other.seq)
    raise RuleViolation(
        _(
            "This belongs to %(other)s, and you are packing %(shipment)s.",
            other=reference,
            shipment=packing.reference,
        ),
        field="code",
    )


def _other_product(read: Scan) -> Product | None:
    """A product of the catalogue that is not in the shipment."""
    code = read.gtin or read.text
    is_meant = or_(Product.barcode.in_(gtin.spellings(code)), Product.sku_key == sku_key(read.text))
    return db.session.scalar(select(Product).where(is_meant).order_by(Product.id).limit(1))


def _label(packing: Packing, text: str, read: Scan, request_key: str | None) -> Outcome:
    """The label of a parcel: before all is packed only a code that cannot be anything else."""
    typed = _read_label(packing, text, read)
    new = typed.new
    known = {compact(code.code) for code in sessions.check_open(packing).tracking_codes}
    scanned = {compact(scan.text or "") for scan in packing.codes}
    if compact(new.code) in scanned:
        return Outcome(Effect.KNOWN_ALREADY, code=new.code)
    if compact(new.code) not in known and (known or scanned) and not packing.expects_label:
        raise RuleViolation(
            _(
                "%(shipment)s has another label already. Scan NEW PARCEL first if %(code)s is a further parcel.",
                shipment=packing.reference,
                code=new.code,
            ),
            field="code",
        )
    packing.log(ScanKind.CODE, request_key=request_key, text=new.code, carrier=new.carrier, url=new.url)
    is_doubtful = typed.recognised.has_wrong_check_digit or read.has_wrong_check_digit
    return Outcome(Effect.LABELLED, code=new.code, is_doubtful=is_doubtful)


def _read_label(packing: Packing, text: str, read: Scan) -> TypedCode:
    unknown = RuleViolation(
        _("«%(code)s» is neither a product of %(shipment)s nor a label.", code=read.text, shipment=packing.reference),
        field="code",
    )
    carriers = shop_settings.current().carriers
    is_awaited = packing.expects_label or packing.left == 0
    is_article = bool(read.gtin) and not packing.expects_label
    if is_article or not (is_awaited or read.sscc or is_distinct(normalise(text, carriers), carriers)):
        raise unknown
    preset = typed_codes.preset_carrier(packing.order)
    try:
        codes = typed_codes.understand(text, preset, carriers, preset)
    except RuleViolation as reason:
        raise unknown from reason
    if len(codes) > 1:
        raise RuleViolation(_("Scan one label at a time."), field="code")
    return codes[0]


def carry_out(packing: Packing, command: Command, *, request_key: str | None) -> Outcome:
    """Carry out a command that concerns nothing but what is scanned. Raises as `scan` does."""
    if packing.was_done(request_key):
        return Outcome(Effect.REPEATED)
    match command:
        case Command.UNDO:
            return undo(packing, request_key=request_key)
        case Command.NEW_PARCEL:
            differences.check_none(packing)
            if packing.expects_label:
                return Outcome(Effect.NEW_PARCEL)
            packing.log(ScanKind.NEW_PARCEL, request_key=request_key)
            return Outcome(Effect.NEW_PARCEL)
        case _:
            return _pack_rest_of_line(packing, request_key)


def _pack_rest_of_line(packing: Packing, request_key: str | None) -> Outcome:
    """Tick off what is left of the line that was scanned last."""
    last = packing.scans[-1] if packing.scans else None
    if last is None or last.kind is not ScanKind.UNITS or last.line_id is None:
        raise RuleViolation(_("Scan one of the products first: then all of its row is packed."), field="code")
    line = packing.get_line(last.line_id)
    return pack(packing, line, max(line.left, 1), request_key=request_key)


def undo(packing: Packing, *, request_key: str | None) -> Outcome:
    """Take back the last scan that counted; raises RuleViolation where there is none."""
    if packing.was_done(request_key):
        return Outcome(Effect.REPEATED)
    last = packing.scans[-1] if packing.scans else None
    if last is None or last.kind in {ScanKind.SPLIT_OFF, ScanKind.READ_AGAIN}:
        raise RuleViolation(_("There is nothing to take back here."))
    line = None
    if last.kind is ScanKind.UNITS:
        line = packing.find_line(last.line_id)
        if line is not None:
            line.packed -= min(last.units, line.packed)
    last.undone = True
    packing.scans.remove(last)
    packing.log(ScanKind.UNDONE, request_key=request_key, line_id=last.line_id, undone=True)
    return Outcome(Effect.TAKEN_BACK, line, last.units, last.text or "")
