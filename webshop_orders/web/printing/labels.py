"""Address labels of 102 × 152 mm, which label printers and their rolls have: one page a parcel."""

from dataclasses import dataclass

from flask import Blueprint, Response, request

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
    return _render(selection.of_batch(batch_id))


@blueprint.post("/<id:batch_id>/labels")
def print_batch(batch_id: int) -> Response:
    return page.note(lambda actor: printed.record_batch(batch_id, Document.LABEL, by=actor), _render, _noted_url)


@blueprint.get("/labels")
def show_shipments() -> Response:
    return _render(selection.of_references(request.args.getlist("shipment")))


@blueprint.post("/labels")
def print_shipments() -> Response:
    references = request.form.getlist("shipment")
    return page.note(lambda actor: printed.record_shipments(references, Document.LABEL, by=actor), _render, _noted_url)


def _render(selected: Selection, is_noted: bool | None = None) -> Response:
    return page.render(
        "printing/labels.html",
        selected,
        noted_url=_noted_url(selected),
        is_noted=is_noted,
        slips_url=page.address(selected, "packing_slips.show", "packing_slips.show_shipments"),
        sender=_sender(),
        labels=[_printed(label) for label in labels.of(selected)],
    )


def _noted_url(selected: Selection) -> str:
    return page.address(selected, "labels.show", "labels.show_shipments", noted=1)


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
