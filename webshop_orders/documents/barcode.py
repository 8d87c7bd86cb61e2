"""The barcode of a product: what a scanner gives for it."""

from dataclasses import dataclass
from typing import Annotated, Any

from flask_babel import gettext as _

from webshop_orders.barcodes import gtin
from webshop_orders.validation.rules import Fault, Text

MAX_BARCODE_LENGTH = 80


@dataclass(frozen=True)
class BarcodeRule(Text):
    """A GTIN with its right check digit, or a code of the shop's own, which has other characters or another length."""

    max_length: int = MAX_BARCODE_LENGTH

    def read(self, value: Any) -> Any:
        code = super().read(value)
        if not gtin.GTIN.fullmatch(code):
            return code
        from biip.checksums import gs1_standard_check_digit

        digit = gs1_standard_check_digit(code[:-1])
        if int(code[-1]) != digit:
            raise Fault(
                lambda field: _(
                    "%(field)s: %(code)s is no GTIN, as its last digit would be %(digit)s. Is it mistyped?",
                    field=field,
                    code=code,
                    digit=digit,
                )
            )
        return code


Barcode = Annotated[str, BarcodeRule()]
