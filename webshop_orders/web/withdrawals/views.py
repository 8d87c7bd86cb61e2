"""The pages of staff: the statements of withdrawal that wait, and one of them with what there is to do about it."""

from typing import Any

from flask import Blueprint, Response, url_for
from flask_babel import gettext as _

from webshop_orders import rendering, shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.errors import AlreadyDone, DomainError, NoChange, RuleViolation
from webshop_orders.models import Message, Order, Return, Withdrawal
from webshop_orders.operations.after_sales import withdrawn_goods
from webshop_orders.operations.order_list import key_lookup
from webshop_orders.operations.orders import withdrawal_period, withdrawals
from webshop_orders.operations.orders.loading import get_order
from webshop_orders.transactions.unit_of_work import editing, writing
from webshop_orders.web.http.forms import BaseForm
from webshop_orders.web.http.query_args import id_arg, text_arg
from webshop_orders.web.http.responses import ToastAction, flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.orders.editing import FormRejected, edit_order
from webshop_orders.web.orders.forms.base import actor_of_form, request_keys
from webshop_orders.web.orders.previews import carry_out as preview_change
from webshop_orders.web.withdrawals.forms import GoodsForm, LinkForm

blueprint = Blueprint("withdrawals", __name__, url_prefix="/withdrawals")

HANDLED = "handled"


@blueprint.get("")
def index() -> Response:
    before, is_handled = id_arg("before"), text_arg("show") == HANDLED
    entries, next_before = withdrawals.page(handled=is_handled, before=before)
    return render_region(
        "withdrawals/index.html",
        entries=entries,
        next_before=next_before,
        before=before,
        is_handled=is_handled,
        list_url=lambda **changes: url_for("withdrawals.index", show=HANDLED if is_handled else None, **changes),
    )


@blueprint.get("/<id:withdrawal_id>")
def show(withdrawal_id: int) -> Response:
    return _render(withdrawal_id)


@blueprint.post("/<id:withdrawal_id>/order")
def link(withdrawal_id: int) -> Response:
    """Put a statement on the order with a number, ours or the shop's."""
    form = LinkForm()
    if not form.validate():
        return _render(withdrawal_id, link_form=form, status=422)
    number = key_lookup.number_of_only_match(form.number.data)
    by = actor_of_form()
    try:
        if number is None:
            raise RuleViolation(_("No order has that number, or several have it."), field="number")
        with editing(number, None, by, is_step=False) as order:
            withdrawal = withdrawals.get(withdrawal_id, for_update=True)
            if withdrawal.is_handled:
                raise RuleViolation(_("The withdrawal is handled. Open it again first."), field="number")
            withdrawals.attach(withdrawal, order, by=by)
    except (NoChange, AlreadyDone) as reason:
        return _respond(withdrawal_id, str(reason))
    except DomainError as error:
        form.add_error(error)
        return _render(withdrawal_id, link_form=form, status=error.status)
    return _respond(withdrawal_id, _("The withdrawal is on %(number)s.", number=number))


@blueprint.post("/<id:withdrawal_id>/goods")
def carry_out(withdrawal_id: int) -> Response:
    """Take what has not left off the order, and register a return of the rest."""
    form, number = GoodsForm(), _number(withdrawal_id)
    try:
        with edit_order(number, form) as order:
            withdrawal = withdrawals.get(withdrawal_id, for_update=True)
            a_return = withdrawn_goods.carry_out(order, withdrawal, form.goods(), by=form.actor)
    except FormRejected as rejected:
        reason = rejected.reason
        if isinstance(reason, AlreadyDone | NoChange):
            return _respond(withdrawal_id, str(reason))
        return _render(withdrawal_id, goods_form=form, error=str(reason), status=reason.status)
    url = url_for("order.tab", number=number, tab="summary")
    action = ToastAction(
        "open-order", _("Open %(number)s, where it can be undone", number=number), url, opens_page=True
    )
    return _respond(withdrawal_id, _done(order, a_return), action)


@blueprint.post("/<id:withdrawal_id>/goods/receipt")
def preview(withdrawal_id: int) -> Response:
    form, number = GoodsForm(), _number(withdrawal_id)
    receipt, reason = preview_change(number, form, lambda order, form: _preview(order, form, withdrawal_id))
    if wants_fragment():
        return Response(rendering.render("orders/_receipt.html", receipt=receipt))
    error = str(reason) if reason is not None and not isinstance(reason, NoChange) else None
    return _render(withdrawal_id, goods_form=form, receipt=receipt, error=error, status=422 if error else 200)


@blueprint.post("/<id:withdrawal_id>/handling")
def settle(withdrawal_id: int) -> Response:
    return _mark(withdrawal_id, is_handled=True)


@blueprint.post("/<id:withdrawal_id>/reopening")
def reopen(withdrawal_id: int) -> Response:
    return _mark(withdrawal_id, is_handled=False)


def _mark(withdrawal_id: int, *, is_handled: bool) -> Response:
    number, by = withdrawals.number_of_order(withdrawals.get(withdrawal_id)), actor_of_form()
    try:
        if not is_handled:
            with writing():
                withdrawals.reopen(withdrawals.get(withdrawal_id, for_update=True))
        elif number is None:
            with writing():
                withdrawals.settle(withdrawals.get(withdrawal_id, for_update=True), None, by=by)
        else:
            with editing(number, None, by, is_step=False) as order:
                withdrawals.settle(withdrawals.get(withdrawal_id, for_update=True), order, by=by)
    except (NoChange, AlreadyDone) as reason:
        return _respond(withdrawal_id, str(reason))
    except DomainError as error:
        return _render(withdrawal_id, error=str(error), status=error.status)
    sentence = _("The withdrawal is handled.") if is_handled else _("The withdrawal waits again.")
    return _respond(withdrawal_id, sentence)


def _number(withdrawal_id: int) -> str:
    """The number of the order that a statement is on; raises RuleViolation where it is on none."""
    number = withdrawals.number_of_order(withdrawals.get(withdrawal_id))
    if number is None:
        raise RuleViolation(_("Link the withdrawal to an order first."))
    return number


def _preview(order: Order, form: GoodsForm, withdrawal_id: int) -> None:
    withdrawn_goods.carry_out(order, withdrawals.get(withdrawal_id), form.goods(), by=form.actor)


def _done(order: Order, a_return: Return | None) -> str:
    if order.is_cancelled:
        return _("Order %(number)s is cancelled.", number=order.number)
    if a_return is None:
        return _("The products were taken off the order.")
    return _("The return %(reference)s is registered.", reference=a_return.reference(order.number))


def _respond(withdrawal_id: int, sentence: str, *actions: ToastAction) -> Response:
    flash_message(sentence, actions=actions)
    return (
        _render(withdrawal_id)
        if wants_fragment()
        else see_other(url_for("withdrawals.show", withdrawal_id=withdrawal_id))
    )


def _render(
    withdrawal_id: int,
    *,
    link_form: LinkForm | None = None,
    goods_form: GoodsForm | None = None,
    error: str | None = None,
    status: int = 200,
    **context: Any,
) -> Response:
    withdrawal = withdrawals.get(withdrawal_id)
    number = withdrawals.number_of_order(withdrawal)
    order = get_order(number) if number else None
    return render_region(
        "withdrawals/show.html",
        withdrawal=withdrawal,
        order=order,
        receipt_mail=db.session.get(Message, withdrawal.receipt_id) if withdrawal.receipt_id else None,
        form=BaseForm.blank(),
        link_form=link_form or LinkForm.blank(number=None),
        error=error,
        request_key=request_keys(),
        status=status,
        **{"receipt": None, **(_about(order, withdrawal, goods_form) if order else {}), **context},
    )


def _about(order: Order, withdrawal: Withdrawal, goods_form: GoodsForm | None) -> dict[str, Any]:
    """What there is to do about the goods of an order, and whether the statement came in time."""
    shop = shop_settings.current()
    period = withdrawal_period.of_order(order, shop.withdrawal_days, shop.time_zone)
    is_closed = order.personal_data_erased_at is not None
    return {
        "most": withdrawn_goods.WithdrawnGoods() if is_closed else withdrawn_goods.withdrawable(order),
        "goods_form": goods_form or GoodsForm(withdrawn_goods.proposed_for(order, withdrawal)),
        "withdrawal_period": period,
        "is_in_time": period is None or period.includes(withdrawal.received_at, shop.time_zone),
        "returns": [returned for returned in order.returns if returned.withdrawal_id == withdrawal.id],
    }
