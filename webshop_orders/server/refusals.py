"""The responses to requests that the server refuses by itself, without the application and its database."""

from __future__ import annotations

import json
from collections.abc import Callable, MutableMapping
from functools import cache
from http import HTTPStatus
from typing import Any

from flask import Flask, g
from flask_babel import gettext as _
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from webshop_orders import api, request_ids
from webshop_orders.web.http.locale import LANGUAGES

Refusal = Callable[[MutableMapping[str, Any], HTTPStatus], tuple[str, bytes]]


def refusals(app: Flask) -> Refusal:
    """A function that gives the content type and text of a refusal, which programs get as a problem (RFC 9457)."""

    @cache
    def sentences(language: str) -> dict[HTTPStatus, str]:
        with app.test_request_context():
            g.language = language
            return _sentences()

    def refusal(scope: MutableMapping[str, Any], status: HTTPStatus) -> tuple[str, bytes]:
        accepted = dict(scope["headers"]).get(b"accept-language", b"").decode("latin-1")
        is_program = scope["path"].removeprefix(app.config["URL_PREFIX"]).startswith(api.PATHS)
        preferred = ["en", "sv"] if is_program else LANGUAGES
        language = parse_accept_header(accepted, LanguageAccept).best_match(preferred) or preferred[0]
        sentence = sentences(language)[status]
        if not is_program:
            return "text/plain; charset=utf-8", f"{sentence}\n".encode()
        facts = {"title": status.phrase, "status": int(status), "detail": sentence, "request_id": request_ids.current()}
        problem = {"type": "about:blank", **facts}
        return "application/problem+json", f"{json.dumps(problem, ensure_ascii=False)}\n".encode()

    return refusal


def _sentences() -> dict[HTTPStatus, str]:
    return {
        HTTPStatus.BAD_REQUEST: _("The request did not arrive whole, so nothing was changed."),
        HTTPStatus.REQUEST_TIMEOUT: _("The request took too long to arrive, so nothing was changed. Try again."),
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: _("That is more than can be taken at once. Nothing was changed."),
        HTTPStatus.SERVICE_UNAVAILABLE: _("Too many requests are arriving at once. Try again in a moment."),
    }
