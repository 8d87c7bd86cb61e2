"""The tracking codes of a shipment: what a typed text is read as, and the correction of one."""

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from webshop_orders import rendering, shop_settings
from webshop_orders.errors import NotFound, RuleViolation
from webshop_orders.operations.orders import shipments, tracking, typed_codes
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.web.http.query_args import text_arg
from webshop_orders.web.http.responses import open_page, wants_fragment
from webshop_orders.web.orders import code_notes
from webshop_orders.web.orders.editing import edit_order
from webshop_orders.web.orders.forms.shipments import MAX_INPUT, TrackingCorrectionForm
from webshop_orders.web.orders.page import render, render_change

blueprint = Blueprint("tracking", __name__, url_prefix="/orders/<number:number>/shipments/<id:seq>/tracking")


@blueprint.get("/understood")
def understand(number: str, seq: int) -> Response:
    """What the typed text is read as, for its place in the row; a page of its own it is not."""
    order = get_order(number)
    shipment = shipments.get(order, seq)
    if not wants_fragment():
        return open_page(url_for("order.tab", number=number, tab="shipping"))
    text, carrier = text_arg("code", MAX_INPUT), text_arg("carrier") or None
    refused_text: str | None = None
    understood: list[code_notes.Understood] = []
    try:
        understood = code_notes.understand(shipment, text, carrier) if text else []
    except RuleViolation as reason:
        refused_text = str(reason)
    return Response(rendering.render("orders/_understood.html", understood=understood, refused_text=refused_text))


@blueprint.get("/<id:tracking_id>")
def edit(number: str, seq: int, tracking_id: int) -> Response:
    order = get_order(number)
    try:
        code = tracking.get(shipments.get(order, seq), tracking_id)
    except NotFound as gone:
        return render(order, "shipping", error_message=str(gone), status=gone.status)
    form = None if order.is_cancelled else TrackingCorrectionForm.of(code, seq)
    return render(order, "shipping", active_form=form)


@blueprint.post("/<id:tracking_id>")
def correct(number: str, seq: int, tracking_id: int) -> Response:
    form = TrackingCorrectionForm(seq, tracking_id=tracking_id)
    with edit_order(number, form) as order:
        shipment = shipments.get(order, seq)
        present = tracking.get(shipment, tracking_id)
        before, carriers = present.code, shop_settings.current().carriers
        typed = typed_codes.understand(form.code.data, form.carrier.data, carriers, preset=present.carrier)
        if len(typed) > 1:
            raise RuleViolation(_("Give one code, for the same parcel."), field="code")
        tracking.correct(shipment, tracking_id, typed[0].new, by=form.actor)
        notes = code_notes.sentences(shipment, typed)
    sentence = _(
        "%(before)s was corrected to %(after)s on %(shipment)s.",
        before=before,
        after=typed[0].new.code,
        shipment=shipment.reference,
    )
    return render_change(order, "shipping", f"{sentence} {notes}".strip())
