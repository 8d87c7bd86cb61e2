"""The forms for products on the tab Frakt."""

import re
from typing import Any, Self

from webshop_orders.errors import DomainError
from webshop_orders.models import EventFacts, Line, Order, Shipment
from webshop_orders.models.event_facts import LineChanged
from webshop_orders.models.price_change import MAX_REASON_LENGTH
from webshop_orders.operations.orders import touched_parts
from webshop_orders.operations.orders.touched_parts import Part
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import DiscountField, MoneyField, QuantityField, TextField
from webshop_orders.web.http.formatting import amount, typed_amount
from webshop_orders.web.orders import amounts
from webshop_orders.web.orders.forms.base import OrderForm
from webshop_orders.web.orders.forms.merging import UNKNOWN, MergedForm

NEW_SHIPMENT = "new"
WITH_UNITS = "with-units"  # tracking codes that go where the units go
SEQ = re.compile(r"[1-9][0-9]{0,8}")


def find_shipment(order: Order, selected: str | None) -> Shipment | None:
    """The shipment of this order that was selected by its number, if it has it."""
    return order.find_shipment(int(selected)) if selected and SEQ.fullmatch(selected) else None


def _line_and_status(order: Order, line_id: int | None) -> set[Part]:
    """A line and whether its shipment can change; everything where the order does not have it any more."""
    line = order.find_line(line_id or 0)
    if line is None:
        return {touched_parts.EVERYTHING}
    return {touched_parts.part_of_line(line), touched_parts.status(line.shipment.reference)}


class AddLineForm(OrderForm):
    tab = "shipping"
    kind = "add"
    purpose = _l("Add product")

    q = TextField(_l("Add product"))
    product = TextField(max_length=18)
    quantity = QuantityField(_l("Quantity"), default=1)
    shipment = TextField(_l("Shipment"), max_length=9)

    def rests_on(self, order: Order) -> set[Part]:
        """The shipment's status, and its lines of the product, which it may join; all where none is chosen."""
        shipment = find_shipment(order, self.shipment.data) or next(iter(order.open_shipments), None)
        if shipment is None:
            return {touched_parts.EVERYTHING}
        if self.product.data is None:
            return touched_parts.contents(shipment)
        same = [line for line in shipment.lines if str(line.product_id) == self.product.data]
        return {touched_parts.status(shipment.reference), *map(touched_parts.part_of_line, same)}

    def add_error(self, error: DomainError) -> None:
        """The product is chosen in the finder, so what is wrong with it is said there."""
        error.field = "q" if error.field == "product" else error.field
        super().add_error(error)


class LineForm(OrderForm):
    """A form in the row of a line, which is its key."""

    tab = "shipping"

    @property
    def line_id(self) -> int:
        assert self.key is not None, "it is not a blank one of a page"
        return self.key


class EditForm(MergedForm, LineForm):
    kind = "edit"

    quantity = QuantityField(_l("Quantity"))
    unit_price = MoneyField(_l("Unit price"), required=True)
    discount = DiscountField(_l("Discount (amount or %)"))
    reason = TextField(_l("Reason for a new price"), max_length=MAX_REASON_LENGTH)

    @classmethod
    def of(cls, line: Line) -> Self:
        """The form with the values of a line."""
        currency = line.shipment.order.currency
        discount = typed_amount(line.discount, currency) if line.discount else ""
        unit_price = typed_amount(line.unit_price, currency)
        return cls.blank(key=line.id, quantity=line.quantity, unit_price=unit_price, discount=discount)

    def rests_on(self, order: Order) -> set[Part]:
        """The shipment's status: that of the line is merged."""
        line = order.find_line(self.key or 0)
        return {touched_parts.EVERYTHING if line is None else touched_parts.status(line.shipment.reference)}

    def stored(self, order: Order) -> dict[str, Any]:
        line = order.find_line(self.key or 0)
        return {} if line is None else {name: getattr(line, name) for name in ("quantity", "unit_price", "discount")}

    def before(self, order: Order, facts: EventFacts) -> dict[str, Any]:
        """The values of the line before a change; unknown where units of the article were moved, added or removed."""
        line = order.find_line(self.key or 0)
        if line is None or not touched_parts.touches(facts, {touched_parts.part_of_line(line)}):
            return {}
        if not isinstance(facts, LineChanged):
            return dict.fromkeys(self.stored(order), UNKNOWN)
        changes = {"quantity": facts.quantity, "unit_price": facts.unit_price, "discount": facts.discount}
        return {name: each.before for name, each in changes.items() if each and each.before != each.after}

    def typed(self, order: Order, name: str) -> Any:
        if name == "unit_price":
            return amounts.minor_units(self.unit_price, order.currency)
        if name == "discount":
            price = self.quantity.data * amounts.minor_units(self.unit_price, order.currency)
            return amounts.discount(self.discount, price, order.currency)
        return super().typed(order, name)

    def fill(self, order: Order, name: str, value: Any) -> None:
        if name == "quantity":
            super().fill(order, name, value)
        else:
            text = typed_amount(value, order.currency) if value or name == "unit_price" else ""
            field = self._find(name)
            field.raw, field.data = text, field.read(text) if text else None

    def show(self, order: Order, name: str, value: Any) -> str:
        return amount(value, order.currency) if name != "quantity" else super().show(order, name, value)


class RemovalForm(LineForm):
    kind = "removal"
    purpose = _l("Delete")

    def rests_on(self, order: Order) -> set[Part]:
        return _line_and_status(order, self.key)


class SplitForm(LineForm):
    kind = "split"
    purpose = _l("Split")

    quantity = QuantityField(_l("How many"))
    target = TextField(_l("To"), max_length=9, required=True, default=NEW_SHIPMENT)
    codes_to = TextField(max_length=10, default=WITH_UNITS)

    def rests_on(self, order: Order) -> set[Part]:
        """The line, and the same article where it goes to, which it may join."""
        line, target = order.find_line(self.key or 0), find_shipment(order, self.target.data)
        parts = _line_and_status(order, self.key)
        if line is not None and target is not None:
            parts |= {touched_parts.line(target.reference, line.sku), touched_parts.status(target.reference)}
        return parts
