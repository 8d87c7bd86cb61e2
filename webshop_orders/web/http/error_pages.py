"""Error responses: a sentence on a page, or in a toast for htmx."""

from flask import Response, current_app, make_response
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from webshop_orders import rendering, request_ids
from webshop_orders.errors import DomainError
from webshop_orders.web.http import retry_after, unsaved
from webshop_orders.web.http.fields import INCOMPLETE
from webshop_orders.web.http.responses import wants_fragment

SERVER_ERRORS = 500


def show(error: DomainError) -> Response:
    """Respond to a DomainError that no view handled."""
    retry_after.remember(error)
    return _respond(int(error.status), str(error))


def show_csrf_error(error: CSRFError) -> Response:
    return _respond(400, str(INCOMPLETE))


def show_http_error(error: Exception) -> Response:
    """Respond to an HTTP error of Flask's, or to an unexpected exception."""
    if not isinstance(error, HTTPException):
        return _respond(500, _sentence(500))
    if error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    response = _respond(error.code, _sentence(error.code))
    if error.code == 405:
        response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or ())
    return response


def _respond(status: int, sentence: str) -> Response:
    """A page names the request, and so does a toast where whoever runs the desk has to look into it."""
    request_id = request_ids.current()
    if wants_fragment():
        named = request_id if status >= SERVER_ERRORS else None
        content = rendering.render("http/error_toast.html", sentence=sentence, request_id=named)
        response = make_response(content, status)
        response.headers["HX-Reswap"] = "none"
        return response
    form = {"unsaved_fields": unsaved.fields(), "unsaved_texts": unsaved.texts()} if status == 503 else {}
    facts = {"sentence": sentence, "status": status, "request_id": request_id}
    return make_response(rendering.render("http/error_page.html", **facts, **form), status)


def _sentence(status: int) -> str:
    return {
        400: _("The request could not be read, so nothing was changed."),
        404: _("There is no such page. It may have been moved, or the address mistyped."),
        405: _("This address is not opened that way. Go back and use the buttons of the page."),
        413: _(
            "That is more than can be taken at once. Nothing was changed. A file has at most %(most)s MB.",
            most=current_app.config["MAX_CONTENT_LENGTH"] >> 20,
        ),
    }.get(status, _("Something went wrong on our side, and nothing was changed. Try again in a moment."))
