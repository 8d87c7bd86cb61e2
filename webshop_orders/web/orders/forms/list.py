"""The forms of saved views and columns of the list of orders."""

from typing import Any

from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import ChoicesField, FlagField, TextField
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.labels import COLUMNS


class ViewForm(BaseForm):
    """A new view, or the user's own view `view_id`."""

    name = TextField(_l("Name"), max_length=60, required=True)
    shared = FlagField(_l("Share with everyone"))

    def __init__(self, view_id: int | None = None, **values: Any) -> None:
        super().__init__(**values)
        self.view_id = view_id


class ColumnsForm(BaseForm):
    columns = ChoicesField(choices=[(column.value, label) for column, label in COLUMNS.items()])
