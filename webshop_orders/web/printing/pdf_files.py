"""Packing slips as a PDF to keep or to pass on, where what makes it is installed."""

from flask import Blueprint, Response, request

from webshop_orders.operations.printing import packing_slips, selection, slip_files
from webshop_orders.operations.printing.selection import Selection
from webshop_orders.pdf.typesetting import MEDIA_TYPE, is_installed

blueprint = Blueprint("pdf_files", __name__)


@blueprint.get("/packing-slips/<id:batch_id>.pdf")
def of_batch(batch_id: int) -> Response:
    return _file(selection.of_batch(batch_id), f"packsedlar-{batch_id}")


@blueprint.get("/packing-slips.pdf")
def of_shipments() -> Response:
    references = request.args.getlist("shipment")
    return _file(selection.of_references(references), f"packsedel-{references[0]}")


def is_offered(slips: int) -> bool:
    """Whether a file can be made of so many slips here."""
    return 0 < slips <= slip_files.MAX_SLIPS and is_installed()


def _file(selected: Selection, name: str) -> Response:
    response = Response(slip_files.of_slips(packing_slips.of(selected)), mimetype=MEDIA_TYPE)
    response.headers.set("Content-Disposition", "attachment", filename=f"{name}.pdf")
    return response
