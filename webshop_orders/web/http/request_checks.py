"""What is refused before a request is examined any further: forms that are too large, incomplete or ambiguous."""

from flask import Request, current_app
from flask_babel import gettext as _

from webshop_orders.errors import MalformedInput, PayloadTooLarge

# What pages add to their forms, apart from the fields that people fill in.
ADDED_BY_PAGES = {"bearer", "csrf_token", "request_key", "seen", "version"}


def check_body(request: Request) -> None:
    """Refuse a body that is incomplete, too large or ambiguous; raises MalformedInput and PayloadTooLarge."""
    if request.environ.get("CONTENT_LENGTH") or request.environ.get("CONTENT_TYPE"):
        _refuse_incomplete_body(request)
        _limit_form_fields(request)
        _refuse_repeated_fields(request)


def _refuse_incomplete_body(request: Request) -> None:
    """Refuse a body shorter than its Content-Length, which some servers hand over as if it were whole."""
    length = request.content_length
    if length and length <= current_app.config["MAX_CONTENT_LENGTH"] and length > len(request.get_data()):
        raise MalformedInput(_("The request did not arrive whole, so nothing was changed."))


def _limit_form_fields(request: Request) -> None:
    """Limit the fields of a urlencoded form, which Werkzeug's own limit does not cover."""
    is_form = request.mimetype == "application/x-www-form-urlencoded"
    if is_form and request.get_data().count(b"&") >= current_app.config["MAX_FORM_PARTS"]:
        raise PayloadTooLarge(_("That is more than can be taken at once. Nothing was changed."))


def _refuse_repeated_fields(request: Request) -> None:
    """Refuse a form with two versions, tokens or keys; the fields that people fill in refuse it themselves."""
    if request.method == "POST" and any(len(request.form.getlist(name)) > 1 for name in ADDED_BY_PAGES):
        raise MalformedInput(
            _("A field of the form came twice, so nothing was changed. Reload the page and try again.")
        )
