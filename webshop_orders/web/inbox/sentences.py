"""What each row of the inbox says: one sentence, made of its facts."""

from collections.abc import Callable
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import ngettext

from webshop_orders.models import DispatchCheck, InboxKind
from webshop_orders.models.dispatch_check import CHECK_LABELS
from webshop_orders.models.hold import REASON_LABELS
from webshop_orders.operations.inbox.listing import ListedItem
from webshop_orders.web.http import formatting
from webshop_orders.web.labels import CALL_SOURCES, DISABLED_REASONS, MESSAGE_KINDS

Facts = dict[str, Any]


def sentence(entry: ListedItem) -> str:
    """What is wrong, in the user's language."""
    return SENTENCES[entry.kind](entry, entry.facts)


def _failed_mail(entry: ListedItem, facts: Facts) -> str:
    kind = next((str(label) for kind, label in MESSAGE_KINDS.items() if kind.value == facts.get("kind")), "")
    answer = facts.get("answer") or _("no answer")
    times = facts.get("times", 1)
    if times > 1:
        return ngettext(
            "%(num)s mail was not delivered. The latest, «%(kind)s»: %(answer)s",
            "%(num)s mails were not delivered. The latest, «%(kind)s»: %(answer)s",
            times,
            kind=kind,
            answer=answer,
        )
    return _("«%(kind)s» was not delivered: %(answer)s", kind=kind, answer=answer)


def _sent_without_code(entry: ListedItem, facts: Facts) -> str:
    return _("%(shipment)s was sent without a tracking code.", shipment=facts["shipment"])


def _code_without_shipping(entry: ListedItem, facts: Facts) -> str:
    return _(
        "%(shipment)s has a tracking code, %(codes)s, and is not marked as shipped.",
        shipment=facts["shipment"],
        codes=", ".join(facts.get("codes", ())),
    )


def _ready_too_long(entry: ListedItem, facts: Facts) -> str:
    days = max(1, (formatting.today() - formatting.local_day(entry.since)).days)
    return ngettext(
        "%(shipment)s has been ready for %(num)s day, and has not left.",
        "%(shipment)s has been ready for %(num)s days, and has not left.",
        days,
        shipment=facts["shipment"],
    )


def _source_differs(entry: ListedItem, facts: Facts) -> str:
    count = len(facts.get("differences", ()))
    return ngettext(
        "The shop that the order comes from says otherwise about %(num)s thing.",
        "The shop that the order comes from says otherwise about %(num)s things.",
        max(1, count),
    )


def _delivery_refused(entry: ListedItem, facts: Facts) -> str:
    return _("Another system reported a delivery, which was refused: %(reason)s", reason=facts.get("reason", ""))


def _webhook_off(entry: ListedItem, facts: Facts) -> str:
    because = next((str(why) for reason, why in DISABLED_REASONS.items() if reason.value == facts.get("because")), "")
    return _("The webhook to %(url)s is off. %(because)s", url=facts.get("url", ""), because=because)


def _to_refund(entry: ListedItem, facts: Facts) -> str:
    return _("%(sum)s is to be paid back.", sum=formatting.money(facts["amount"], facts["currency"]))


def _to_charge(entry: ListedItem, facts: Facts) -> str:
    return _(
        "The order became dearer after it was paid: %(sum)s is to be charged.",
        sum=formatting.money(facts["amount"], facts["currency"]),
    )


def _customer_comment(entry: ListedItem, facts: Facts) -> str:
    return _("The customer wrote a comment, which nobody has answered or read.")


def _hold_ended(entry: ListedItem, facts: Facts) -> str:
    reason = next((label for reason, label in REASON_LABELS.items() if reason == facts.get("reason")), "")
    what = facts.get("shipment") or entry.order_number
    if facts.get("until"):
        until = formatting.day(date.fromisoformat(facts["until"]))
        return _("The pause of %(what)s ended on %(day)s: %(reason)s.", what=what, day=until, reason=reason)
    return _("The pause of %(what)s has ended: %(reason)s.", what=what, reason=reason)


def _dispatch_check(entry: ListedItem, facts: Facts) -> str:
    checks = [DispatchCheck(check) for check in facts.get("checks", ()) if check in set(DispatchCheck)]
    found = ", ".join(str(CHECK_LABELS[check]) for check in checks)
    what = facts.get("shipment") or entry.order_number
    return _("%(what)s can leave, but: %(found)s.", what=what, found=found)


def _withdrawal(entry: ListedItem, facts: Facts) -> str:
    if entry.order_number:
        return _("The customer withdraws from the purchase.")
    return _("Someone withdraws from «%(number)s», which is on no order yet.", number=facts.get("number", ""))


def _incoming_call(entry: ListedItem, facts: Facts) -> str:
    source, reason = str(CALL_SOURCES.get(facts["source"], facts["source"])), facts.get("reason") or ""
    times = facts.get("times", 1)
    if times > 1:
        return ngettext(
            "%(num)s call from %(source)s could not be taken: %(reason)s",
            "%(num)s calls from %(source)s could not be taken: %(reason)s",
            times,
            source=source,
            reason=reason,
        )
    return _("A call from %(source)s could not be taken: %(reason)s", source=source, reason=reason)


SENTENCES: dict[InboxKind, Callable[[ListedItem, Facts], str]] = {
    InboxKind.FAILED_MAIL: _failed_mail,
    InboxKind.SENT_WITHOUT_CODE: _sent_without_code,
    InboxKind.CODE_WITHOUT_SHIPPING: _code_without_shipping,
    InboxKind.READY_TOO_LONG: _ready_too_long,
    InboxKind.SOURCE_DIFFERS: _source_differs,
    InboxKind.DELIVERY_REFUSED: _delivery_refused,
    InboxKind.WEBHOOK_OFF: _webhook_off,
    InboxKind.TO_REFUND: _to_refund,
    InboxKind.TO_CHARGE: _to_charge,
    InboxKind.CUSTOMER_COMMENT: _customer_comment,
    InboxKind.HOLD_ENDED: _hold_ended,
    InboxKind.DISPATCH_CHECK: _dispatch_check,
    InboxKind.WITHDRAWAL: _withdrawal,
    InboxKind.INCOMING_CALL: _incoming_call,
}
