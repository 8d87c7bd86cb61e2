"""The pages of pack mode: one field for scans, which stays, and below it where one is."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from webshop_orders.clock import now
from webshop_orders.errors import AlreadyDone, Busy, DomainError, NoChange, NotFound
from webshop_orders.models import PackingSession, ScanKind
from webshop_orders.operations.packing import differences, rounds, sessions, shipping
from webshop_orders.operations.packing.sessions import Ended, HeldByOther, Packing, TakenOver
from webshop_orders.operations.packing.starting import Choice
from webshop_orders.web.http import error_pages
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.orders.forms.base import request_keys
from webshop_orders.web.packing import said as sentences
from webshop_orders.web.packing.forms import PackingForm, is_within_region
from webshop_orders.web.packing.said import Said, Tone

blueprint = Blueprint("packing", __name__, url_prefix="/pack")

MAX_STOPS = 12  # that are listed of a batch; the others come later


def render_start(
    batch_id: int | None = None,
    *,
    said: Said | None = None,
    choices: Sequence[Choice] = (),
    holder: PackingSession | None = None,
    code: str = "",
    status: int = 200,
) -> Response:
    """Where one begins: the open batches, or one of them, and what one had begun.

    `choices` are shipments of which one is meant, and `holder` is who packs the one that was scanned.
    """
    round_ = rounds.read(batch_id) if batch_id else None
    response = _render(
        "packing/start.html",
        said=said,
        batch_id=batch_id,
        code=code,
        scans_url=url_for("packing.start"),
        round=round_,
        next_stop=round_.next_for(g.user.id) if round_ else None,
        stops=round_.left[:MAX_STOPS] if round_ else [],
        open_rounds=[] if round_ else rounds.open_rounds(),
        begun=sessions.begun_by(g.user.id),
        choices=choices,
        holder=holder,
        minutes_since=_minutes_since,
        status=status,
    )
    response.headers["HX-Replace-Url"] = url_for("packing.index", batch=batch_id)
    return response


def render_session(packing: Packing, *, said: Said | None = None, status: int = 200) -> Response:
    """The shipment that is being packed, and what was said of the last scan."""
    session = packing.session
    round_ = rounds.read(session.batch_id) if session.batch_id else None
    question = packing.question
    response = _render(
        "packing/session.html",
        said=said or sentences.of_last_scan(packing),
        batch_id=None,
        code="",
        scans_url=url_for("packing.scan", session_id=session.id),
        packing=packing,
        shipment=packing.shipment,
        order_lines={line.id: line for line in packing.shipment.lines} if packing.shipment else {},
        difference=differences.find(packing),
        warnings=shipping.warnings_of(question) if question else [],
        asks_for_missing=question is not None and question.kind is ScanKind.ASKED_FOR_MISSING,
        last_line=next((scan.line_id for scan in reversed(packing.scans) if scan.kind is ScanKind.UNITS), None),
        round=round_,
        stop=round_.find(packing.order.number, session.seq) if round_ else None,
        status=status,
    )
    response.headers["HX-Replace-Url"] = url_for("packing.show", session_id=session.id)
    return response


def _render(template: str, *, said: Said | None, status: int, **context: Any) -> Response:
    """A page, or the region below the scan field alone."""
    return render_region(
        template,
        said=said,
        word=_word(said.tone) if said else "",
        is_whole=not is_within_region(),
        request_key=request_keys(),
        status=status,
        **context,
    )


def _word(tone: Tone) -> str:
    return {
        Tone.RIGHT: _("Right"),
        Tone.WRONG: _("Wrong"),
        Tone.DONE: _("Done"),
        Tone.ASKS: _("Question"),
        Tone.NOTE: _("Note"),
    }[tone]


def answer(packing: Packing, said: Said) -> Response:
    """Answer a scan that was right: in place, or without JavaScript by the page, which says what counted last."""
    if wants_fragment():
        return render_session(packing, said=said)
    return see_other(url_for("packing.show", session_id=packing.session.id))


def arrive(packing: Packing | None, said: Said, batch_id: int | None = None) -> Response:
    """Answer with the next shipment that is packed or, where there is none, with where one begins."""
    if not wants_fragment():
        flash_message(said.sentence)
        url = url_for("packing.index", batch=batch_id)
        return see_other(url_for("packing.show", session_id=packing.session.id) if packing else url)
    return render_session(packing, said=said) if packing else render_start(batch_id, said=said)


def refuse(form: PackingForm, reason: DomainError, session_id: int | None = None) -> Response:
    """Answer what was not carried out: the page as it is, and why, said loudly."""
    if isinstance(reason, Busy):
        return error_pages.show(reason)
    if isinstance(reason, Ended):
        return _after_the_end(form, reason)
    if session_id is not None:
        try:
            packing = sessions.load(session_id, form.actor)
        except Ended as ended:
            return _after_the_end(form, ended)
        except (TakenOver, NotFound) as gone:
            reason = gone
        else:
            is_done = isinstance(reason, AlreadyDone | NoChange)
            said = Said(Tone.NOTE, str(reason)) if is_done else sentences.wrong(reason)
            return render_session(packing, said=said, status=reason.status)
    holder = reason.session if isinstance(reason, HeldByOther) else None
    try:
        return render_start(form.batch_id, said=sentences.wrong(reason), holder=holder, status=reason.status)
    except NotFound:  # the batch
        return render_start(said=sentences.wrong(reason), holder=holder, status=reason.status)


def _after_the_end(form: PackingForm, ended: Ended) -> Response:
    """Answer what came after a shipment had left: the same request once more is told what it did, others are refused.

    Both show what the packer is packing now.
    """
    batch_id = ended.session.batch_id
    now_packed = next((session for session, _ in sessions.begun_by(g.user.id) if session.batch_id == batch_id), None)
    packing = sessions.load(now_packed.id, form.actor) if now_packed else None
    if sessions.was_carried_out(ended.session, form.request_key):
        return arrive(packing, sentences.shipped(ended.reference), batch_id)
    said = sentences.wrong(ended)
    if packing is not None:
        return render_session(packing, said=said, status=ended.status)
    return render_start(batch_id, said=said, status=ended.status)


def _minutes_since(session: PackingSession) -> int:
    return max(int((now() - session.seen_at).total_seconds()) // 60, 0)
