"""Which columns the list shows to a user."""

from flask import Blueprint, Response, g
from flask_babel import gettext as _

from webshop_orders.operations import list_columns, users
from webshop_orders.unit_of_work import writing
from webshop_orders.web import orders
from webshop_orders.web.forms.list import ColumnsForm

blueprint = Blueprint("list_columns", __name__)


@blueprint.post("/columns")
def choose() -> Response:
    form = ColumnsForm()
    if not form.validate():
        return orders.draw(columns_form=form, status=422)
    with writing():
        user = users.hold(g.user.id)
        list_columns.choose(user, form.columns.data)
    g.user = user
    return orders.answer(_("The list has the columns that you chose."))
