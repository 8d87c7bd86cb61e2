"""The refunds in the documents of orders, as their shop told of them: by themselves, or with the order."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from webshop_orders.connectors import parsing
from webshop_orders.models.refund import MAX_REFUNDS

Document = dict[str, Any]


def refunds_in(document: Document) -> list[Document]:
    refunds: list[Document] = document.get("refunds") or []
    return refunds


def with_refund(document: Document, refund: Document) -> Document:
    """The document of an order after a refund that its shop tells of by itself: paid back, and asked of nobody.

    Its lines are as they were: only a message of the order itself tells what is left of them.
    """
    payment = document.get("payment") or {}
    given = min(refund["amount"], payment.get("paid") or 0)
    return {
        **document,
        "refunds": [*refunds_in(document), refund][-MAX_REFUNDS:],
        "payment": {
            **payment,
            "paid": (payment.get("paid") or 0) - given,
            "refunded": (payment.get("refunded") or 0) + given,
            "written_off": (payment.get("written_off") or 0) + given,
        },
    }


def with_later_refunds(document: Document, changed_at: datetime | None, before: Document) -> Document:
    """A document with the refunds of the one before that came after the order was like this."""
    known = {refund["external_reference"] for refund in refunds_in(document)}
    for refund in refunds_in(before):
        at = parsing.timestamp(refund, "at")
        if refund["external_reference"] not in known and changed_at and at and at > changed_at:
            document = with_refund(document, refund)
    return document


def lacks_refunds(document: Document | None, before: Document) -> bool:
    """Whether the document before has refunds that this one has not."""
    if document is None:
        return False
    known = {refund["external_reference"] for refund in refunds_in(document)}
    return any(refund["external_reference"] not in known for refund in refunds_in(before))
