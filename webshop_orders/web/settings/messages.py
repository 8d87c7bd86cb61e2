"""All the shop's mails: who got what, why, and what became of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from webshop_orders.errors import AlreadyDone, ConfirmationRequired, DomainError, NoChange
from webshop_orders.mailing.messages import warnings as send_warnings
from webshop_orders.models import Actor, Message, Order
from webshop_orders.operations.orders import message_search, messages
from webshop_orders.operations.orders.message_search import MessageStateFilter
from webshop_orders.transactions.unit_of_work import editing, writing
from webshop_orders.web.http.forms import new_request_key
from webshop_orders.web.http.query_args import ID, text_arg
from webshop_orders.web.http.responses import (
    flash_message,
    render_region,
    require_confirmation,
    see_other,
    wants_fragment,
)
from webshop_orders.web.orders.forms.messages import CopyForm, MessagesForm, QueueAgainForm, SettlementForm
from webshop_orders.web.orders.messages import as_it_looked, on_its_way
from webshop_orders.web.orders.page import Forms, opened_message

blueprint = Blueprint("outbox", __name__, url_prefix="/settings/messages")

ARGUMENTS = ("q", "state", "before")
Change = Callable[[Message, Order | None], str]


@blueprint.get("")
def index() -> Response:
    return _draw()


@blueprint.get("/<id:message_id>")
def show(message_id: int) -> Response:
    return _draw(messages.get(message_id))


@blueprint.get("/<id:message_id>/body")
def body(message_id: int) -> Response:
    return as_it_looked(messages.get(message_id))


@blueprint.post("/<id:message_id>/queueing")
def queue_again(message_id: int) -> Response:
    form = QueueAgainForm(message_id)

    def change(message: Message, order: Order | None) -> str:
        messages.queue_again(message, by=form.actor)
        return on_its_way(message)

    return _carry_out(form, change)


@blueprint.post("/<id:message_id>/copies")
def send_copy(message_id: int) -> Response:
    form = CopyForm(message_id)

    def change(message: Message, order: Order | None) -> str:
        if order is not None:
            require_confirmation(
                order, send_warnings.before_sending(order, message.kind, message.shipment_reference), form
            )
        return on_its_way(messages.send_copy(message, form.recipient.data, by=form.actor))

    return _carry_out(form, change)


@blueprint.post("/<id:message_id>/settlement")
def settle(message_id: int) -> Response:
    form = SettlementForm(message_id)

    def change(message: Message, order: Order | None) -> str:
        messages.dismiss(message, by=form.actor)
        return _("The mail is laid aside.")

    return _carry_out(form, change)


def _carry_out(form: MessagesForm, change: Change) -> Response:
    """Do something with a mail, and answer with the list; what is refused is told on the form in it."""
    message_id = form.key or 0
    if not form.validate():
        return _draw(messages.get(message_id), opened=form, status=422)
    try:
        with _changing(message_id, form.actor) as (message, order):
            sentence = change(message, order)
    except (NoChange, AlreadyDone) as reason:
        sentence = str(reason)
    except ConfirmationRequired as reason:
        form.warnings = reason.warnings
        return _draw(messages.get(message_id), opened=form, status=reason.status)
    except DomainError as reason:
        form.add_error(reason)
        return _draw(messages.get(message_id), opened=form, status=reason.status)
    flash_message(sentence)
    return _draw() if wants_fragment() else see_other(_address())


@contextmanager
def _changing(message_id: int, by: Actor) -> Iterator[tuple[Message, Order | None]]:
    """A mail to be changed, with the order that it is about, which is locked first; raises NotFound."""
    number = messages.number_of_order(message_id)
    if number is None:
        with writing():
            yield messages.get(message_id, to_change=True), None
    else:
        with editing(number, None, by) as order:
            yield messages.get(message_id, to_change=True), order


def _draw(shown: Message | None = None, *, opened: MessagesForm | None = None, status: int = 200) -> Response:
    asked = {name: text_arg(name) for name in ARGUMENTS}
    wanted = message_search.MessageFilter(
        words=asked["q"],
        filter=MessageStateFilter(asked["state"]) if asked["state"] in set(MessageStateFilter) else None,
        before=int(asked["before"]) if ID.fullmatch(asked["before"]) else None,
    )
    return render_region(
        "settings/messages.html",
        part="messages",
        wanted=wanted,
        page=message_search.page(wanted, including=shown),
        in_need=message_search.count_needing_attention(),
        reads_through_all=not wanted.words or message_search.searches_all(),
        address=_address,
        kept=_kept(),
        form=opened or QueueAgainForm.blank(),
        forms=Forms(opened),
        request_key=new_request_key,
        status=status,
        **opened_message(shown),
    )


def _address(**changes: Any) -> str:
    """The list as it is asked for now, with some of it changed; from the latest mail unless `before` is given."""
    kept = {name: value for name, value in _kept().items() if name != "before"}
    return url_for("outbox.index", **{name: value for name, value in {**kept, **changes}.items() if value})


def _kept() -> dict[str, str]:
    return {name: text_arg(name) for name in ARGUMENTS if request.args.get(name)}
