"""The kinds of the inbox: what each is called, and how it looks."""

from collections.abc import Callable
from typing import Any, NamedTuple

from webshop_orders.models import InboxKind
from webshop_orders.text.languages import Sentence, translated
from webshop_orders.text.languages import lazy_gettext as _l


class KindWords(NamedTuple):
    label: Sentence
    icon: str


# In the sequence of the chips: what customers notice first.
KINDS: dict[InboxKind, KindWords] = {
    InboxKind.FAILED_MAIL: KindWords(_l("Mails not delivered"), "mail"),
    InboxKind.DELIVERY_REFUSED: KindWords(_l("Deliveries refused"), "truck"),
    InboxKind.SENT_WITHOUT_CODE: KindWords(_l("Sent without a code"), "truck"),
    InboxKind.CODE_WITHOUT_SHIPPING: KindWords(_l("Code but not shipped"), "truck"),
    InboxKind.READY_TOO_LONG: KindWords(_l("Ready for long"), "clock-alert"),
    InboxKind.DISPATCH_CHECK: KindWords(_l("To check before dispatch"), "circle-alert"),
    InboxKind.CUSTOMER_COMMENT: KindWords(_l("Comments of customers"), "message-square"),
    InboxKind.WITHDRAWAL: KindWords(_l("Withdrawals"), "undo-2"),
    InboxKind.HOLD_ENDED: KindWords(_l("Pauses that ended"), "pause"),
    InboxKind.TO_REFUND: KindWords(_l("To pay back"), "undo-2"),
    InboxKind.TO_CHARGE: KindWords(_l("To charge"), "plus"),
    InboxKind.SOURCE_DIFFERS: KindWords(_l("The shop says otherwise"), "split"),
    InboxKind.INCOMING_CALL: KindWords(_l("Incoming calls"), "download"),
    InboxKind.WEBHOOK_OFF: KindWords(_l("Webhooks that are off"), "settings"),
}


def template_filters(language: str) -> dict[str, Callable[..., Any]]:
    labels = translated({kind: words.label for kind, words in KINDS.items()}, language)
    return {"inbox_kind": labels.__getitem__}
