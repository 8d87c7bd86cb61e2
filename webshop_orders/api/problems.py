"""Errors as `application/problem+json`, RFC 9457, with a JSON pointer to each field that is wrong."""

from __future__ import annotations

import json
from http import HTTPStatus
from typing import Any

from flask import Response
from flask_babel import gettext as _
from werkzeug.exceptions import HTTPException

from webshop_orders import request_ids
from webshop_orders.errors import Busy, DomainError, FieldError, TooManyAttempts, Unauthorized
from webshop_orders.text.languages import lazy_gettext as _l

SENTENCES = {
    404: _l("There is nothing at this address."),
    405: _l("This address does not take that method."),
    413: _l("The body is larger than 1 MB."),
    415: _l("Send JSON, with Content-Type: application/json."),
}
RETRY_AFTER_SECONDS = 2


def domain_problem(error: DomainError) -> Response:
    """The response to a request that was refused: what is wrong, and where."""
    faults = list(getattr(error, "faults", None) or [])
    if not faults and error.field:
        faults = [FieldError("/" + error.field, str(error))]
    response = _problem(int(error.status), str(error), faults)
    if isinstance(error, Busy):
        response.headers["Retry-After"] = str(RETRY_AFTER_SECONDS)
    if isinstance(error, TooManyAttempts):
        response.headers["Retry-After"] = str(error.wait_seconds)
    if isinstance(error, Unauthorized):
        response.headers["WWW-Authenticate"] = 'Bearer realm="webshop-orders"'
    return response


def http_problem(error: Exception) -> Response:
    """The response to a request that Flask itself refuses, or that failed because of a defect of ours."""
    status = (error.code or 500) if isinstance(error, HTTPException) else 500
    sentence = SENTENCES.get(status) or _("Something went wrong on our side. Try again in a moment.")
    response = _problem(status, str(sentence), [])
    if status == 405:
        response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or ())
    return response


def _problem(status: int, detail: str, faults: list[FieldError]) -> Response:
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "request_id": request_ids.current(),
    }
    if faults:
        body["errors"] = [{"pointer": fault.pointer, "detail": fault.sentence} for fault in faults]
    return Response(json.dumps(body, ensure_ascii=False) + "\n", status, mimetype="application/problem+json")
