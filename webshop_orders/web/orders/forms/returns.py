"""The forms for goods that come back."""

from typing import Any, ClassVar, Self

from webshop_orders.errors import DomainError
from webshop_orders.models import Disposition, Order, Return, ReturnKind, ReturnReason
from webshop_orders.models.goods_return import DISPOSITION_LABELS, MAX_NOTE_LENGTH, REASON_LABELS
from webshop_orders.operations.after_sales.returns import ReceivedUnits, ReturnedUnits
from webshop_orders.operations.orders import touched_parts
from webshop_orders.operations.orders.touched_parts import Part
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.fields import ChoiceField, FlagField, LongTextField, TextField
from webshop_orders.web.orders.forms.base import OrderForm
from webshop_orders.web.orders.forms.lines_of_order import LinesForm, UnitsField

KINDS = [
    (ReturnKind.RETURN.value, _l("Return")),
    (ReturnKind.EXCHANGE.value, _l("Exchange")),
    (ReturnKind.CLAIM.value, _l("Claim")),
]
REPLACED, REFUNDED = "replaced", "refunded"
USUAL_REASONS = {
    ReturnKind.RETURN: ReturnReason.WITHDRAWN,
    ReturnKind.EXCHANGE: ReturnReason.WITHDRAWN,
    ReturnKind.CLAIM: ReturnReason.FAULTY,
}
SETTLEMENTS = [(REFUNDED, _l("Refund")), (REPLACED, _l("Replacement, free of charge"))]
REPLACEMENTS = (1, 2, 3)  # of one form; more can be added to the new shipment afterwards
DISPOSITION_FIELDS = {Disposition.RESTOCK: "quantity", Disposition.DISCARD: "discarded"}
# The fields that operations name otherwise.
SHOWN_AT = {"replacements": "instead_1", "product": "instead_1", "q": "instead_1", "expects_goods": "keeps_goods"}


def _reason() -> ChoiceField:
    """Why it comes back; the usual reason of what is registered, unless another is chosen."""
    stated = [(reason.value, label) for reason, label in REASON_LABELS.items() if reason is not ReturnReason.NOT_STATED]
    return ChoiceField(_l("Reason"), choices=[("", _l("by the choice above")), *stated])


def _disposition() -> ChoiceField:
    choices = [(disposition.value, label) for disposition, label in DISPOSITION_LABELS.items()]
    return ChoiceField(_l("The goods"), choices=choices, required=True, default=Disposition.RESTOCK.value)


class ReturnForm(LinesForm):
    """A return, an exchange or a claim of units of lines that have shipped.

    `instead_1` and so on are the products of an exchange, with how many of each. `mails` tells the customer.
    `pages` are which page of the lines it was opened with, and how many there are.
    """

    tab = "summary"
    page = "returns/form"
    kind = "return"
    purpose = _l("Register return")
    of_each_line: ClassVar[dict[str, Any]] = {
        **LinesForm.of_each_line,
        "reason": _reason,
        "disposition": _disposition,
    }

    shape = ChoiceField(_l("What it is"), choices=KINDS, required=True, default=ReturnKind.RETURN.value)
    settlement = ChoiceField(_l("The customer gets"), choices=SETTLEMENTS, default=REFUNDED)
    keeps_goods = FlagField(_l("The customer keeps the goods"))
    instead_1 = TextField(_l("Product"), max_length=300)
    units_1 = UnitsField(_l("Quantity"))
    instead_2 = TextField(_l("Product"), max_length=300)
    units_2 = UnitsField(_l("Quantity"))
    instead_3 = TextField(_l("Product"), max_length=300)
    units_3 = UnitsField(_l("Quantity"))
    note = LongTextField(_l("Note on the return"), max_length=MAX_NOTE_LENGTH)
    mails = FlagField(_l("Tell the customer by mail"))
    pages: tuple[int, int] = (1, 1)

    @classmethod
    def of(cls, order: Order, units: dict[int, int], reason: ReturnReason | None) -> Self:
        """The form for lines of which some units can be returned, with quantities and the reason filled in."""
        quantities = {f"quantity-{line_id}": count or "" for line_id, count in units.items()}
        reasons = {f"reason-{line_id}": reason.value if reason else "" for line_id in units}
        mails = bool(order.customer.email) and not order.is_test
        return cls.for_lines(units).blank(**quantities, **reasons, mails=mails)

    @property
    def return_kind(self) -> ReturnKind:
        return ReturnKind(self.shape.data)

    @property
    def returned(self) -> list[ReturnedUnits]:
        """What comes back, with its reason and what becomes of it."""
        usual = USUAL_REASONS[self.return_kind]
        return [
            ReturnedUnits(
                line_id,
                count,
                ReturnReason(fields["reason"].data or usual),
                Disposition(fields["disposition"].data),
            )
            for line_id, count in self.units.items()
            for fields in [self.of_line(line_id)]
        ]

    @property
    def wanted_instead(self) -> list[tuple[TextField, UnitsField]]:
        """The fields of an exchange's products that are filled in."""
        pairs = [(self[f"instead_{number}"], self[f"units_{number}"]) for number in REPLACEMENTS]
        return [pair for pair in pairs if any(field.data for field in pair)]

    def add_error(self, error: DomainError) -> None:
        """What is wrong with the units of a line was said before: the rest is about what leaves instead."""
        if error.field == "quantity" and self.wanted_instead:
            error.field = "units_1"
        error.field = SHOWN_AT.get(error.field or "", error.field)
        super().add_error(error)

    def rests_on(self, order: Order) -> set[Part]:
        """The returns, and which shipments have left."""
        return {touched_parts.RETURNS, *(touched_parts.status(shipment.reference) for shipment in order.shipments)}


class ReceiptForm(LinesForm):
    """What came back of a return, which is its key: into stock, and discarded.

    A line without either is awaited still.
    """

    tab = "summary"
    page = "returns/receipt"
    kind = "receipt"
    purpose = _l("Receive")
    of_each_line: ClassVar[dict[str, Any]] = {
        "quantity": lambda: UnitsField(DISPOSITION_LABELS[Disposition.RESTOCK]),
        "discarded": lambda: UnitsField(DISPOSITION_LABELS[Disposition.DISCARD]),
    }

    @classmethod
    def of(cls, a_return: Return) -> Self:
        """The form with what is awaited."""
        values = {f"{DISPOSITION_FIELDS[line.disposition]}-{line.line_id}": line.quantity for line in a_return.awaited}
        return cls.for_lines(line.line_id for line in a_return.awaited).blank(key=a_return.id, **values)

    def rests_on(self, order: Order) -> set[Part]:
        return {touched_parts.RETURNS}

    @property
    def received(self) -> list[ReceivedUnits]:
        """What was typed, by line and what becomes of it."""
        typed = [
            ReceivedUnits(line_id, self.of_line(line_id)[name].data, disposition)
            for line_id in self.line_ids
            for disposition, name in DISPOSITION_FIELDS.items()
        ]
        return [units for units in typed if units.quantity is not None]


class ClosingForm(OrderForm):
    tab = "summary"
    kind = "closing"
    purpose = _l("Close the return")

    def rests_on(self, order: Order) -> set[Part]:
        return {touched_parts.RETURNS}
