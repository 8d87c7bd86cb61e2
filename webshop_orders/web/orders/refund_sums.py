"""What a refund would come to, shown before it is requested."""

from collections.abc import Callable
from dataclasses import dataclass

from webshop_orders.errors import DomainError
from webshop_orders.models import Order, Refund
from webshop_orders.operations.after_sales import refunds
from webshop_orders.operations.after_sales.refunds import RequestedRefund
from webshop_orders.transactions.preview import previewing
from webshop_orders.web.orders.editing import check_form
from webshop_orders.web.orders.forms.base import actor_of_form
from webshop_orders.web.orders.forms.refunds import RefundForm


@dataclass(frozen=True)
class RefundSum:
    """A refund as it would be, or why it is refused; `code` confirms that this sum was shown."""

    currency: str
    prices_include_vat: bool
    refund: Refund | None
    reason: DomainError | None
    note: str | None

    @property
    def code(self) -> str:
        return code_of(self.refund) if self.refund else ""


def code_of(refund: Refund) -> str:
    """What a form says of the sum that its user has seen."""
    return f"sum-{refund.credited}-{refund.amount}"


def sum_of_proposal(number: str, wanted: RequestedRefund) -> RefundSum:
    """What a form comes to as it is opened; nothing is said of one that is empty."""
    sum_ = _sum(number, lambda order: wanted)
    return RefundSum(sum_.currency, sum_.prices_include_vat, sum_.refund, None, None)


def sum_of_form(number: str, form: RefundForm) -> RefundSum:
    """What a form comes to as it is typed."""

    def typed(order: Order) -> RequestedRefund:
        check_form(form)
        return wanted_by(order, form)

    sum_ = _sum(number, typed)
    sentences = [str(sentence) for errors in form.errors.values() for sentence in errors]
    note = " ".join(sentences) or (str(sum_.reason) if sum_.reason else None)
    return RefundSum(sum_.currency, sum_.prices_include_vat, sum_.refund, sum_.reason, note)


def wanted_by(order: Order, form: RefundForm) -> RequestedRefund:
    """What a form asks for."""
    return form.wanted(order, {item.place: item.amount for item in refunds.refundable(order).charges})


def _sum(number: str, wanted: Callable[[Order], RequestedRefund]) -> RefundSum:
    refund, reason = None, None
    with previewing(number) as order:
        currency, prices_include_vat = order.currency, order.prices_include_vat
        try:
            refund = refunds.request(order, wanted(order), by=actor_of_form())
        except DomainError as refusal:
            reason = refusal
    return RefundSum(currency, prices_include_vat, refund, reason, None)
