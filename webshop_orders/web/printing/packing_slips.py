"""The packing slips of a batch, or of single shipments, each in the language of its customer."""

from functools import partial

from flask import Blueprint, Response, request, url_for
from markupsafe import Markup

from webshop_orders import rendering, shop_settings
from webshop_orders.barcodes import code128, qr
from webshop_orders.models import Batch
from webshop_orders.models.event_facts import Document
from webshop_orders.operations.printing import packing_slips, printed, selection
from webshop_orders.operations.printing.packing_slips import PackingSlip
from webshop_orders.operations.printing.selection import Selection
from webshop_orders.web.printing import page, pdf_files

blueprint = Blueprint("packing_slips", __name__, url_prefix="/packing-slips")

# In mm: beside the heading of a slip, which static/print.css leaves room for.
CODE_WIDTH, CODE_HEIGHT, QR_WIDTH = 90, 14, 24


@blueprint.get("/<id:batch_id>")
def show(batch_id: int) -> Response:
    return _render_batch(batch_id, selection.of_batch(batch_id))


@blueprint.post("/<id:batch_id>")
def print_batch(batch_id: int) -> Response:
    return page.note(
        lambda actor: printed.record_batch(batch_id, Document.PACKING_SLIP, by=actor),
        partial(_render_batch, batch_id, is_noted=True),
        _url_of_batch(batch_id),
    )


@blueprint.get("")
def show_shipments() -> Response:
    references = request.args.getlist("shipment")
    return _render_shipments(references, selection.of_references(references))


@blueprint.post("")
def print_shipments() -> Response:
    references = request.form.getlist("shipment")
    return page.note(
        lambda actor: printed.record_shipments(references, Document.PACKING_SLIP, by=actor),
        partial(_render_shipments, references, is_noted=True),
        _url_of_shipments(references),
    )


def _render_batch(batch_id: int, selected: Selection, *, is_noted: bool | None = None) -> Response:
    url = url_for("packing_slips.print_batch", batch_id=batch_id)
    return _render(selected, url, _url_of_batch(batch_id), is_noted, batch=selected.batch)


def _render_shipments(references: list[str], selected: Selection, *, is_noted: bool | None = None) -> Response:
    url = url_for("packing_slips.print_shipments")
    return _render(selected, url, _url_of_shipments(references), is_noted, references=references)


def _render(
    selected: Selection,
    print_url: str,
    noted_url: str,
    is_noted: bool | None,
    *,
    batch: Batch | None = None,
    references: list[str] | None = None,
) -> Response:
    slips = [_html(slip) for slip in packing_slips.of(selected)]
    return page.render(
        "printing/packing_slips.html",
        print_url=print_url,
        noted_url=noted_url,
        is_noted=is_noted,
        batch=batch,
        references=references or [],
        slips=slips,
        labels_url=_beside("labels.show", "labels.show_shipments", batch, references),
        pdf_url=_beside("pdf_files.of_batch", "pdf_files.of_shipments", batch, references)
        if pdf_files.is_offered(len(slips))
        else None,
    )


def _beside(of_batch: str, of_shipments: str, batch: Batch | None, references: list[str] | None) -> str:
    """The address of another page about the same shipments."""
    return url_for(of_batch, batch_id=batch.id) if batch else url_for(of_shipments, shipment=references)


def _html(slip: PackingSlip) -> Markup:
    reference = slip.shipment.reference
    html = rendering.render_in(
        slip.language,
        "printing/_packing_slip.html",
        slip=slip,
        order=slip.order,
        shop=shop_settings.current(),
        code128=code128.draw(reference, width=CODE_WIDTH, height=CODE_HEIGHT),
        qr=qr.draw(reference, width=QR_WIDTH),
    )
    # nosemgrep: unescaped-markup - of a template, which has escaped its values
    return Markup(html)  # noqa: S704 # nosec B704


def _url_of_batch(batch_id: int) -> str:
    return url_for("packing_slips.show", batch_id=batch_id, noted=1)


def _url_of_shipments(references: list[str]) -> str:
    return url_for("packing_slips.show_shipments", shipment=references, noted=1)
