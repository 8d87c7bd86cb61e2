"""Packing slips as PDF files, for programs and archives; people print the page of `web/printing`."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders import shop_settings
from webshop_orders.barcodes import code128, qr
from webshop_orders.barcodes.drawing import Drawing
from webshop_orders.db.extensions import db
from webshop_orders.errors import RuleViolation
from webshop_orders.models import Address, Logo, Order, Shop
from webshop_orders.models.line import NO_SKU
from webshop_orders.operations.printing.breaking import MAX_SKU, MAX_WORD, break_words
from webshop_orders.operations.printing.packing_slips import PackingSlip, SlipRow
from webshop_orders.pdf.typesetting import UnreadablePicture, check_installed, typeset
from webshop_orders.text import formatting
from webshop_orders.text.languages import Sentence, catalogue
from webshop_orders.text.languages import lazy_gettext as _l

MAX_SLIPS = 100  # in one file: each takes some 3 MB while it is set
TEMPLATE = "printing/packing_slip.typ"
CODE_WIDTH, CODE_HEIGHT, QR_WIDTH = 100, 12, 26  # mm
# typst takes text alone, so a picture goes as one within an SVG, scaled to the place that there is.
LOGO = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}">'
    '<image width="{width}" height="{height}" href="data:{media_type};base64,{content}"/></svg>'
)
HEADING, SEVERAL = _l("Packing slip"), _l("Packing slips")
EDITED = _l("Edited since the pick list was printed")


def of_slips(slips: list[PackingSlip]) -> bytes:
    """A PDF with these packing slips, each on its own pages; raises NoPdf, and RuleViolation for none or too many."""
    check_installed()
    if not slips:
        raise RuleViolation(_("There are no slips to print: no shipment has anything to pack."))
    if len(slips) > MAX_SLIPS:
        raise RuleViolation(
            _("A PDF file has at most %(most)s packing slips. Print the page, or select fewer orders.", most=MAX_SLIPS)
        )
    shop, logo = shop_settings.current(), read_logo()
    found = [_slip(slip, shop, logo) for slip in slips]
    first = found[0]
    title = f"{first['heading']} {first['reference']}" if len(found) == 1 else _in(first["language"], SEVERAL)
    data = {"title": title, "language": first["language"], "slips": found}
    try:
        return typeset(TEMPLATE, data)
    except UnreadablePicture:  # the logo, of which only the beginning is looked at when it is uploaded
        return typeset(TEMPLATE, {**data, "slips": [{**slip, "logo": None} for slip in found]})


def _slip(slip: PackingSlip, shop: Shop, logo: str | None) -> dict[str, Any]:
    order, language, reference = slip.order, slip.language, slip.shipment.reference
    return {
        "language": language,
        "shop": shop.name,
        "logo": logo,
        "heading": _in(language, HEADING),
        "reference": reference,
        "is_edited": _in(language, EDITED) if slip.is_edited else None,
        "code128": _drawing(code128.draw(reference, width=CODE_WIDTH, height=CODE_HEIGHT), reference),
        "qr": _drawing(qr.draw(reference, width=QR_WIDTH), reference),
        "box": _l("Box %(number)s", number=slip.box).in_language(language) if slip.box else None,
        "addresses": _addresses(order, language),
        "facts": _facts(slip, shop),
        "contents": _contents(slip),
        "sum": _sum(slip),
        "parts": _parts(slip),
        "text": shop.slip_text(language),
        "about": _about(slip),
        "return_form": _return_form(slip) if shop.slip_has_return_form else None,
    }


def _in(language: str, sentence: Sentence) -> str:
    return sentence.in_language(language)


def _drawing(code: Drawing | None, text: str) -> dict[str, Any] | None:
    return {"svg": code.svg, "width": code.width, "text": text} if code else None


def read_logo() -> str | None:
    """The shop's logo as a drawing that typst takes; None where it has none."""
    logo = db.session.scalar(select(Logo))
    if logo is None:
        return None
    content = b64encode(logo.content).decode()
    return LOGO.format(width=logo.width, height=logo.height, media_type=logo.media_type, content=content)


def _addresses(order: Order, language: str) -> list[dict[str, Any]]:
    """The delivery address, and that of the invoice where it is another one."""
    delivery, billing = order.shipping_address, order.billing_address
    addresses = {_l("Delivery to"): delivery} | ({_l("Billed to"): billing} if billing != delivery else {})
    return [
        {"heading": _in(language, heading), "lines": _breakable(_address(address, language))}
        for heading, address in addresses.items()
    ]


def _address(address: Address, language: str) -> list[str]:
    pickup = _l("Pick-up point: %(place)s", place=address.pickup_point).in_language(language)
    lines = [
        pickup if address.pickup_point else None,
        *address.lines,
        formatting.country(address.country, language),
        address.phone,
    ]
    return [line for line in lines if line]


def _facts(slip: PackingSlip, shop: Shop) -> list[tuple[str, str]]:
    order, language = slip.order, slip.language
    facts = [
        (_l("Order"), order.number),
        (_l("The shop's number"), order.shop_number),
        (_l("Placed"), formatting.date_time(order.placed_at, shop.time_zone, language)),
        (_l("Delivery method"), order.shipping_method),
        (_l("Phone"), None if order.shipping_address.phone else order.customer.phone),
    ]
    return [(_in(language, label), break_words(value, MAX_SKU)) for label, value in facts if value]


def _columns(language: str, *columns: tuple[Sentence, float, bool]) -> list[dict[str, Any]]:
    """Columns by their heading, their share of the width (0 for as wide as they need to be), and whether of numbers."""
    return [
        {"heading": _in(language, heading), "share": share, "numeric": is_numeric}
        for heading, share, is_numeric in columns
    ]


def _contents(slip: PackingSlip) -> dict[str, Any]:
    currency, language = slip.order.currency, slip.language
    columns = [(_l("Quantity"), 0, True), (_l("Product"), 6, False), (_l("SKU"), 3, False)]
    rows = [[formatting.integer(row.quantity, language), _name(row), _sku(row)] for row in slip.rows]
    if slip.totals is not None:
        columns += [(_l("Unit price"), 0, True), (_l("Sum"), 0, True)]
        for row, cells in zip(slip.rows, rows, strict=True):
            cells += [formatting.amount(amount, currency, language) for amount in (row.line.unit_price, row.total)]
    return {"columns": _columns(language, *columns), "rows": rows}


def _name(row: SlipRow) -> str:
    line = row.line
    return break_words(
        "\n".join([line.name, *(f"{chosen.name}: {chosen.value}" for chosen in line.properties)]), MAX_WORD
    )


def _sku(row: SlipRow) -> str:
    return break_words(row.line.sku, MAX_SKU) if row.line.sku != NO_SKU else ""


def _sum(slip: PackingSlip) -> list[str] | None:
    if slip.totals is None:
        return None
    label = _in(slip.language, _l("Sum of the products in this shipment"))
    return [label, formatting.money(slip.totals.total, slip.order.currency, slip.language)]


def _parts(slip: PackingSlip) -> list[dict[str, Any]]:
    """What is said below the rows: what comes later, and the comments."""
    language = slip.language
    later = [f"{formatting.integer(row.quantity, language)} × {row.name}" for row in slip.later]
    parts = [(_l("Comes later"), later)] if later else []
    for comment in slip.comments:
        heading = _l("Your message to us") if comment.from_customer else _l("A message to you")
        parts.append((heading, [comment.text]))
    return [{"heading": _in(language, heading), "paragraphs": _breakable(texts)} for heading, texts in parts]


def _about(slip: PackingSlip) -> str:
    """How much is in the parcel, and which version of which order this is."""
    units = catalogue(slip.language).ngettext("%(count)s unit", "%(count)s units", slip.units)
    version = _l("version %(number)s", number=slip.order.version).in_language(slip.language)
    return f"{units % {'count': formatting.integer(slip.units, slip.language)}} · {slip.order.number} · {version}"


def _return_form(slip: PackingSlip) -> dict[str, Any]:
    order, language = slip.order, slip.language
    columns = [(_l("Product"), 5, False), (_l("Sent"), 0, True), (_l("Comes back"), 2, False), (_l("Reason"), 4, False)]
    rows = [
        [f"{_name(row)}\n{_sku(row)}".strip(), formatting.integer(row.quantity, language), "", ""]
        for row in slip.rows
        if not row.line.bundle_line
    ]
    wishes = [_l("my money back"), _l("another product"), _l("a repair")]
    return {
        "heading": _in(language, _l("Return")),
        "intro": _in(language, _l("Put this form into the parcel with what you send back.")),
        "contents": {"columns": _columns(language, *columns), "rows": rows},
        "wishes": [_in(language, _l("I want:")), *(_in(language, wish) for wish in wishes)],
        "to_sign": [
            f"{_in(language, _l('Name and order number'))}: {order.shipping_address.name}, {order.number}",
            f"{_in(language, _l('Date and signature'))}:",
        ],
    }


def _breakable(texts: Iterable[str]) -> list[str]:
    return [break_words(text, MAX_WORD) for text in texts]
