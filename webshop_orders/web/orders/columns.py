"""The columns that the list has for the current user."""

from flask import Blueprint, Response, g
from flask_babel import gettext as _

from webshop_orders.operations.order_list import columns as list_columns
from webshop_orders.operations.users import accounts
from webshop_orders.transactions.unit_of_work import writing
from webshop_orders.web.orders import list as order_list
from webshop_orders.web.orders.forms.list import ColumnsForm

blueprint = Blueprint("list_columns", __name__)


@blueprint.post("/columns")
def choose() -> Response:
    form = ColumnsForm()
    if not form.validate():
        return order_list.render(invalid_columns_form=form, status=422)
    with writing():
        user = accounts.lock(g.user.id)
        list_columns.save(user, form.columns.data)
    g.user = user
    return order_list.respond(_("The list has the columns that you chose."))
