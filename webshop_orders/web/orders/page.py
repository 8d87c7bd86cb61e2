"""The page of an order with one of its tabs open: the only place that renders it, on a visit and after a change."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from flask import Response, current_app, g, url_for

from webshop_orders import expected_days, shop_settings
from webshop_orders.db.plain_rows import NestedRows
from webshop_orders.errors import (
    AlreadyDone,
    Busy,
    ConfirmationRequired,
    ConfirmationWarning,
    DomainError,
    NoChange,
    NotFound,
    StaleVersion,
)
from webshop_orders.mailing.vocabulary import mail_language
from webshop_orders.models import Line, Order
from webshop_orders.money import captures
from webshop_orders.money.totals import balance, compute_totals
from webshop_orders.operations import dispatch_checks
from webshop_orders.operations.audit import history
from webshop_orders.operations.orders import (
    bundles,
    comments,
    confirmations,
    customers,
    messages,
    order_rows,
    receipts,
    splits,
    typed_codes,
    withdrawal_period,
    withdrawals,
)
from webshop_orders.operations.orders.loading import get_order, get_order_along, is_duplicate_request
from webshop_orders.operations.orders.order_rows import NestedValues, Parts
from webshop_orders.operations.orders.receipts import Receipt
from webshop_orders.operations.orders.withdrawal_period import WithdrawalPeriod
from webshop_orders.operations.stock import products
from webshop_orders.operations.undo import steps
from webshop_orders.operations.undo.steps import Steps
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.transactions.unit_of_work import ALREADY_DONE
from webshop_orders.web.auth.authorization import may
from webshop_orders.web.http import error_pages
from webshop_orders.web.http.formatting import day
from webshop_orders.web.http.query_args import id_arg
from webshop_orders.web.http.responses import ToastAction, flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.orders import board, refund_rows, returned_lines
from webshop_orders.web.orders.conflicts import Conflict, conflict_of
from webshop_orders.web.orders.editing import FormRejected
from webshop_orders.web.orders.forms.base import OrderForm, request_keys
from webshop_orders.web.orders.forms.customers import CustomerForm
from webshop_orders.web.orders.forms.lines import AddLineForm, LineForm
from webshop_orders.web.orders.forms.messages import CopyForm
from webshop_orders.web.orders.forms.plans import PlanForm
from webshop_orders.web.orders.forms.refunds import RefundForm
from webshop_orders.web.orders.forms.returns import ReceiptForm, ReturnForm
from webshop_orders.web.orders.line_rows import line_rows
from webshop_orders.web.orders.mail_sentences import what_reopening_would_do
from webshop_orders.web.orders.message_actions import shown_messages
from webshop_orders.web.orders.page_forms import PageForms
from webshop_orders.web.orders.payment_methods import offered_methods
from webshop_orders.web.orders.refusals import PAGE, Refusal, refuse
from webshop_orders.web.orders.telling import telling_url, untold_changes
from webshop_orders.web.orders.undo_actions import undo_action


@dataclass(frozen=True)
class Tab:
    """A tab of the order.

    `context` gives what its template needs besides `parts` of the order, from the order, the active form and the rows
    that are read `along` with the order, on the page after a cursor; `count` the number shown beside its label.
    """

    name: str
    label: Any
    parts: Parts
    context: Callable[[Order, OrderForm | None, NestedValues], dict[str, Any]]
    count: Callable[[Order], int | None] = lambda order: None
    along: Callable[[int | None], tuple[NestedRows, ...]] = lambda before: ()
    within: str = ""


def _summary(order: Order, form: OrderForm | None, along: NestedValues) -> dict[str, Any]:
    return {
        "totals": compute_totals(order),
        "is_returnable": any(map(returned_lines.can_return, order.shipments)),
        "page": comments.page(along[0]),
        "confirmation": messages.latest_confirmation(along[1]),
        "withdrawals": withdrawals.of_rows(along[2]),
        "withdrawal_period": _withdrawal_period(order),
        "expected": _expected(order),
    }


def _withdrawal_period(order: Order) -> WithdrawalPeriod | None:
    """The period in which a consumer can withdraw from the purchase; a company cannot."""
    shop = shop_settings.current()
    if order.customer.organisation_number:
        return None
    return withdrawal_period.of_order(order, shop.withdrawal_days, shop.time_zone)


def _shipping(order: Order, form: OrderForm | None, along: NestedValues) -> dict[str, Any]:
    """The products to choose from, where a product was refused or, without JavaScript, another field of its form."""
    add_form = form if isinstance(form, AddLineForm) else None
    selected = add_form.product.data if add_form else None
    needs_choice = add_form is not None and (add_form.q.errors or (selected and not wants_fragment()))
    words = add_form.q.data if add_form and needs_choice else None
    totals = compute_totals(order)
    found = products.search(words, order.currency, limit=products.MAX_RESULTS + 1) if words else []
    return {
        "totals": totals,
        "candidates": found[: products.MAX_RESULTS],
        "has_more": len(found) > products.MAX_RESULTS,
        "selected_product": selected if add_form and not add_form.q.errors else None,
        "is_list_box": wants_fragment(),
        "can_return": returned_lines.can_return,
        "preset_carrier": typed_codes.preset_carrier(order),
        "what_reopening_would_do": what_reopening_would_do,
        "has_unmailed_codes": confirmations.has_unmailed_codes,
        "has_corrected_codes": confirmations.has_corrected_codes,
        "can_split_backordered": splits.can_split_backordered,
        "captures": captures.of_order(order, totals),
        "failed_checks": _failed_checks(order),
        "shown_capture": None,
        "untold": untold_changes(order),
        "telling_url": telling_url,
        "is_alone": bundles.is_alone,
        "receipt": _receipt_of_line(order, form),
        "expected": _expected(order),
    }


def _expected(order: Order) -> dict[Line, str]:
    """The day of each line that waits for stock and has one, as it is shown."""
    return {line: day(expected) for line, expected in expected_days.of_lines([order]).items()}


def _failed_checks(order: Order) -> dict[int, list[ConfirmationWarning]]:
    """The checks before dispatch that each shipment fails, by its number."""
    shop = shop_settings.current()
    if not shop.dispatch_checks.in_use:
        return {}
    return {shipment.seq: dispatch_checks.warn_of_failed(shipment, shop) for shipment in order.open_shipments}


def _receipt_of_line(order: Order, form: OrderForm | None) -> Receipt | None:
    """The line of an open row as it is, where the form is not previewed."""
    line = order.find_line(form.line_id) if isinstance(form, LineForm) else None
    if line is None:
        return None
    present = receipts.figures(order)
    return receipts.compare(order, present, present, about=line)


def _plan(order: Order, form: OrderForm | None, along: NestedValues) -> dict[str, Any]:
    return board.context(order, form if isinstance(form, PlanForm) else None)


def _payment(order: Order, form: OrderForm | None, along: NestedValues) -> dict[str, Any]:
    return {"form": form, "methods": offered_methods(order)}


def _refund(order: Order, form: OrderForm | None, along: NestedValues) -> dict[str, Any]:
    return refund_rows.form_context(order, cast(RefundForm, form))


def _return(order: Order, form: OrderForm | None, along: NestedValues) -> dict[str, Any]:
    return returned_lines.form_context(order, cast(ReturnForm, form))


def _receipt(order: Order, form: OrderForm | None, along: NestedValues) -> dict[str, Any]:
    return returned_lines.receipt_context(order, cast(ReceiptForm, form))


def _customer(order: Order, form: OrderForm | None, along: NestedValues) -> dict[str, Any]:
    return {"customer_form": CustomerForm.of(order), "languages": customers.offered_languages(order)}


def _messages(order: Order, form: OrderForm | None, along: NestedValues) -> dict[str, Any]:
    shown = messages.get(form.key, order) if isinstance(form, CopyForm) and form.key else None
    page = messages.page(along[0], including=shown)
    untold = untold_changes(order)
    return {
        "page": page,
        "untold": untold,
        "is_expected": bool(expected_days.of_lines([order])),
        **shown_messages(page.messages, {order.id: order.customer.email}, shown),
    }


def _history(order: Order, form: OrderForm | None, along: NestedValues) -> dict[str, Any]:
    return {"page": history.page(along[0]), "steps_to_undo": []}


TABS = {
    tab.name: tab
    for tab in (
        Tab(
            "summary",
            _l("Summary"),
            Parts.LINES,
            _summary,
            along=lambda before: (
                comments.COMMENTS_OF_ORDER.page(before),
                messages.LATEST_CONFIRMATION,
                withdrawals.OF_ORDER,
            ),
        ),
        Tab("shipping", _l("Shipping"), Parts.ALL, _shipping, lambda order: len(order.shipments)),
        Tab("customer", _l("Customer"), Parts.SHIPMENTS, _customer),
        Tab(
            "messages",
            _l("Messages"),
            Parts.LINES,
            _messages,
            lambda order: order.message_count,
            lambda before: (messages.MESSAGES_OF_ORDER.page(before),),
        ),
        Tab(
            "history",
            _l("History"),
            Parts.SHIPMENTS,
            _history,
            lambda order: order.event_count,
            lambda before: (history.EVENTS_OF_ORDER.page(before),),
        ),
    )
}
PAGES = {
    page.name: page
    for page in (
        *TABS.values(),
        Tab("plan", _l("Distribute"), Parts.ALL, _plan, within="shipping"),
        Tab("payments/form", _l("Register payment"), Parts.LINES, _payment, within="summary"),
        Tab("refunds/form", _l("Register refund"), Parts.LINES, _refund, within="summary"),
        Tab("returns/form", _l("Register return"), Parts.LINES, _return, within="summary"),
        Tab("returns/receipt", _l("Receive"), Parts.LINES, _receipt, within="summary"),
    )
}


def show(number: str, tab: str, open_form: Callable[[Order], OrderForm | None] = lambda order: None) -> Response:
    """Render a tab of an order as it is, which is read in one statement, with a form opened; raises NotFound."""
    order, along = get_order_along(number, PAGES[tab].parts, _along(tab), before=id_arg("before"), user_id=g.user.id)
    return render(order, tab, along=along, active_form=open_form(order))


def render(
    order: Order,
    tab: str,
    *,
    along: NestedValues | None = None,
    own_steps: Steps | None = None,
    active_form: OrderForm | None = None,
    error_message: str | None = None,
    refusal: Refusal | None = None,
    conflict: Conflict | None = None,
    status: int = 200,
    **extra_context: Any,
) -> Response:
    """Render a tab of an order.

    `along` are the rows that were read along with it, where they were, and `own_steps` those of the user, if known.
    `active_form` is a form that was opened or rejected, `error_message` why it was rejected, and `conflict` what others
    changed meanwhile, for a stale one.
    """
    before = id_arg("before")
    if along is None:
        lists = PAGES[tab].along(before) if own_steps else _along(tab)
        along = order_rows.read_along(order.id, lists, before=before, user_id=g.user.id)
    if own_steps is None:
        along, own_steps = along[: -len(steps.ALONG)], steps.of_rows(along[-len(steps.ALONG) :])
    open_tab = PAGES[tab].within or tab
    context = {
        "order": order,
        "may": may if order.personal_data_erased_at is None else _may_with_erased_order,
        "shop": shop_settings.current(),
        "balance": balance(order),
        "mail_language": mail_language(order.language, shop_settings.current()),
        "tabs": TABS.values(),
        "tab": open_tab,
        "tab_label": PAGES[tab].label,
        "tab_url": partial(url_for, "order.tab", number=order.number, tab=open_tab),
        "before": before,
        "forms": PageForms(active_form),
        "error_message": error_message,
        "refused_at": refusal.place if refusal else None,
        "refusal": refusal,
        "conflict": conflict,
        "request_key": request_keys(),
        "line_rows": line_rows,
        "steps": own_steps,
        **PAGES[tab].context(order, active_form, along),
        **extra_context,
    }
    return render_region(f"orders/{tab}.html", status=status, **context)


def _along(tab: str) -> tuple[NestedRows, ...]:
    """What is read along with the order for a tab: its own lists, and then the steps that the user can take back."""
    return (*PAGES[tab].along(id_arg("before")), *steps.ALONG)


def _may_with_erased_order(endpoint: str) -> bool:
    """Whether the user may use an endpoint on the page of an order without personal data, which is read-only."""
    rules = current_app.url_map.iter_rules(endpoint)
    return may(endpoint) and not any("number" in rule.arguments for rule in rules)


def render_change(order: Order, tab: str, sentence: str, *, actions: Iterable[ToastAction] = ()) -> Response:
    """Respond to a change that can be taken back, as `render_done` does."""
    offered = [undo_action(order, tab), *actions]
    return render_done(order, tab, sentence, actions=offered, own_steps=steps.with_last_change(order))


def render_done(
    order: Order,
    tab: str,
    sentence: str,
    *,
    actions: Iterable[ToastAction] = (),
    own_steps: Steps | None = None,
) -> Response:
    """Respond with the tab as it is now, a sentence about what was done, and what can be done next.

    `own_steps` are those of the user, where they are known.
    """
    flash_message(sentence, actions=actions)
    if wants_fragment():
        return render(order, tab, own_steps=own_steps)
    return see_other(url_for("order.tab", number=order.number, tab=tab))


def render_rejection(error: FormRejected) -> Response:
    """Respond to a form that was not carried out: the tab as it is now, with the submitted values and the reason."""
    form, reason = error.form, error.reason
    if isinstance(reason, Busy) and wants_fragment():  # the page keeps what was typed
        return error_pages.show(reason)
    try:
        order = get_order(error.number)
    except NotFound as not_found:
        return error_pages.show(not_found)
    if isinstance(reason, AlreadyDone):
        return render_done(order, form.tab, str(reason))
    if isinstance(reason, NoChange):
        is_duplicate = is_duplicate_request(order, form.actor.request_key)
        return render_done(order, form.tab, str(ALREADY_DONE if is_duplicate else reason))
    try:
        return _render_rejected(order, form, reason)
    except NotFound as not_found:  # the mail that the form is about
        return render(order, form.tab, error_message=str(not_found), status=not_found.status)


def _render_rejected(order: Order, form: OrderForm, reason: DomainError) -> Response:
    page = form.page or form.tab
    if isinstance(reason, StaleVersion):
        return render(
            order,
            page,
            active_form=form,
            error_message=str(reason),
            conflict=conflict_of(order, form, reason.missed_events),
            status=reason.status,
        )
    if isinstance(reason, ConfirmationRequired):
        form.warnings = reason.warnings
        return render(order, page, active_form=form, status=reason.status)
    refusal = refuse(order, form, reason)
    page_message = refusal.sentence if refusal.place == PAGE else None
    return render(order, page, active_form=form, error_message=page_message, refusal=refusal, status=reason.status)
