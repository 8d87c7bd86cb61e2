"""Konfiguration, Utskick: the mails of all orders, each with its recipient, cause and state."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response, request, url_for

from webshop_orders.errors import AlreadyDone, ConfirmationRequired, DomainError, NoChange
from webshop_orders.models import Actor, Message, Order
from webshop_orders.operations.orders import message_search, messages
from webshop_orders.operations.orders.message_search import MessageStateFilter
from webshop_orders.transactions.unit_of_work import editing, writing
from webshop_orders.web.http.query_args import id_arg, text_arg
from webshop_orders.web.http.responses import flash_message, render_region, see_other, wants_fragment
from webshop_orders.web.http.security_headers import sandboxed_mail
from webshop_orders.web.orders.forms.base import OrderForm, request_keys
from webshop_orders.web.orders.forms.messages import RequeueForm
from webshop_orders.web.orders.message_actions import DISMISS, QUEUE_AGAIN, SEND_COPY, MessageAction, shown_messages
from webshop_orders.web.orders.page_forms import PageForms

blueprint = Blueprint("outbox", __name__, url_prefix="/settings/messages")

ARGUMENTS = ("q", "state", "before")


@blueprint.get("")
def index() -> Response:
    return _render()


@blueprint.get("/<id:message_id>")
def show(message_id: int) -> Response:
    return _render(messages.get(message_id))


@blueprint.get("/<id:message_id>/body")
def body(message_id: int) -> Response:
    return sandboxed_mail(messages.get(message_id).html)


@blueprint.post("/<id:message_id>/queueing")
def queue_again(message_id: int) -> Response:
    return _run(QUEUE_AGAIN, message_id)


@blueprint.post("/<id:message_id>/copies")
def send_copy(message_id: int) -> Response:
    return _run(SEND_COPY, message_id)


@blueprint.post("/<id:message_id>/settlement")
def settle(message_id: int) -> Response:
    return _run(DISMISS, message_id)


def _run(action: MessageAction, message_id: int) -> Response:
    """Run an action, and respond with the list; errors are shown on the form within it."""
    form = action.form(message_id)
    if not form.validate():
        return _render(messages.get(message_id), active_form=form, status=422)
    try:
        with _editing(message_id, form.actor) as (message, order):
            sentence = action.run(message, order, form)
    except (NoChange, AlreadyDone) as reason:
        sentence = str(reason)
    except ConfirmationRequired as reason:
        form.warnings = reason.warnings
        return _render(messages.get(message_id), active_form=form, status=reason.status)
    except DomainError as reason:
        form.add_error(reason)
        return _render(messages.get(message_id), active_form=form, status=reason.status)
    flash_message(sentence)
    return _render() if wants_fragment() else see_other(_list_url())


@contextmanager
def _editing(message_id: int, actor: Actor) -> Iterator[tuple[Message, Order | None]]:
    """A transaction that changes a mail; the order that it is about is locked first. Raises NotFound."""
    number = messages.number_of_order(message_id)
    if number is None:
        with writing():
            yield messages.get(message_id, for_update=True), None
    else:
        with editing(number, None, actor) as order:
            yield messages.get(message_id, for_update=True), order


def _render(message: Message | None = None, *, active_form: OrderForm | None = None, status: int = 200) -> Response:
    """Render the list with its current filters, one mail in full where given."""
    state = text_arg("state")
    criteria = message_search.MessageFilter(
        words=text_arg("q"),
        filter=MessageStateFilter(state) if state in set(MessageStateFilter) else None,
        before=id_arg("before"),
    )
    page = message_search.page(criteria, including=message)
    listed = [entry.message for entry in page.messages]
    return render_region(
        "settings/messages.html",
        part="messages",
        criteria=criteria,
        page=page,
        attention_count=message_search.count_needing_attention(),
        searches_all=not criteria.words or message_search.searches_all(),
        list_url=_list_url,
        arguments=_arguments(),
        form=active_form or RequeueForm.blank(),
        forms=PageForms(active_form),
        request_key=request_keys(),
        status=status,
        **shown_messages(listed, messages.customer_emails(listed), message),
    )


def _list_url(**changes: Any) -> str:
    """The URL of the list with its filters, some of them changed; without `before`, from the latest mail."""
    filters = {name: value for name, value in _arguments().items() if name != "before"}
    return url_for("outbox.index", **{name: value for name, value in {**filters, **changes}.items() if value})


def _arguments() -> dict[str, str]:
    return {name: text_arg(name) for name in ARGUMENTS if request.args.get(name)}
