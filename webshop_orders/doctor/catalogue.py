"""Diagnostics of the catalogue of products."""

from __future__ import annotations

from flask_babel import gettext as _

from webshop_orders.doctor.diagnostic import Diagnostic
from webshop_orders.operations.stock import products

MAX_SKUS_SHOWN = 10


def ambiguous_skus() -> Diagnostic | None:
    """Products whose SKUs differ in case or blanks alone, so that orders with another spelling find none of them."""
    skus = products.ambiguous_skus(MAX_SKUS_SHOWN)
    if not skus:
        return None
    sentence = _(
        "Products: %(skus)s differ in case or blanks alone, so another spelling of them finds none.",
        skus=", ".join(skus),
    )
    return Diagnostic(False, sentence)
