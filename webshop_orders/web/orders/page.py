"""The one way that an order's tabs are drawn, on a visit as after a change."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, current_app, url_for
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.errors import AlreadyDone, Busy, ConfirmationRequired, NoChange, NotFound, StaleVersion
from webshop_orders.models import Comment, Event, Message, MessageKind, Order
from webshop_orders.money.totals import compute_totals
from webshop_orders.operations.orders import messages
from webshop_orders.operations.orders.loading import get_order, is_duplicate_request
from webshop_orders.operations.stock import products
from webshop_orders.transactions.unit_of_work import ALREADY_DONE
from webshop_orders.web.auth.authorization import may
from webshop_orders.web.http import error_pages
from webshop_orders.web.http.forms import OrderForm, new_request_key
from webshop_orders.web.http.responses import FormRejected, flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.orders.forms import messages as message_forms
from webshop_orders.web.orders.forms import shipping, summary
from webshop_orders.web.orders.forms.customers import CustomerForm
from webshop_orders.web.orders.forms.messages import CopyForm
from webshop_orders.web.orders.forms.shipping import AddLineForm

FORMS: dict[str, type[OrderForm]] = {
    form.kind: form
    for form in (
        summary.CommentForm,
        summary.ConfirmationForm,
        shipping.AddLineForm,
        shipping.QuantityForm,
        shipping.SplitForm,
        shipping.TrackingForm,
        message_forms.DeliveryConfirmationForm,
        message_forms.OrderChangedForm,
        message_forms.CopyForm,
    )
}


@dataclass(frozen=True)
class Tab:
    """A tab of the order: its name, what it counts, and what its template needs beside the order."""

    name: str
    label: Any
    gather: Callable[[Order, OrderForm | None], dict[str, Any]]
    count: Callable[[Order], int | None] = lambda order: None


def _summary(order: Order, opened: OrderForm | None) -> dict[str, Any]:
    comments = (
        select(Comment).where(Comment.order_id == order.id).order_by(Comment.written_at.desc(), Comment.id.desc())
    )
    confirmations = select(Message).where(
        Message.order_id == order.id, Message.kind == MessageKind.ORDER_CONFIRMATION, ~Message.is_test
    )
    return {
        "comments": db.session.scalars(comments).all(),
        "confirmation": db.session.scalar(confirmations.order_by(Message.id.desc()).limit(1)),
    }


def _shipping(order: Order, opened: OrderForm | None) -> dict[str, Any]:
    words = opened.q.data if isinstance(opened, AddLineForm) else None
    return {"candidates": products.search(words, order.currency) if words else []}


def _customer(order: Order, opened: OrderForm | None) -> dict[str, Any]:
    return {"customer_form": CustomerForm.of(order)}


def _messages(order: Order, opened: OrderForm | None) -> dict[str, Any]:
    shown = messages.get(opened.key, order) if isinstance(opened, CopyForm) and opened.key else None
    return {"messages": messages.of_order(order), **opened_message(shown)}


def opened_message(message: Message | None) -> dict[str, Any]:
    """What the template needs to show a mail as it looked, with each try to deliver it."""
    return {"shown_message": message, "attempts": messages.attempts_of(message) if message else []}


def _history(order: Order, opened: OrderForm | None) -> dict[str, Any]:
    events = select(Event).where(Event.order_id == order.id).order_by(Event.id.desc())
    return {"events": db.session.scalars(events).all()}


TABS = {
    tab.name: tab
    for tab in (
        Tab("summary", _l("Summary"), _summary),
        Tab("shipping", _l("Shipping"), _shipping, lambda order: len(order.shipments)),
        Tab("customer", _l("Customer"), _customer),
        Tab("messages", _l("Messages"), _messages, lambda order: order.message_count),
        Tab("history", _l("History"), _history, lambda order: order.event_count),
    )
}


class Forms:
    """The forms of a page: the one that is open or was refused as it stands, and all others as new."""

    def __init__(self, opened: OrderForm | None = None) -> None:
        self.opened = opened

    def __call__(self, kind: str, key: int | None = None, **values: Any) -> OrderForm:
        opened = self.is_open(kind, key)
        return opened if opened is not None else FORMS[kind].blank(key=key, **values)

    def is_open(self, kind: str, key: int | None = None) -> OrderForm | None:
        opened = self.opened
        return opened if opened is not None and (opened.kind, opened.key) == (kind, key) else None


def render(
    order: Order,
    tab: str,
    *,
    opened: OrderForm | None = None,
    alert: str | None = None,
    changes: list[Event] | None = None,
    status: int = 200,
    **more: Any,
) -> Response:
    """Draw a tab of an order, with a form open or refused in it, and what others changed where it was stale."""
    shown = {
        "order": order,
        "may": may if order.personal_data_erased_at is None else _may_with_an_erased_order,
        "shop": shop_settings.current(),
        "totals": compute_totals(order),
        "tabs": TABS.values(),
        "tab": tab,
        "forms": Forms(opened),
        "alert": alert,
        "changes": changes or [],
        "request_key": new_request_key,
        **TABS[tab].gather(order, opened),
        **more,
    }
    return render_region(f"orders/{tab}.html", status=status, **shown)


def _may_with_an_erased_order(endpoint: str) -> bool:
    """What the one who asks may do on the page of an order that is not changed any more: leave it."""
    rules = current_app.url_map.iter_rules(endpoint)
    return may(endpoint) and not any("number" in rule.arguments for rule in rules)


def render_change(order: Order, tab: str, sentence: str) -> Response:
    """Answer a change: the tab as it is now, and a sentence on what was done."""
    flash_message(sentence)
    if wants_fragment():
        return render(order, tab)
    return see_other(url_for("order.tab", number=order.number, tab=tab))


def render_rejection(error: FormRejected) -> Response:
    """Answer a form that was not carried out: the present state, with what was typed and why not beside it."""
    if isinstance(error.reason, Busy):
        return error_pages.show(error.reason)
    try:
        order = get_order(error.number)
    except NotFound as gone:
        return error_pages.show(gone)
    if isinstance(error.reason, AlreadyDone):
        return render_change(order, error.form.tab, str(error.reason))
    if isinstance(error.reason, NoChange):
        twice = is_duplicate_request(order, error.form.actor.request_key)
        return render_change(order, error.form.tab, str(ALREADY_DONE if twice else error.reason))
    if isinstance(error.reason, StaleVersion):
        since = select(Event).where(Event.order_id == order.id, Event.version > error.reason.seen)
        changes = list(db.session.scalars(since.order_by(Event.id)))
        return render(order, error.form.tab, opened=error.form, alert=str(error.reason), changes=changes, status=409)
    if isinstance(error.reason, ConfirmationRequired):
        error.form.warnings = error.reason.warnings
        return render(order, error.form.tab, opened=error.form, status=error.reason.status)
    error.form.add_error(error.reason)
    return render(order, error.form.tab, opened=error.form, alert=str(error.reason), status=error.reason.status)
