"""The forms for money that is given back."""

from collections.abc import Iterable
from typing import Any, ClassVar, Self

from wtforms import Field

from webshop_orders.errors import DomainError
from webshop_orders.models import Order
from webshop_orders.money.payments import method_label
from webshop_orders.operations.after_sales.refunds import Fee, RequestedRefund
from webshop_orders.operations.orders import touched_parts
from webshop_orders.operations.orders.touched_parts import Part
from webshop_orders.text.languages import gettext as _
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import FlagField, MoneyField, TextField
from webshop_orders.web.http.formatting import typed_amount
from webshop_orders.web.http.query_args import read_id
from webshop_orders.web.orders import amounts
from webshop_orders.web.orders.forms.base import OrderForm
from webshop_orders.web.orders.forms.lines_of_order import LinesForm, UnitsField
from webshop_orders.web.orders.payment_methods import typed_method

MAX_REASON_LENGTH = 500
PLACES = frozenset(map(str, range(1_000)))  # of charges, as a form has them


class PlacesField(Field):
    """Which of the order's charges, by their places: a checkbox each."""

    is_refusal = False

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = sorted({int(value) for value in valuelist if value in PLACES})

    @property
    def places(self) -> list[int]:
        return list(self.data or [])


class RefundForm(LinesForm):
    """Units of lines, shipping, charges, and an amount for a reason, less fees; `overpaid` is given back besides.

    `proposed` is what the form was opened with, and `shown` the sum that its user asked for.
    """

    tab = "summary"
    page = "refunds/form"
    kind = "refund"
    purpose = _l("Register refund")
    of_each_line: ClassVar[dict[str, Any]] = {"lines": lambda: UnitsField(_l("Quantity"))}

    shipping = MoneyField(_l("Shipping"))
    charges = PlacesField(_l("Charges"))
    overpaid = MoneyField(_l("Paid too much"))
    amount = MoneyField(_l("Another amount"))
    reason = TextField(_l("Reason"), max_length=MAX_REASON_LENGTH)
    return_freight = MoneyField(_l("Less freight of the return"))
    handling = MoneyField(_l("Less handling fee"))
    method = TextField(_l("Payment method"), max_length=100)
    reference = TextField(_l("Reference of the refund"), max_length=200)
    done = FlagField(_l("The money has gone back already"))
    mails_customer = FlagField(_l("Send the credit note to the customer"))
    return_id = TextField(max_length=18)
    proposed: RequestedRefund | None = None
    shown: Any = None

    @classmethod
    def of(cls, order: Order, line_ids: Iterable[int], proposed: RequestedRefund) -> Self:
        """The form for some lines, with what is proposed filled in."""

        def typed(amount: int) -> str:
            return typed_amount(amount, order.currency) if amount else ""

        form = cls.for_lines(line_ids).blank(
            **{f"lines-{line_id}": units for line_id, units in proposed.lines.items()},
            shipping=typed(proposed.shipping),
            charges=list(proposed.charges),
            overpaid=typed(proposed.overpaid),
            amount=typed(proposed.amount),
            reason=proposed.reason,
            method=method_label(order.payment_method),
            return_id=proposed.return_id,
        )
        form.proposed = proposed
        return form

    def rests_on(self, order: Order) -> set[Part]:
        """What the order costs, and what was paid and given back of it."""
        lines = {touched_parts.lines_in(shipment.reference) for shipment in order.shipments}
        return {touched_parts.MONEY, touched_parts.SHIPPING, *lines}

    def add_error(self, error: DomainError) -> None:
        field = error.field or ""
        if field.startswith("charges-"):
            error.field = "charges"
        elif field == "fees":
            error.field = "return_freight" if self.return_freight.data else "handling"
        elif field == "lines" and not self.line_ids:
            error.field = "overpaid"
        super().add_error(error)

    def wanted(self, order: Order, charges_left: dict[int, int]) -> RequestedRefund:
        """What was typed; each charge that is ticked is refunded as far as something is left of it."""

        def minor_units(field: MoneyField) -> int:
            return amounts.minor_units(field, order.currency)

        fees = [(_("Freight of the return"), self.return_freight), (_("Handling fee"), self.handling)]
        return RequestedRefund(
            lines=self.units,
            shipping=minor_units(self.shipping),
            charges={place: charges_left.get(place, 0) for place in self.charges.places},
            amount=minor_units(self.amount),
            fees=[Fee(name, amount) for name, field in fees if (amount := minor_units(field))],
            overpaid=minor_units(self.overpaid),
            reason=self.reason.data,
            method=typed_method(self.method.data),
            reference=self.reference.data,
            return_id=read_id(self.return_id.data or ""),
            done=self.done.data,
            mails_customer=self.mails_customer.data,
        )


class RefundStepForm(OrderForm):
    """What became of a refund, which is the key."""

    tab = "summary"

    def rests_on(self, order: Order) -> set[Part]:
        return {touched_parts.MONEY}


class RefundDoneForm(RefundStepForm):
    kind = "refund-done"
    purpose = _l("The money has gone back")

    reference = TextField(_l("Reference of the refund"), max_length=200)


class RefundCancellationForm(RefundStepForm):
    kind = "refund-cancellation"
    purpose = _l("Give up the refund")

    reason = TextField(_l("Reason"), max_length=MAX_REASON_LENGTH)
