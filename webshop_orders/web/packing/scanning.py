"""Packing a shipment: each scan, the units that are typed, what is missing, and shipping."""

from collections.abc import Callable

from flask import Response
from flask_babel import gettext as _

from webshop_orders.errors import ConfirmationRequired, DomainError
from webshop_orders.models import ScanKind
from webshop_orders.operations.orders import loading
from webshop_orders.operations.packing import commands, differences, missing, scanning, sessions, shipping, starting
from webshop_orders.operations.packing.commands import Command
from webshop_orders.operations.packing.scanning import Effect, Elsewhere, Outcome
from webshop_orders.operations.packing.sessions import Packing
from webshop_orders.transactions.unit_of_work import editing, writing
from webshop_orders.web.http.responses import wants_fragment
from webshop_orders.web.packing import said as sentences
from webshop_orders.web.packing.forms import ChoiceForm, LineForm, PackingForm, ScanForm
from webshop_orders.web.packing.pages import answer, arrive, blueprint, refuse, render_session, render_start
from webshop_orders.web.packing.said import Said, Tone
from webshop_orders.web.packing.starting import all_packed, begin_next


def _answering(form: PackingForm, session_id: int, carry_out: Callable[[], Response]) -> Response:
    try:
        form.check()
        return carry_out()
    except DomainError as reason:
        return refuse(form, reason, session_id)


@blueprint.post("/<id:session_id>/scans")
def scan(session_id: int) -> Response:
    form = ScanForm()
    return _answering(form, session_id, lambda: _scan(session_id, form))


def _scan(session_id: int, form: ScanForm) -> Response:
    command = commands.read(form.code.data)
    match command:
        case Command.DONE:
            return _ship(session_id, form)
        case Command.MISSING:
            return _ask_or_split_off(session_id, form)
    try:
        with writing():
            packing = sessions.lock(session_id, form.actor)
            if command is None:
                outcome = scanning.scan(packing, form.code.data, request_key=form.request_key)
            else:
                outcome = scanning.carry_out(packing, command, request_key=form.request_key)
    except Elsewhere:
        return _go_elsewhere(session_id, form)
    return _after(packing, outcome, form)


@blueprint.post("/<id:session_id>/lines/<id:line_id>")
def pack_line(session_id: int, line_id: int) -> Response:
    """Tick units of a line off by hand."""
    form = LineForm()

    def carry_out() -> Response:
        with writing():
            packing = sessions.lock(session_id, form.actor)
            line = packing.get_line(line_id)
            outcome = scanning.pack(packing, line, form.quantity.data, request_key=form.request_key)
        return _after(packing, outcome, form)

    return _answering(form, session_id, carry_out)


@blueprint.post("/<id:session_id>/lines/<id:line_id>/missing")
def split_off(session_id: int, line_id: int) -> Response:
    """Split off units of a line that are missing."""
    form = LineForm()

    def carry_out() -> Response:
        with editing(sessions.number_of(session_id, form.actor), None, form.actor) as order:
            packing = sessions.lock(session_id, form.actor, order)
            if packing.was_done(form.request_key):
                target = packing.scans[-1].text or ""
            else:
                target = missing.split_off(packing, {line_id: form.quantity.data}, by=form.actor).reference
        return answer(packing, sentences.split_off(packing, target))

    return _answering(form, session_id, carry_out)


@blueprint.post("/<id:session_id>/changes")
def read_again(session_id: int) -> Response:
    """Go on with the order as it is now."""
    form = PackingForm()

    def carry_out() -> Response:
        with writing():
            packing = sessions.lock(session_id, form.actor)
            if not packing.was_done(form.request_key):
                differences.read_again(packing, request_key=form.request_key)
        return answer(packing, sentences.of_last_scan(packing))

    return _answering(form, session_id, carry_out)


@blueprint.post("/<id:session_id>/choice")
def choose(session_id: int) -> Response:
    """Choose whether a shipment leaves by itself once all of it is scanned."""
    form = ChoiceForm()

    def carry_out() -> Response:
        with writing():
            packing = sessions.lock(session_id, form.actor)
            sessions.choose_shipping(packing, form.ships_when_scanned.data)
        return answer(packing, sentences.of_last_scan(packing))

    return _answering(form, session_id, carry_out)


@blueprint.post("/<id:session_id>/leaving")
def leave(session_id: int) -> Response:
    """Stop packing a shipment, which then is there for others."""
    form = PackingForm()

    def carry_out() -> Response:
        with writing():
            packing = sessions.lock(session_id, form.actor)
            sessions.leave(packing)
        said = Said(Tone.NOTE, _("%(shipment)s was left. Nothing was shipped.", shipment=packing.reference))
        return arrive(None, said, packing.session.batch_id)

    return _answering(form, session_id, carry_out)


def _after(packing: Packing, outcome: Outcome, form: PackingForm) -> Response:
    """Answer a scan; the last one ships, if the packer has chosen so."""
    is_new = outcome.effect in {Effect.PACKED, Effect.LABELLED}
    if is_new and not outcome.is_doubtful and packing.is_complete and packing.session.ships_when_scanned:
        return _ship(packing.session.id, form, is_automatic=True)
    return answer(packing, sentences.of_outcome(outcome, packing))


def _ship(session_id: int, form: PackingForm, *, is_automatic: bool = False) -> Response:
    """Ship, and go on with the next; or ask. What was asked is confirmed by asking to ship once more."""
    by = form.actor.with_request_key(None) if is_automatic else form.actor
    try:
        with editing(sessions.number_of(session_id, form.actor), None, by) as order:
            packing = sessions.lock(session_id, by, order)
            if packing.was_done(by.request_key):  # which asked, and is no answer to that
                return render_session(packing)
            agreed = set() if is_automatic else shipping.agreed_by_asking(packing)
            shipping.ship(packing, agreed, by=by)
    except ConfirmationRequired as reason:
        with writing():
            packing = sessions.lock(session_id, by)
            shipping.ask(packing, reason.warnings, request_key=by.request_key)
        said = sentences.asks_to_ship(packing)
        return render_session(packing, said=said, status=reason.status) if wants_fragment() else answer(packing, said)
    batch_id, said = packing.session.batch_id, sentences.shipped(packing.reference)
    following = begin_next(batch_id, by)
    if batch_id and following is None:
        said = Said(Tone.DONE, f"{said.sentence} {all_packed().sentence}")
    return arrive(following, said, batch_id)


def _ask_or_split_off(session_id: int, form: ScanForm) -> Response:
    """Ask whether all that is not packed is missing; asked once more, it is split off."""
    with editing(sessions.number_of(session_id, form.actor), None, form.actor) as order:
        packing = sessions.lock(session_id, form.actor, order)
        question = packing.question
        if packing.was_done(form.request_key):
            pass
        elif question is not None and question.kind is ScanKind.ASKED_FOR_MISSING:
            units = {line.line_id: line.left for line in packing.lines if line.left}
            missing.split_off(packing, units, by=form.actor)
        else:
            missing.ask(packing, request_key=form.request_key)
    return answer(packing, sentences.of_last_scan(packing))


def _go_elsewhere(session_id: int, form: ScanForm) -> Response:
    """Leave a shipment of which nothing is packed for the one whose slip was scanned."""
    found = starting.choices(form.code.data)
    if len(found) > 1:
        return render_start(said=Said(Tone.ASKS, _("Which shipment?")), choices=found)
    shipment = found[0].shipment
    with writing():
        left = sessions.lock(session_id, form.actor)
        sessions.leave(left)
        order = loading.load_order(shipment.order.number)
        batch_id = starting.batch_of(order.id) or left.session.batch_id
        packing = sessions.start(order, shipment.seq, batch_id=batch_id, by=form.actor)
    return answer(packing, sentences.of_last_scan(packing))
