"""Beginning to pack: by a scan, from a batch, or in place of someone else."""

from flask import Response, g
from flask_babel import gettext as _

from webshop_orders.errors import DomainError
from webshop_orders.models import Actor
from webshop_orders.operations.orders import loading
from webshop_orders.operations.packing import rounds, sessions, starting
from webshop_orders.operations.packing.sessions import HeldByOther, Packing
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.http.query_args import id_arg, text_arg
from webshop_orders.web.packing import said as sentences
from webshop_orders.web.packing.forms import PackingForm, ScanForm
from webshop_orders.web.packing.pages import answer, arrive, blueprint, refuse, render_session, render_start
from webshop_orders.web.packing.said import Said, Tone

ATTEMPTS = 5  # to begin with what nobody else has taken a moment before


@blueprint.get("")
def index() -> Response:
    """Where one begins; a `code` in the address is filled in, as the palette does."""
    return render_start(id_arg("batch"), code=text_arg("code"))


@blueprint.get("/<id:session_id>")
def show(session_id: int) -> Response:
    """The shipment that one is packing; where one began, if one is not."""
    try:
        return render_session(sessions.load(session_id, g.user.actor))
    except DomainError as reason:
        return render_start(said=sentences.wrong(reason), status=reason.status)


@blueprint.post("")
def start() -> Response:
    form = ScanForm()
    try:
        form.check()
        found = starting.choices(form.code.data)
        if len(found) > 1:
            return render_start(form.batch_id, said=Said(Tone.ASKS, _("Which shipment?")), choices=found)
        packing = begin(found[0].shipment.order.number, found[0].shipment.seq, form.batch_id, form.actor)
    except DomainError as reason:
        return refuse(form, reason)
    return answer(packing, sentences.of_last_scan(packing))


@blueprint.post("/next")
def start_next() -> Response:
    """Begin with the next shipment of a batch."""
    form = PackingForm()
    try:
        packing = begin_next(form.batch_id, form.actor)
    except DomainError as reason:
        return refuse(form, reason)
    said = sentences.of_last_scan(packing) if packing else all_packed()
    return arrive(packing, said, form.batch_id) if packing is None else answer(packing, said)


@blueprint.post("/<id:session_id>/takeover")
def take_over(session_id: int) -> Response:
    """Go on with what someone else is packing."""
    form = PackingForm()
    try:
        with writing():
            packing = sessions.take_over(session_id, by=form.actor)
    except DomainError as reason:
        return refuse(form, reason)
    return answer(packing, sentences.of_last_scan(packing))


def begin(number: str, seq: int, batch_id: int | None, by: Actor) -> Packing:
    """Begin with a shipment, in the batch that it was picked with. Raises as `sessions.start` does."""
    with writing():
        order = loading.load_order(number)
        return sessions.start(order, seq, batch_id=batch_id or starting.batch_of(order.id), by=by)


def begin_next(batch_id: int | None, by: Actor) -> Packing | None:
    """Begin with the next shipment of a batch; None where all of it is packed, or in the hands of others."""
    for _attempt in range(ATTEMPTS if batch_id else 0):
        assert batch_id is not None
        assert by.user_id is not None
        stop = rounds.read(batch_id).next_for(by.user_id)
        if stop is None:
            break
        try:
            return begin(stop.number, stop.seq, batch_id, by)
        except HeldByOther:
            continue
    return None


def all_packed() -> Said:
    return Said(Tone.DONE, _("All of this batch is packed."))
