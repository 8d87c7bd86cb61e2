from wtforms.validators import StopValidation

from webshop_orders.documents.barcode import MAX_BARCODE_LENGTH, BarcodeRule
from webshop_orders.documents.fields import MAX_SHELF_PLACE_LENGTH
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.validation.rules import Fault
from webshop_orders.web.http.fields import StrictField, TextField
from webshop_orders.web.http.forms import BaseForm


class BarcodeField(StrictField):
    def read(self, text: str) -> str:
        try:
            code: str = BarcodeRule().read(text)
        except Fault as fault:
            raise StopValidation(fault.sentence(str(self.label.text))) from None
        return code


class ProductForm(BaseForm):
    """Where a product stands, and what scanners read on it."""

    shelf_place = TextField(_l("Shelf place"), max_length=MAX_SHELF_PLACE_LENGTH)
    barcode = BarcodeField(_l("Barcode"), max_length=MAX_BARCODE_LENGTH)
