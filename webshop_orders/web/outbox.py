"""All the shop's mails: who got what, why, and what became of it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from webshop_orders.errors import AlreadyDone, DomainError, Doubtful, NothingToChange
from webshop_orders.mailing import guard
from webshop_orders.models import Actor, Message, Order
from webshop_orders.operations import message_listing, messages
from webshop_orders.operations.message_listing import Filter
from webshop_orders.unit_of_work import editing, writing
from webshop_orders.web.answers import ask, region, say, see_other, wants_fragment
from webshop_orders.web.arguments import ID, words
from webshop_orders.web.forms.base import new_request_key
from webshop_orders.web.forms.messages import CopyForm, MessagesForm, QueueAgainForm, SettlementForm
from webshop_orders.web.messages import as_it_looked, on_its_way
from webshop_orders.web.order_page import Forms, opened_message

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
            ask(order, guard.before_sending(order, message.kind, message.shipment_reference), form)
        return on_its_way(messages.send_copy(message, form.recipient.data, by=form.actor))

    return _carry_out(form, change)


@blueprint.post("/<id:message_id>/settlement")
def settle(message_id: int) -> Response:
    form = SettlementForm(message_id)

    def change(message: Message, order: Order | None) -> str:
        messages.settle(message, by=form.actor)
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
    except (NothingToChange, AlreadyDone) as reason:
        sentence = str(reason)
    except Doubtful as reason:
        form.doubts = reason.doubts
        return _draw(messages.get(message_id), opened=form, status=reason.status)
    except DomainError as reason:
        form.add_error(reason)
        return _draw(messages.get(message_id), opened=form, status=reason.status)
    say(sentence)
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
    asked = {name: words(name) for name in ARGUMENTS}
    wanted = message_listing.Wanted(
        words=asked["q"],
        filter=Filter(asked["state"]) if asked["state"] in set(Filter) else None,
        before=int(asked["before"]) if ID.fullmatch(asked["before"]) else None,
    )
    return region(
        "settings/messages.html",
        part="messages",
        wanted=wanted,
        page=message_listing.page(wanted, including=shown),
        in_need=message_listing.count_in_need(),
        reads_through_all=not wanted.words or message_listing.reads_through_all(),
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
    return {name: words(name) for name in ARGUMENTS if request.args.get(name)}
