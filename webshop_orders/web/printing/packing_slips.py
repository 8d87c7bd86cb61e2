"""The packing slips of a batch, or of single shipments, each in the language of its customer."""

from flask import Blueprint, Response, request
from markupsafe import Markup

from webshop_orders import rendering, shop_settings
from webshop_orders.barcodes import code128, qr
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
    return _render(selection.of_batch(batch_id))


@blueprint.post("/<id:batch_id>")
def print_batch(batch_id: int) -> Response:
    return page.note(lambda actor: printed.record_batch(batch_id, Document.PACKING_SLIP, by=actor), _render, _noted_url)


@blueprint.get("")
def show_shipments() -> Response:
    return _render(selection.of_references(request.args.getlist("shipment")))


@blueprint.post("")
def print_shipments() -> Response:
    references = request.form.getlist("shipment")
    return page.note(
        lambda actor: printed.record_shipments(references, Document.PACKING_SLIP, by=actor), _render, _noted_url
    )


def _render(selected: Selection, is_noted: bool | None = None) -> Response:
    slips = [_html(slip) for slip in packing_slips.of(selected)]
    pdf_url = page.address(selected, "pdf_files.of_batch", "pdf_files.of_shipments")
    return page.render(
        "printing/packing_slips.html",
        selected,
        noted_url=_noted_url(selected),
        is_noted=is_noted,
        slips=slips,
        labels_url=page.address(selected, "labels.show", "labels.show_shipments"),
        pdf_url=pdf_url if pdf_files.is_offered(len(slips)) else None,
    )


def _noted_url(selected: Selection) -> str:
    return page.address(selected, "packing_slips.show", "packing_slips.show_shipments", noted=1)


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
