from typing import Any

from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import FlagField, LongTextField, TextField
from webshop_orders.web.http.forms import BaseForm

MAX_TEXT_LENGTH = 1_000
MAX_ADDRESS_LENGTH = 300
MAX_NUMBER_LENGTH = 30


class PrintingForm(BaseForm):
    sender_address = LongTextField(_l("The shop's address on labels and credit notes"), max_length=MAX_ADDRESS_LENGTH)
    organisation_number = TextField(_l("The shop's organisation number"), max_length=MAX_NUMBER_LENGTH)
    vat_number = TextField(_l("The shop's VAT number"), max_length=MAX_NUMBER_LENGTH)
    slip_text_sv = LongTextField(_l("Text on packing slips in Swedish"), max_length=MAX_TEXT_LENGTH)
    slip_text_en = LongTextField(_l("Text on packing slips in English"), max_length=MAX_TEXT_LENGTH)
    slip_shows_prices = FlagField(_l("Show prices on packing slips"))
    slip_has_return_form = FlagField(_l("Print a form for returns on the back of each packing slip"))
    slip_has_commands = FlagField(_l("Print codes of commands for pack mode on packing slips"))

    def values(self) -> dict[str, Any]:
        return dict(self.data)
