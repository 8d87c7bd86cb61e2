"""Address labels of 102 × 152 mm, which label printers and their rolls have: one page a parcel."""

from dataclasses import dataclass
from functools import partial

from flask import Blueprint, Response, request, url_for

from webshop_orders import shop_settings
from webshop_orders.barcodes import code128, qr
from webshop_orders.barcodes.drawing import Drawing
from webshop_orders.models.event_facts import Document
from webshop_orders.operations.printing import labels, printed, selection
from webshop_orders.operations.printing.labels import Label
from webshop_orders.operations.printing.selection import Selection
from webshop_orders.web.printing import page
from webshop_orders.web.printing.fitting import size_of_letters

blueprint = Blueprint("labels", __name__, url_prefix="/packing-slips")

# The room within the margins of 4 mm, and how high the parts are, as static/labels.css has them, in mm.
WIDTH, SENDER, RECIPIENT, DELIVERY = 94, 16, 56, 24
CODE_HEIGHT, QR_WIDTH = 16, 23


@dataclass(frozen=True)
class PrintedLabel:
    """A label with its codes, each None where it cannot be drawn, and the sizes of letters with which it fits."""

    label: Label
    sender_size: int
    recipient_size: int
    delivery_size: int
    code128: Drawing | None
    qr: Drawing | None


@blueprint.get("/<id:batch_id>/labels")
def show(batch_id: int) -> Response:
    return _render_batch(batch_id, selection.of_batch(batch_id))


@blueprint.post("/<id:batch_id>/labels")
def print_batch(batch_id: int) -> Response:
    return page.note(
        lambda actor: printed.record_batch(batch_id, Document.LABEL, by=actor),
        partial(_render_batch, batch_id, is_noted=True),
        url_for("labels.show", batch_id=batch_id, noted=1),
    )


@blueprint.get("/labels")
def show_shipments() -> Response:
    references = request.args.getlist("shipment")
    return _render_shipments(references, selection.of_references(references))


@blueprint.post("/labels")
def print_shipments() -> Response:
    references = request.form.getlist("shipment")
    return page.note(
        lambda actor: printed.record_shipments(references, Document.LABEL, by=actor),
        partial(_render_shipments, references, is_noted=True),
        url_for("labels.show_shipments", shipment=references, noted=1),
    )


def _render_batch(batch_id: int, selected: Selection, *, is_noted: bool | None = None) -> Response:
    return page.render(
        "printing/labels.html",
        print_url=url_for("labels.print_batch", batch_id=batch_id),
        noted_url=url_for("labels.show", batch_id=batch_id, noted=1),
        is_noted=is_noted,
        batch=selected.batch,
        references=[],
        slips_url=url_for("packing_slips.show", batch_id=batch_id),
        sender=_sender(),
        labels=_printed_labels(selected),
    )


def _render_shipments(references: list[str], selected: Selection, *, is_noted: bool | None = None) -> Response:
    return page.render(
        "printing/labels.html",
        print_url=url_for("labels.print_shipments"),
        noted_url=url_for("labels.show_shipments", shipment=references, noted=1),
        is_noted=is_noted,
        batch=None,
        references=references,
        slips_url=url_for("packing_slips.show_shipments", shipment=references),
        sender=_sender(),
        labels=_printed_labels(selected),
    )


def _printed_labels(selected: Selection) -> list[PrintedLabel]:
    return [_printed(label) for label in labels.of(selected)]


def _printed(label: Label) -> PrintedLabel:
    reference, delivery = label.shipment.reference, [label.carrier, label.service, label.pickup_point]
    return PrintedLabel(
        label,
        sender_size=size_of_letters([_sender()], width=WIDTH, height=SENDER, sizes=(11, 9, 7, 6)),
        recipient_size=size_of_letters(
            label.recipient, width=WIDTH, height=RECIPIENT, sizes=(24, 21, 18, 16, 14, 12, 11, 10, 9, 8, 7, 6)
        ),
        delivery_size=size_of_letters(
            [text for text in delivery if text] + [""], width=WIDTH, height=DELIVERY, sizes=(14, 12, 11, 10, 9, 8, 7, 6)
        ),
        code128=code128.draw(reference, width=WIDTH, height=CODE_HEIGHT),
        qr=qr.draw(reference, width=QR_WIDTH),
    )


def _sender() -> str:
    """The shop's name and its address, in one line."""
    shop = shop_settings.current()
    return ", ".join([shop.name, *(shop.sender_address or "").splitlines()])
