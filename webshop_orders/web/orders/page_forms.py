"""The forms that a page shows."""

from functools import cache
from typing import Any

from webshop_orders.web.orders.forms.backorder_notices import BackorderNoticeForm
from webshop_orders.web.orders.forms.base import OrderForm
from webshop_orders.web.orders.forms.comments import CommentForm, ReplyForm
from webshop_orders.web.orders.forms.confirmations import ConfirmationForm
from webshop_orders.web.orders.forms.credit_notes import CreditNoteForm
from webshop_orders.web.orders.forms.free_lines import FreeLineForm
from webshop_orders.web.orders.forms.holds import HoldForm, ReleaseForm
from webshop_orders.web.orders.forms.lines import AddLineForm, EditForm, SplitForm
from webshop_orders.web.orders.forms.messages import CopyForm, OrderChangedForm
from webshop_orders.web.orders.forms.refunds import RefundCancellationForm, RefundDoneForm
from webshop_orders.web.orders.forms.shipments import (
    DeliveryConfirmationForm,
    StatusForm,
    TrackingCorrectionForm,
    TrackingForm,
)
from webshop_orders.web.orders.forms.shipping_fee import ShippingFeeForm
from webshop_orders.web.orders.forms.stock_terms import PriorityForm

FORMS: dict[str, type[OrderForm]] = {
    form.kind: form
    for form in (
        AddLineForm,
        BackorderNoticeForm,
        CommentForm,
        ConfirmationForm,
        CreditNoteForm,
        CopyForm,
        DeliveryConfirmationForm,
        EditForm,
        FreeLineForm,
        HoldForm,
        OrderChangedForm,
        PriorityForm,
        RefundCancellationForm,
        RefundDoneForm,
        ReleaseForm,
        ReplyForm,
        ShippingFeeForm,
        SplitForm,
        StatusForm,
        TrackingCorrectionForm,
        TrackingForm,
    )
}


@cache
def blank_form(kind: str) -> OrderForm:
    return FORMS[kind].blank()


class PageForms:
    """The `forms` of a template: the active form, which was opened or rejected, and a blank one for all others.

    `forms(kind, key)` always gives a form; `forms.active(kind, key)` gives None unless that form is the active one.
    Blank forms of a kind are one, whatever their keys and pages, unless they are given values: nothing changes them.
    """

    def __init__(self, active_form: OrderForm | None = None) -> None:
        self._active_form = active_form

    def __call__(self, kind: str, key: int | None = None, **values: Any) -> OrderForm:
        return self.active(kind, key) or (FORMS[kind].blank(**values) if values else blank_form(kind))

    def is_active(self, kind: str) -> bool:
        """Whether the active form is of this kind."""
        return self._active_form is not None and self._active_form.kind == kind

    def active_key(self, kind: str) -> int | None:
        """The key of the active form where it is of this kind."""
        form = self._active_form
        return form.key if form is not None and form.kind == kind else None

    def active(self, kind: str, key: int | None = None) -> OrderForm | None:
        form = self._active_form
        return form if form is not None and (form.kind, form.key) == (kind, key) else None
