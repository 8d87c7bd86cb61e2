"""A POST, PUT or PATCH with an Idempotency-Key is carried out once; the same request again gets the same response.

After draft-ietf-httpapi-idempotency-key-header.
"""

import hashlib
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import Response, g, request
from flask_babel import gettext as _
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import for_update
from webshop_orders.errors import Busy, Conflict, RuleViolation
from webshop_orders.logs import privacy
from webshop_orders.models import AnsweredRequest
from webshop_orders.models.answered_request import ANSWERED_REQUEST_RETENTION
from webshop_orders.transactions.unit_of_work import writing

logger = logging.getLogger(__name__)

HEADER = "Idempotency-Key"
METHODS = {"POST", "PUT", "PATCH"}
KEY = re.compile(r"[!-~]{1,255}")
# A request without a response after this time was cut off, and may be carried out again.
CUT_OFF_AFTER = timedelta(minutes=2)
STORED_HEADERS = ("Content-Type", "ETag", "Location")
# Statuses that say something of the time rather than of the request.
NOT_STORED = {401, 403, 408, 429}
MAX_ATTEMPTS = 3


class InFlight(Conflict):
    """The same request is being carried out at this moment."""


def replay() -> Response | None:
    """The stored response of the same request; without one, note that the request is being carried out."""
    g.idempotent_request = None
    header = request.headers.get(HEADER)
    if header is None or request.method not in METHODS:
        return None
    key = header.strip('"')
    if not KEY.fullmatch(key):
        raise RuleViolation(_("The Idempotency-Key must have 1 to 255 visible ASCII characters."))
    digest = _digest()
    for _attempt in range(MAX_ATTEMPTS):
        try:
            with writing():
                return _begin(key, digest)
        except IntegrityError:  # the same request arrived in another process
            continue
    raise Busy(_("The same request is being carried out. Ask again in a moment."))


def store(response: Response) -> Response:
    """Store the response for the next time; after a server error, the request may be carried out again.

    Where that fails, the client gets its response nevertheless: the change is made, and its event carries the request.
    """
    request_id = g.get("idempotent_request")
    if request_id is None:
        return response
    g.idempotent_request = None
    is_current = AnsweredRequest.id == request_id
    with _logging_failures(), writing():
        if response.status_code >= 500 or response.status_code in NOT_STORED:
            db.session.execute(delete(AnsweredRequest).where(is_current))
        else:
            headers = {name: response.headers[name] for name in STORED_HEADERS if name in response.headers}
            values = {"status": response.status_code, "headers": json.dumps(headers), "body": response.get_data(True)}
            db.session.execute(update(AnsweredRequest).where(is_current).values(values))
    return response


@contextmanager
def _logging_failures() -> Iterator[None]:
    try:
        yield
    except (Busy, SQLAlchemyError) as error:
        facts = {"error": privacy.describe(error)}
        logger.warning("the response to a request with a key could not be stored", extra=facts)


def _begin(key: str, digest: str) -> Response | None:
    """Note that the request is being carried out, or return the response that it got before.

    Raises RuleViolation where the key came with another request, and InFlight while the same one is carried out.
    """
    earlier = _find(key)
    if earlier is None:
        earlier = AnsweredRequest(api_key_id=g.api_key.id, key=key, digest=digest)
        db.session.add(earlier)
    elif earlier.digest != digest:
        raise RuleViolation(_("This Idempotency-Key came with another request before."))
    elif earlier.status is not None:
        return _stored_response(earlier)
    elif now() - earlier.began_at < CUT_OFF_AFTER:
        raise InFlight(_("The same request is being carried out. Ask again in a moment."))
    else:
        earlier.began_at = now()
    db.session.flush()
    g.idempotent_request = earlier.id
    return None


def _find(key: str) -> AnsweredRequest | None:
    same_key = (AnsweredRequest.api_key_id == g.api_key.id, AnsweredRequest.key == key)
    earlier = db.session.scalar(for_update(select(AnsweredRequest).where(*same_key)))
    if earlier is not None and now() - earlier.began_at >= ANSWERED_REQUEST_RETENTION:
        db.session.delete(earlier)
        db.session.flush()
        return None
    return earlier


def _digest() -> str:
    content = f"{request.method} {request.full_path}\n".encode() + request.get_data()
    return hashlib.sha256(content).hexdigest()


def _stored_response(earlier: AnsweredRequest) -> Response:
    headers = {**json.loads(earlier.headers or "{}"), "Idempotent-Replayed": "true"}
    return Response(earlier.body, earlier.status, headers)
