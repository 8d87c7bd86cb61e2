"""Sentences for the entries of the access log: what was done, and each value before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.models import AccessEntry, HoldRule, MessageKind, Role
from webshop_orders.models import AccessKind as Kind
from webshop_orders.models.dispatch_check import CHECK_LABELS
from webshop_orders.models.hold import RULE_LABELS
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.formatting import date_time, money
from webshop_orders.web.labels import MESSAGE_KINDS, ROLES

Facts = dict[str, Any]
KINDS = {
    Kind.SIGNED_IN: _l("Sign-ins"),
    Kind.SIGN_IN_REFUSED: _l("Refused sign-ins"),
    Kind.SIGNED_OUT: _l("Sign-outs"),
    Kind.REQUEST_REFUSED: _l("Refusals"),
    Kind.SETTINGS_CHANGED: _l("Configuration"),
    Kind.USER_CHANGED: _l("Users"),
    Kind.PERSONAL_DATA: _l("Personal data"),
}
PARTS = {
    "shop": _l("Shop"),
    "mail": _l("E-mail"),
    "printing": _l("Printing"),
    "carriers": _l("Carriers"),
    "users": _l("Users"),
    "personal_data": _l("Personal data"),
    "mail_template": _l("Mail template"),
    "api_key": _l("API key"),
    "webhook": _l("Webhook"),
    "connection": _l("Connected shop"),
    "incoming_calls": _l("Incoming calls"),
    "holds": _l("Holds"),
    "dispatch_checks": _l("Checks before dispatch"),
    "withdrawals": _l("Withdrawals"),
}
FIELDS = {
    "name": _l("The shop's name"),
    "person": _l("Name"),
    "currency": _l("Currency"),
    "number_prefix": _l("Prefix of order numbers"),
    "number_digits": _l("Digits in order numbers"),
    "rounds_to_whole_kronor": _l("Round what is to be paid to whole kronor (öresavrundning)"),
    "stock_safety_margin": _l("Stock safety margin"),
    "ships_whole_by_default": _l("Collect orders for one delivery unless they say otherwise"),
    "backorderable_by_default": _l("Products may be backordered unless they say otherwise"),
    "language": _l("Language"),
    "time_zone": _l("Time zone"),
    "nordic_mail_language": _l("Mails to customers who read Norwegian or Danish"),
    "other_mail_language": _l("Mails to customers with any other language"),
    "mails_order_confirmations": _l("Mail order confirmations when orders are placed"),
    "mails_delivery_confirmations": _l("Mail delivery confirmations when shipments are shipped"),
    "mail_grace_seconds": _l("Wait this long before order and delivery confirmations go (seconds)"),
    "sender_name": _l("Sender's name"),
    "sender_email": _l("Sender's e-mail"),
    "notification_email": _l("Address that is told of new orders"),
    "sender_address": _l("The shop's address on labels and credit notes"),
    "organisation_number": _l("The shop's organisation number"),
    "vat_number": _l("The shop's VAT number"),
    "slip_text_sv": _l("Text on packing slips in Swedish"),
    "slip_text_en": _l("Text on packing slips in English"),
    "slip_shows_prices": _l("Show prices on packing slips"),
    "slip_has_return_form": _l("Print a form for returns on the back of each packing slip"),
    "slip_has_commands": _l("Print codes of commands for pack mode on packing slips"),
    "logo": _l("Logo"),
    "carriers": _l("Carriers"),
    "requires_second_factor": _l("Everyone needs a second factor"),
    "personal_data_months": _l("Months before personal data are erased"),
    "bookkeeping_years": _l("Years that bookkeeping needs"),
    "incoming_call_days": _l("Days that incoming calls are kept"),
    "status_map": _l("Statuses"),
    "mail_max_age_days": _l("Days after which an order that comes here mails nobody"),
    "uses_shop_number": _l("Use the shop's order numbers as ours"),
    "scopes": _l("May"),
    "revoked_at": _l("Revoked"),
    "url": _l("Address"),
    "events": _l("Told of"),
    "disabled_at": _l("Switched off"),
    "kind": _l("Kind"),
    "prefix": _l("Prefix"),
    "ended_at": _l("Disconnected"),
    "host": _l("Host"),
    "name_asked_for": _l("Name asked for"),
    "scope": _l("Scope"),
    "how": _l("How"),
    "reason": _l("Reason"),
    "role": _l("Role"),
    "source": _l("The text"),
    "digest": _l("The key"),
    "secret": _l("The secret"),
    "left": _l("Left"),
    "hold_rules": _l("Hold new orders by themselves"),
    "dispatch_checks": _l("Check before dispatch"),
    "ready_days": _l("Days that an order may be ready before the inbox shows it"),
    "withdrawal_days": _l("Days to withdraw from a purchase"),
}
CHECKS = {check.value: label for check, label in CHECK_LABELS.items()} | {
    "invoices_too": _l("also what is paid by invoice")
}
USER_CHANGES = {
    "added": _l("%(called)s was added."),
    "invited": _l("%(called)s was invited."),
    "changed": _l("%(called)s was changed."),
    "link_sent": _l("%(called)s was given a link to choose a password by."),
    "signed_out": _l("%(called)s was signed out everywhere."),
    "deactivated": _l("%(called)s was switched off."),
    "activated": _l("%(called)s was switched on."),
    "second_factor_removed": _l("The two-step verification of %(called)s was removed."),
    "link_asked_for": _l("A link for a new password was asked for."),
    "password_set": _l("A password was chosen by a link."),
    "password_changed": _l("The password was changed."),
    "other_sessions_ended": _l("Signed out everywhere else."),
    "second_factor_on": _l("Two-step verification was switched on."),
    "second_factor_off": _l("Two-step verification was switched off."),
    "recovery_codes_made": _l("New recovery codes were made."),
    "recovery_code_used": _l("A recovery code was used."),
}
PERSONAL_DATA = {
    "exported": _l("Personal data of a customer were handed out."),
    "erased": _l("Personal data of a customer were erased."),
    "list_exported": _l("The list of orders was exported."),
}
SIGN_IN_REFUSALS = {
    "password": _l("e-mail and password do not fit together"),
    "too_many": _l("too many tries"),
}
REASONS = {
    "role": _l("«%(asked)s» was refused, since the role does not allow it."),
    "origin": _l("«%(asked)s» was refused, since it did not come from a page of ours."),
    "link": _l("«%(asked)s» was refused, since the link is over or was never ours."),
    "too_many": _l("«%(asked)s» was refused, since there were too many tries."),
    "key": _l("«%(asked)s» was refused, since it came without a key that holds."),
    "scope": _l("«%(asked)s» was refused, since the key lacks the scope."),
    "host": _l("«%(asked)s» was refused, since it was not for a name of ours."),
}
# Facts that the sentence and the changes show already. Every other fact is a remark, so that none is lost.
SHOWN_FACTS = {
    Kind.REQUEST_REFUSED: {"why", "asked"},
    Kind.SETTINGS_CHANGED: {"part", "what", "called", "fields", "withheld"},
    Kind.USER_CHANGED: {"what", "called"},
    Kind.PERSONAL_DATA: {"what"},
}


def describe(entry: AccessEntry) -> str:
    """What was done or refused, in one sentence without user, address and time."""
    return SENTENCES[entry.kind](entry.facts)


def changes(entry: AccessEntry) -> Iterator[tuple[str, str, str]]:
    """Label, value before and value after of everything that was changed."""
    fields = {} if _is_addition_or_removal(entry) else entry.facts.get("fields", {})
    for name, values in {**entry.facts, **fields}.items():
        if isinstance(values, dict) and {"before", "after"} <= set(values):
            before, after = _without_common_items(values["before"], values["after"])
            yield _label(name), _format(name, before), _format(name, after)


def remarks(entry: AccessEntry) -> Iterator[str]:
    """All other facts: the values of what was added or removed, new secrets (without their value), and the rest."""
    facts = entry.facts
    for name, values in facts["fields"].items() if _is_addition_or_removal(entry) else ():
        value = values["after"] if facts["what"] == "made" else values["before"]
        if value != facts["called"]:
            yield f"{_label(name)}: {_format(name, value)}"
    for name in facts.get("withheld", []):
        yield _("%(field)s: new, and not shown here", field=_label(name))
    for name, value in facts.items():
        if name not in SHOWN_FACTS.get(entry.kind, set()) and value is not None and not isinstance(value, dict):
            yield f"{_label(name)}: {_format(name, value)}"


def _is_addition_or_removal(entry: AccessEntry) -> bool:
    """Whether all of something was added or removed, so that its fields have a value before or after only."""
    return entry.kind is Kind.SETTINGS_CHANGED and entry.facts["what"] in {"made", "removed"}


def _without_common_items(before: Any, after: Any) -> tuple[Any, Any]:
    """Two values; of two lists, the items that only one of them has."""
    if isinstance(before, list) and isinstance(after, list):
        return [item for item in before if item not in after], [item for item in after if item not in before]
    return before, after


def _label(name: str) -> str:
    return str(FIELDS.get(name, name))


def _format(name: str, value: Any) -> str:
    if value is None or value in ("", []):
        return "–"
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if name == "hold_rules":
        return ", ".join(map(_hold_rule, value))
    if name == "dispatch_checks":
        return ", ".join(str(CHECKS[check]) for check in value)
    if name == "carriers":
        value = [carrier.replace(" demands_phone", f" ({_('demands a phone number')})") for carrier in value]
    if isinstance(value, list):
        return ", ".join(map(str, value))
    if name.endswith("_at"):
        return date_time(datetime.fromisoformat(value))
    if name == "kind" and value in set(MessageKind):
        return str(MESSAGE_KINDS[MessageKind(value)])
    if name == "reason" and value in SIGN_IN_REFUSALS:
        return str(SIGN_IN_REFUSALS[value])
    if name == "role" and value in set(Role):
        return str(ROLES[Role(value)])
    return str(value)


def _hold_rule(logged: str) -> str:
    """A rule as the log has it, with the sum that it is about."""
    name, _blank, amount = logged.partition(" ")
    label = str(RULE_LABELS[HoldRule(name)])
    return f"{label} > {money(int(amount), shop_settings.current().currency)}" if amount else label


def _request_refused(facts: Facts) -> str:
    reason = REASONS.get(facts.get("why", ""))
    return str(reason) % facts if reason else _("A request was refused.")


def _settings_changed(facts: Facts) -> str:
    part = str(PARTS.get(facts["part"], facts["part"]))
    label = f"{part} {facts['called']}" if facts.get("called") else part
    if facts["what"] == "made":
        return _("%(thing)s was added.", thing=label)
    if facts["what"] == "removed":
        return _("%(thing)s was removed.", thing=label)
    return _("%(thing)s was changed.", thing=label)


def _user_changed(facts: Facts) -> str:
    change = USER_CHANGES.get(facts.get("what", ""))
    return str(change) % {"called": "", **facts} if change else _("A user was changed.")


def _personal_data(facts: Facts) -> str:
    return str(PERSONAL_DATA.get(facts.get("what", ""), _("Personal data were handed out or erased.")))


SENTENCES: dict[Kind, Callable[[Facts], str]] = {
    Kind.SIGNED_IN: lambda facts: _("Signed in."),
    Kind.SIGN_IN_REFUSED: lambda facts: _("A sign-in was refused."),
    Kind.SIGNED_OUT: lambda facts: _("Signed out."),
    Kind.REQUEST_REFUSED: _request_refused,
    Kind.SETTINGS_CHANGED: _settings_changed,
    Kind.USER_CHANGED: _user_changed,
    Kind.PERSONAL_DATA: _personal_data,
}
TEMPLATE_FILTERS = {"access_kind": lambda kind: str(KINDS[kind])}
TEMPLATE_GLOBALS = {"describe_access": describe, "access_changes": changes, "access_remarks": remarks}
