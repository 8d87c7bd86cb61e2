"""A POST that carries an Idempotency-Key is carried out once, and answered alike however often it comes.

After draft-ietf-httpapi-idempotency-key-header.
"""

import hashlib
import json
import re
from datetime import timedelta

from flask import Response, g, request
from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import for_update
from webshop_orders.errors import Busy, Conflict, RuleViolation
from webshop_orders.models import AnsweredRequest
from webshop_orders.transactions.unit_of_work import writing

HEADER = "Idempotency-Key"
KEY = re.compile(r"[!-~]{1,255}")
KEPT = timedelta(hours=24)
# A request that has not been answered for so long was cut off, and may be carried out again.
CUT_OFF_AFTER = timedelta(minutes=2)
KEPT_HEADERS = ("Content-Type", "ETag", "Location")
# What tells of the moment and not of the request.
NOT_KEPT = {401, 403, 408, 429}


class InFlight(Conflict):
    """The same request is being carried out at this very moment."""


def answer_again() -> Response | None:
    """The answer of the same request before, where there is one; otherwise note that it is under way."""
    g.answering = None
    given = request.headers.get(HEADER)
    if given is None or request.method != "POST":
        return None
    key = given.strip('"')
    if not KEY.fullmatch(key):
        raise RuleViolation(_("The Idempotency-Key must have 1 to 255 visible ASCII characters."))
    digest = _digest()
    for _turn in range(3):
        try:
            with writing():
                answered = _find(key)
                if answered is None:
                    answered = AnsweredRequest(api_key_id=g.api_key.id, key=key, digest=digest)
                    db.session.add(answered)
                elif answered.digest != digest:
                    raise RuleViolation(_("This Idempotency-Key came with another request before."))
                elif answered.status is not None:
                    return _replayed(answered)
                elif now() - answered.began_at < CUT_OFF_AFTER:
                    raise InFlight(_("The same request is being carried out. Ask again in a moment."))
                else:
                    answered.began_at = now()
                db.session.flush()
                g.answering = answered.id
            return None
        except IntegrityError:
            continue
    raise Busy(_("The same request is being carried out. Ask again in a moment."))


def keep_answer(response: Response) -> Response:
    """Keep the answer for the next time; what failed on our side may be tried again as if for the first time."""
    answering = g.get("answering")
    if answering is None:
        return response
    g.answering = None
    mine = AnsweredRequest.id == answering
    with writing():
        if response.status_code >= 500 or response.status_code in NOT_KEPT:
            db.session.execute(delete(AnsweredRequest).where(mine))
        else:
            headers = {name: response.headers[name] for name in KEPT_HEADERS if name in response.headers}
            kept = {"status": response.status_code, "headers": json.dumps(headers), "body": response.get_data(True)}
            db.session.execute(update(AnsweredRequest).where(mine).values(kept))
    return response


def _find(key: str) -> AnsweredRequest | None:
    mine = (AnsweredRequest.api_key_id == g.api_key.id, AnsweredRequest.key == key)
    answered = db.session.scalar(for_update(select(AnsweredRequest).where(*mine)))
    if answered is not None and now() - answered.began_at >= KEPT:
        db.session.delete(answered)
        db.session.flush()
        return None
    return answered


def _digest() -> str:
    said = f"{request.method} {request.full_path}\n".encode() + request.get_data()
    return hashlib.sha256(said).hexdigest()


def _replayed(answered: AnsweredRequest) -> Response:
    headers = {**json.loads(answered.headers or "{}"), "Idempotent-Replayed": "true"}
    return Response(answered.body, answered.status, headers)
