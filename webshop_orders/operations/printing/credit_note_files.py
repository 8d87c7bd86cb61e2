"""Credit notes as PDF files, in the language of the customer."""

from __future__ import annotations

from typing import Any

from webshop_orders import shop_settings
from webshop_orders.mailing.credit_notes import credit_note_context
from webshop_orders.mailing.vocabulary import mail_language
from webshop_orders.models import Order, Refund
from webshop_orders.operations.after_sales import credit_notes
from webshop_orders.operations.printing.breaking import MAX_SKU, MAX_WORD, break_words
from webshop_orders.operations.printing.slip_files import read_logo
from webshop_orders.pdf.typesetting import UnreadablePicture, check_installed, typeset
from webshop_orders.text.languages import lazy_gettext as _l

TEMPLATE = "printing/credit_note.typ"


def of_refund(order: Order, refund: Refund) -> bytes:
    """The credit note of a refund; raises NoPdf, and RuleViolation where the refund was cancelled."""
    check_installed()
    credit_notes.check_stands(order, refund)
    shop = shop_settings.current()
    language = mail_language(order.language, shop)
    note = credit_note_context(order, refund, shop, language)
    data = {**_data(note, language), "shop": shop.name, "logo": read_logo()}
    try:
        return typeset(TEMPLATE, data)
    except UnreadablePicture:  # the logo, of which only the beginning is looked at when it is uploaded
        return typeset(TEMPLATE, {**data, "logo": None})


def _data(note: dict[str, Any], language: str) -> dict[str, Any]:
    heading, reference = _l("Credit note").in_language(language), note["credit_note"]["reference"]
    columns = [_l("Product"), _l("Quantity"), _l("Unit price"), _l("VAT rate"), _l("Sum")]
    sums = note["sums"]
    return {
        "language": language,
        "title": f"{heading} {reference}",
        "heading": heading,
        "reference": reference,
        "addresses": [
            {"heading": address["label"], "lines": [break_words(line, MAX_WORD) for line in address["lines"]]}
            for address in note["addresses"]
        ],
        "facts": [[fact["label"], break_words(fact["value"], MAX_WORD)] for fact in note["facts"]],
        "columns": [column.in_language(language) for column in columns],
        "rows": [_cells(row, note["words"]) for row in note["rows"]],
        "sums": [[row["label"], row["amount"]] for row in sums["rows"]],
        "total": [sums["total"]["label"], sums["total"]["amount"]],
        "below": [[row["label"], row["amount"]] for row in (*sums["vat"], *sums["settled"])],
    }


def _cells(row: dict[str, Any], words: dict[str, str]) -> list[str]:
    discount = f"{words['discount']} {row['discount']}" if row["discount"] else None
    about = [break_words(row["name"], MAX_WORD), break_words(row["sku"] or "", MAX_SKU), discount]
    name = "\n".join(part for part in about if part)
    return [name, row["quantity"] or "", row["unit_price"] or "", row["vat_rate"], row["total"]]
