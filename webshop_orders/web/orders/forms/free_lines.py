"""The form for a line without a product on the tab Frakt."""

from collections import Counter
from typing import Self

from webshop_orders.documents.fields import MAX_PRODUCT_NAME_LENGTH
from webshop_orders.models import Order
from webshop_orders.operations.orders import touched_parts
from webshop_orders.operations.orders.touched_parts import Part
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import MoneyField, PercentageField, QuantityField, TextField
from webshop_orders.web.http.formatting import percent
from webshop_orders.web.orders.forms.base import OrderForm
from webshop_orders.web.orders.forms.lines import find_shipment


class FreeLineForm(OrderForm):
    tab = "shipping"
    kind = "free-line"
    purpose = _l("Add product")

    name = TextField(_l("Name"), max_length=MAX_PRODUCT_NAME_LENGTH, required=True)
    quantity = QuantityField(_l("Quantity"), default=1)
    unit_price = MoneyField(_l("Unit price"), required=True)
    vat_rate = PercentageField(_l("VAT"))
    shipment = TextField(_l("Shipment"), max_length=9)

    def rests_on(self, order: Order) -> set[Part]:
        """The status of the shipment that the line goes to."""
        shipment = find_shipment(order, self.shipment.data) or next(iter(order.open_shipments), None)
        return {touched_parts.EVERYTHING if shipment is None else touched_parts.status(shipment.reference)}

    @classmethod
    def of(cls, order: Order) -> Self:
        """A blank form with the VAT rate of most of an order."""
        sums: Counter[int] = Counter()
        for line in order.lines:
            sums[line.vat_rate] += line.total
        ((rate, _sum),) = sums.most_common(1)
        return cls.blank(vat_rate=percent(rate))
