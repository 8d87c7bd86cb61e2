"""What people see when there is nothing to show: a sentence in the layout, or in a toast for htmx."""

from flask import Flask, Response, make_response, render_template
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from webshop_orders.errors import Busy, DomainError
from webshop_orders.web.http.fields import INCOMPLETE
from webshop_orders.web.http.responses import wants_fragment


def install(app: Flask) -> None:
    app.register_error_handler(DomainError, show)
    app.register_error_handler(CSRFError, lambda error: _answer(400, str(INCOMPLETE)))


def show(error: DomainError) -> Response:
    """Answer a request that was refused as a whole."""
    response = _answer(int(error.status), str(error))
    if isinstance(error, Busy):
        response.headers["Retry-After"] = "2"
    return response


def show_http(error: Exception) -> Response:
    """Answer what Flask itself refuses, or an error of our own."""
    if not isinstance(error, HTTPException):
        return _answer(500, _sentence(500))
    if error.code is None or error.code < 400:
        return error.get_response()  # type: ignore[return-value]
    response = _answer(error.code, _sentence(error.code))
    if error.code == 405:
        response.headers["Allow"] = ", ".join(getattr(error, "valid_methods", None) or ())
    return response


def _answer(status: int, sentence: str) -> Response:
    if wants_fragment():
        response = make_response(render_template("errors/toast.html", sentence=sentence), status)
        response.headers["HX-Reswap"] = "none"
        return response
    return make_response(render_template("errors/page.html", sentence=sentence, status=status), status)


def _sentence(status: int) -> str:
    return {
        400: _("The request could not be read, so nothing was changed."),
        404: _("There is no such page. It may have been moved, or the address mistyped."),
        405: _("This address is not opened that way. Go back and use the buttons of the page."),
        413: _("That is more than can be taken at once. Nothing was changed."),
    }.get(status, _("Something went wrong on our side, and nothing was changed. Try again in a moment."))
