"""Saved views of the list. The address of each change has the list's own arguments, and the answer is that list."""

from flask import Blueprint, Response, g
from flask_babel import gettext as _

from webshop_orders.errors import DomainError
from webshop_orders.operations.order_list import saved_views
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.orders import list as order_list
from webshop_orders.web.orders import list_query
from webshop_orders.web.orders.forms.list import ViewForm

blueprint = Blueprint("saved_views", __name__, url_prefix="/views")


@blueprint.post("")
def save() -> Response:
    form = ViewForm()
    if not form.validate():
        return order_list.render(form, status=422)
    try:
        query = list_query.query_string(list_query.arguments())
        with writing():
            saved_views.save(form.name.data, query, shared=form.shared.data, by=g.user)
    except DomainError as error:
        return _refuse(form, error)
    return order_list.respond(_("The view «%(name)s» is saved.", name=form.name.data))


@blueprint.post("/<id:view_id>")
def change(view_id: int) -> Response:
    form = ViewForm(view_id)
    if not form.validate():
        return order_list.render(form, status=422)
    try:
        with writing():
            saved_views.change(view_id, form.name.data, shared=form.shared.data, by=g.user)
    except DomainError as error:
        return _refuse(form, error)
    return order_list.respond(_("The view «%(name)s» is saved.", name=form.name.data))


@blueprint.post("/<id:view_id>/removal")
def remove(view_id: int) -> Response:
    with writing():
        view = saved_views.remove(view_id, by=g.user)
    return order_list.respond(_("The view «%(name)s» is removed.", name=view.name))


def _refuse(form: ViewForm, error: DomainError) -> Response:
    if error.field is None:
        raise error
    form.add_error(error)
    return order_list.render(form, status=error.status)
