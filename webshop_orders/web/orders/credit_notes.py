"""Credit notes: sent by hand, and as a PDF to keep or to pass on."""

from flask import Blueprint, Response
from flask_babel import gettext as _

from webshop_orders.mailing.messages import send_warnings
from webshop_orders.operations.after_sales import credit_notes, refunds
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.operations.printing import credit_note_files
from webshop_orders.pdf.typesetting import MEDIA_TYPE, is_installed
from webshop_orders.web.orders.editing import edit_order, require_confirmation
from webshop_orders.web.orders.forms.credit_notes import CreditNoteForm
from webshop_orders.web.orders.mail_sentences import goes_or_is_held
from webshop_orders.web.orders.page import render_done

blueprint = Blueprint("credit_notes", __name__, url_prefix="/orders/<number:number>/refunds/<id:refund_id>")


@blueprint.get("/credit-note.pdf")
def show_pdf(number: str, refund_id: int) -> Response:
    order = get_order(number)
    refund = refunds.get(order, refund_id)
    response = Response(credit_note_files.of_refund(order, refund), mimetype=MEDIA_TYPE)
    response.headers.set("Content-Disposition", "attachment", filename=f"kreditnota-{refund.number_in(number)}.pdf")
    return response


@blueprint.post("/credit-note")
def send(number: str, refund_id: int) -> Response:
    form = CreditNoteForm(refund_id)
    with edit_order(number, form) as order:
        refund = refunds.get(order, refund_id)
        credit_notes.check_stands(order, refund)
        require_confirmation(order, send_warnings.of_credit_note(order, refund), form)
        message = credit_notes.send_by_hand(order, refund, form.recipient.data, by=form.actor)
    sentence = _("The credit note goes to %(recipient)s.", recipient=message.recipient)
    return render_done(order, "summary", goes_or_is_held(sentence, message))


TEMPLATE_GLOBALS = {"makes_pdf": is_installed}
