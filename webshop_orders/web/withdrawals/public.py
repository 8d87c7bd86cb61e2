"""The public form by which customers withdraw from a purchase, in two steps, without sign-in, cookies or JavaScript.

Directive 2011/83/EU, article 11a: docs/withdrawal.md. Nothing in it depends on who asks: a request needs no proof of
its origin, since no session gives it any authority.
"""

import secrets
from typing import Any

from flask import Blueprint, Response, g, make_response, request, url_for
from flask_babel import gettext as _

from webshop_orders import rendering
from webshop_orders.errors import DomainError, NotFound, RuleViolation
from webshop_orders.operations.orders import withdrawals
from webshop_orders.security import withdrawal_links
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.http import locale
from webshop_orders.web.http.fields import INCOMPLETE
from webshop_orders.web.http.responses import see_other
from webshop_orders.web.orders.forms.base import submitted_key
from webshop_orders.web.withdrawals.forms import MAX_ROWS, StatementForm

blueprint = Blueprint("withdrawal", __name__, url_prefix="/withdrawal")

LANGUAGE = "<any(sv, en):language>"


@blueprint.url_value_preprocessor
def choose_language(endpoint: str | None, values: dict[str, Any] | None) -> None:
    """Answer in the language of the address, or else of the browser, whatever language staff work in."""
    chosen = (values or {}).pop("language", None)
    g.language = chosen or locale.preferred(request.headers.get("Accept-Language", ""))


@blueprint.get("")
def begin() -> Response:
    return _render_form(StatementForm())


@blueprint.get(f"/{LANGUAGE}")
def begin_in() -> Response:
    return _render_form(StatementForm())


@blueprint.post(f"/{LANGUAGE}")
def state() -> Response:
    """Repeat what was filled in, to be confirmed; nothing is kept yet."""
    form = StatementForm()
    if "more" in request.form or "change" in request.form:
        return _render_form(form)
    return _render_confirmation(form) if form.validate() else _render_form(form, status=422)


@blueprint.post(f"/{LANGUAGE}/confirmation")
def confirm() -> Response:
    form, key = StatementForm(), submitted_key()
    if not form.validate():
        return _render_form(form, status=422)
    address = request.remote_addr or ""
    try:
        if key is None:
            raise RuleViolation(INCOMPLETE)
        with writing():
            withdrawal = withdrawals.receive(form.statement(g.language), key, address=address)
            token = withdrawal_links.make(withdrawal)
    except DomainError as error:
        form.add_error(error)
        return _render_confirmation(form, status=error.status)
    return see_other(url_for("withdrawal.received", language=g.language, token=token))


@blueprint.get(f"/{LANGUAGE}/received/<token>")
def received(token: str) -> Response:
    withdrawal_id = withdrawal_links.find_id(token)
    if withdrawal_id is None:
        raise NotFound(
            _("This page is shown for an hour only. What you stated is in the receipt that was mailed to you.")
        )
    return _render("withdrawals/received.html", withdrawal=withdrawals.get(withdrawal_id))


def _render_form(form: StatementForm, *, status: int = 200) -> Response:
    return _render("withdrawals/form.html", form=form, max_rows=MAX_ROWS, status=status)


def _render_confirmation(form: StatementForm, *, status: int = 200) -> Response:
    statement = form.statement(g.language)
    key = submitted_key() or secrets.token_urlsafe(18)
    return _render("withdrawals/confirmation.html", form=form, statement=statement, request_key=key, status=status)


def _render(template: str, *, status: int = 200, **context: Any) -> Response:
    return make_response(rendering.render(template, **context), status)
