"""The actions on a mail, the same on the order's tab Utskick and in Konfiguration, Utskick.

An action has a form, and changes a locked mail within the transaction of the page that shows it. The page only decides
how the result is rendered.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from webshop_orders.mailing.messages import send_warnings
from webshop_orders.models import Message, Order
from webshop_orders.operations.orders import messages
from webshop_orders.web.orders.editing import require_confirmation
from webshop_orders.web.orders.forms.messages import CopyForm, DismissalForm, MessageForm, RequeueForm
from webshop_orders.web.orders.mail_sentences import goes_or_is_held


@dataclass(frozen=True)
class MessageAction:
    """`run` takes the mail, its order where it has one, and the valid form; it returns the sentence to show."""

    form: type[MessageForm]
    run: Callable[[Message, Order | None, Any], str]


def _queue_again(message: Message, order: Order | None, form: RequeueForm) -> str:
    messages.queue_again(message, by=form.actor)
    return goes_or_is_held(_("The mail goes to %(recipient)s.", recipient=message.recipient), message)


def _send_copy(message: Message, order: Order | None, form: CopyForm) -> str:
    if order is not None:
        require_confirmation(order, send_warnings.before_sending(order, message.kind, message.shipment_reference), form)
    copy = messages.send_copy(message, form.recipient.data, by=form.actor)
    return goes_or_is_held(_("The mail goes to %(recipient)s.", recipient=copy.recipient), copy)


def _dismiss(message: Message, order: Order | None, form: DismissalForm) -> str:
    messages.dismiss(message, by=form.actor)
    return _("The mail is laid aside.")


QUEUE_AGAIN = MessageAction(RequeueForm, _queue_again)
SEND_COPY = MessageAction(CopyForm, _send_copy)
DISMISS = MessageAction(DismissalForm, _dismiss)


def shown_messages(
    listed: Sequence[Message], emails: Mapping[int, str | None], shown: Message | None
) -> dict[str, Any]:
    """The template context of a list of mails, one of which may be shown in full, with its delivery attempts.

    `emails` are the current addresses of the customers, by the ids of their orders.
    """
    return {
        "shown_message": shown,
        "attempts": messages.attempts_of(shown) if shown else [],
        "corrected_recipients": messages.corrected_recipients(listed, emails),
    }
