"""Konfiguration, Personuppgifter: what is stored about a customer, to export or to erase."""

import json
from collections.abc import Sequence

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders import shop_settings
from webshop_orders.documents import personal_data as personal_data_document
from webshop_orders.errors import DomainError, RuleViolation
from webshop_orders.models import AccessKind, Order, Withdrawal
from webshop_orders.operations.audit import personal_data, withdrawal_data
from webshop_orders.operations.settings import shop as settings
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import audit
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.settings.forms.personal_data import CustomerSearchForm, ErasureForm, RetentionForm

blueprint = Blueprint("personal_data", __name__, url_prefix="/settings/personal-data")


@blueprint.get("")
def index() -> Response:
    return _render()


@blueprint.post("")
def find() -> Response:
    """Show a customer's orders; by POST, so that no URL contains a customer's e-mail address."""
    form = CustomerSearchForm()
    orders = _find_orders(form)
    return _render(form, orders=orders, status=422 if form.errors else 200)


@blueprint.post("/export")
def export() -> Response:
    form = CustomerSearchForm()
    orders = _find_orders(form)
    if form.errors:
        return _render(form, status=422)
    with writing():
        audit.record(
            AccessKind.PERSONAL_DATA, what="exported", customer=_abbreviated(form.email.data), orders=len(orders)
        )
    email, orders = form.email.data, personal_data.find(form.email.data)
    withdrawals = withdrawal_data.find(email, [order.id for order in orders])
    document = personal_data_document.to_json(email, orders, withdrawals, by=g.user.name)
    response = Response(json.dumps(document, ensure_ascii=False, indent=1), mimetype="application/json")
    response.headers.set("Content-Disposition", "attachment", filename="personuppgifter.json")
    return response


@blueprint.post("/erasure")
def erase() -> Response:
    form = ErasureForm()
    if not form.validate():
        return _render_rejected_erasure(form, status=422)
    try:
        if form.again.data.lower() != form.email.data.lower():
            raise RuleViolation(_("This is not the same address."), field="again")
        with writing():
            count = personal_data.erase(form.email.data, by=g.user.actor)
            audit.record(AccessKind.PERSONAL_DATA, what="erased", customer=_abbreviated(form.email.data), orders=count)
    except DomainError as error:
        form.add_error(error)
        return _render_rejected_erasure(form, status=error.status)
    sentence = ngettext(
        "Personal data were erased from %(count)s order.",
        "Personal data were erased from %(count)s orders.",
        count,
        count=count,
    )
    return _respond(sentence)


@blueprint.post("/retention")
def change_retention() -> Response:
    form = RetentionForm()
    if not form.validate():
        return _render(retention_form=form, status=422)
    months = form.personal_data_months.data
    if months is not None and not form.agreed.data and (older := personal_data.count_older_than(months)):
        form.older_orders = older
        return _render(retention_form=form, status=422)
    with audit.changing_settings():
        settings.change({"personal_data_months": months, "bookkeeping_years": form.bookkeeping_years.data})
    return _respond(_("The settings are saved."))


def _find_orders(form: CustomerSearchForm) -> list[Order]:
    """The orders of the customer in a form; where there are none, nor statements of withdrawal, the form says why."""
    if not form.validate():
        form.add_error(RuleViolation(_("Nothing was changed: see what is marked below.")))
        return []
    orders = personal_data.find(form.email.data)
    if not orders and not withdrawal_data.find(form.email.data):
        form.add_error(RuleViolation(_("There are no orders with that address."), field="email"))
    return orders


def _abbreviated(email: str) -> str:
    """An e-mail address abbreviated so that only somebody who knows it can recognize it."""
    name, _at, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"


def _respond(sentence: str) -> Response:
    flash_message(sentence)
    return _render() if wants_fragment() else see_other(url_for("personal_data.index"))


def _withdrawals(email: str | None, orders: list[Order]) -> Sequence[Withdrawal]:
    return withdrawal_data.find(email, [order.id for order in orders]) if email else []


def _render_rejected_erasure(form: ErasureForm, *, status: int) -> Response:
    orders = personal_data.find(form.email.data) if form.email.data else []
    return _render(CustomerSearchForm.blank(email=form.email.data), orders=orders, erasure_form=form, status=status)


def _render(
    form: CustomerSearchForm | None = None,
    *,
    orders: list[Order] | None = None,
    erasure_form: ErasureForm | None = None,
    retention_form: RetentionForm | None = None,
    status: int = 200,
) -> Response:
    shop = shop_settings.current()
    rejected: BaseForm | None = erasure_form or retention_form or form
    email = form.email.data if form is not None else None
    return render_region(
        "settings/personal_data.html",
        part="personal-data",
        form=rejected or CustomerSearchForm.blank(),
        customer_form=form or CustomerSearchForm.blank(),
        orders=orders or [],
        withdrawals=_withdrawals(email, orders or []),
        kept_until=max((personal_data.kept_until(order, shop) for order in orders or []), default=None),
        erasure_form=erasure_form or ErasureForm.blank(email=email),
        retention_form=retention_form or RetentionForm.blank(obj=shop),
        status=status,
    )
