"""Konfiguration, Personuppgifter: what is kept about a customer, handed out or erased."""

import json

from flask import Blueprint, Response, g, url_for
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.documents import personal_data as personal_data_document
from webshop_orders.errors import DomainError, RuleViolation
from webshop_orders.models import AccessKind, Order
from webshop_orders.operations.audit import personal_data
from webshop_orders.operations.settings import shop as settings
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.auth import audit
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.settings.forms.personal_data import CustomerForm, ErasureForm, RetentionForm

blueprint = Blueprint("personal_data", __name__, url_prefix="/settings/personal-data")


@blueprint.get("")
def index() -> Response:
    return _draw()


@blueprint.post("")
def find() -> Response:
    """Show what there is; by POST, so that no address of a customer stands in an address of ours."""
    form = CustomerForm()
    try:
        found = _orders_of(form)
    except DomainError as error:
        form.add_error(error)
        return _draw(form, status=error.status)
    return _draw(form, found=found)


@blueprint.post("/export")
def export() -> Response:
    form = CustomerForm()
    try:
        found = _orders_of(form)
    except DomainError as error:
        form.add_error(error)
        return _draw(form, status=error.status)
    with writing():
        audit.record(AccessKind.PERSONAL_DATA, what="exported", customer=_shortened(form.email.data), orders=len(found))
    document = personal_data_document.to_json(form.email.data, personal_data.find(form.email.data), by=g.user.name)
    answer = Response(json.dumps(document, ensure_ascii=False, indent=1), mimetype="application/json")
    answer.headers.set("Content-Disposition", "attachment", filename="personuppgifter.json")
    return answer


@blueprint.post("/erasure")
def erase() -> Response:
    form = ErasureForm()
    if not form.validate():
        return _draw_refused_erasure(form, status=422)
    try:
        if form.again.data.lower() != form.email.data.lower():
            raise RuleViolation(_("This is not the same address."), field="again")
        with writing():
            count = personal_data.erase(form.email.data, by=g.user.actor)
            audit.record(AccessKind.PERSONAL_DATA, what="erased", customer=_shortened(form.email.data), orders=count)
    except DomainError as error:
        form.add_error(error)
        return _draw_refused_erasure(form, status=error.status)
    return _answer(_("Personal data were erased from %(count)s orders.", count=count))


@blueprint.post("/retention")
def change_retention() -> Response:
    form = RetentionForm()
    if not form.validate():
        return _draw(retention_form=form, status=422)
    months = form.personal_data_months.data
    if months is not None and not form.agreed.data and (older := personal_data.count_older_than(months)):
        form.older = older
        return _draw(retention_form=form, status=422)
    with audit.changing_settings():
        settings.change({"personal_data_months": months, "bookkeeping_years": form.bookkeeping_years.data})
    return _answer(_("The settings are saved."))


def _orders_of(form: CustomerForm) -> list[Order]:
    if not form.validate():
        raise RuleViolation(_("Nothing was changed: see what is marked below."))
    found = personal_data.find(form.email.data)
    if not found:
        raise RuleViolation(_("There are no orders with that address."), field="email")
    return found


def _shortened(email: str) -> str:
    """An address that tells whoever knows it which one was meant, and nobody else."""
    name, _at, domain = email.rpartition("@")
    return f"{name[:1]}…@{domain}"


def _answer(sentence: str) -> Response:
    flash_message(sentence)
    return _draw() if wants_fragment() else see_other(url_for("personal_data.index"))


def _draw_refused_erasure(form: ErasureForm, *, status: int) -> Response:
    found = personal_data.find(form.email.data) if form.email.data else []
    return _draw(CustomerForm.blank(email=form.email.data), found=found, erasure_form=form, status=status)


def _draw(
    form: CustomerForm | None = None,
    *,
    found: list[Order] | None = None,
    erasure_form: ErasureForm | None = None,
    retention_form: RetentionForm | None = None,
    status: int = 200,
) -> Response:
    shop = shop_settings.current()
    refused: BaseForm | None = erasure_form or retention_form or form
    email = form.email.data if form is not None else None
    return render_region(
        "settings/personal_data.html",
        part="personal-data",
        form=refused or CustomerForm.blank(),
        customer_form=form or CustomerForm.blank(),
        found=found or [],
        kept_until=max((personal_data.kept_until(order, shop) for order in found or []), default=None),
        erasure_form=erasure_form or ErasureForm.blank(email=email),
        retention_form=retention_form or RetentionForm.blank(obj=shop),
        status=status,
    )
