"""Incoming calls that were not taken, tried again after a mend."""

from __future__ import annotations

from flask_babel import gettext as _

from webshop_orders.connectors.incoming import receiving
from webshop_orders.db.extensions import db
from webshop_orders.errors import NoChange, RuleViolation
from webshop_orders.models import Actor, CallOutcome, Connection, IncomingCall
from webshop_orders.operations.audit import incoming_calls
from webshop_orders.operations.audit.incoming_calls import CallResult
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.validation.json_text import load


def retry(call_id: int, *, by: Actor) -> IncomingCall:
    """Carry out a call again; raises NotFound, NoChange where it was taken or dismissed, and Busy.

    Raises RuleViolation where its body is not kept.
    """
    call = incoming_calls.get(call_id)
    if call.outcome is not CallOutcome.NOT_TAKEN:
        raise NoChange(_("This call needs nothing any more."))
    if not call.body:
        raise RuleViolation(_("What was sent is not kept, so it cannot be tried again."))
    result = _carry_out(call, by)
    with writing():
        return incoming_calls.record_retry(call_id, result)


def _carry_out(call: IncomingCall, by: Actor) -> CallResult:
    payload = load(call.body)
    if call.connection_id is None:
        from webshop_orders.connectors.shipping import calls

        settings = calls.settings_of(call.topic, key=None)  # its signature was verified before
        return calls.carry_out(payload, settings, by=by).call
    connection = db.session.get_one(Connection, call.connection_id)
    return receiving.carry_out(connection, call.topic, payload)[1]
