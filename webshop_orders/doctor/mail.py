"""Diagnostics of mail: server, sign-in, sender, links, templates and outbox."""

from datetime import timedelta

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from sqlalchemy import ColumnElement, func, select

from webshop_orders.clock import now
from webshop_orders.config import ENV_PREFIX
from webshop_orders.db.extensions import db
from webshop_orders.doctor.diagnostic import Diagnostic
from webshop_orders.mailing import addresses
from webshop_orders.mailing.messages.active_templates import active_source
from webshop_orders.mailing.templates import checking
from webshop_orders.models import Message, MessageState, Shop
from webshop_orders.operations.orders import message_search
from webshop_orders.operations.settings import mail_templates
from webshop_orders.outbox import outcomes
from webshop_orders.outbox.mail.smtp import IMPLICIT_TLS_PORT, mail

OVERDUE_AFTER = timedelta(minutes=15)


def server() -> Diagnostic:
    """Whether the mail server accepts a connection with the configured encryption and sign-in."""
    host, port = current_app.config["MAIL_SERVER"], current_app.config.get("MAIL_PORT") or 25
    if not host:
        return Diagnostic(
            False, _("Mail server: none, so mail waits in the outbox. Set %(prefix)sMAIL_SERVER.", prefix=ENV_PREFIX)
        )
    try:
        with mail.connect():
            return Diagnostic(True, _("Mail server: %(host)s:%(port)s answers.", host=host, port=port))
    except outcomes.FAILURES as error:
        return Diagnostic(
            False,
            _(
                "Mail server: %(host)s:%(port)s refuses us (%(reason)s). Mend the %(prefix)sMAIL_… settings.",
                host=host,
                port=port,
                reason=outcomes.failed(error).answer,
                prefix=ENV_PREFIX,
            ),
        )


def sign_in() -> Diagnostic:
    """Whether user name and password are set together, and sent encrypted."""
    config = current_app.config
    name, password = config.get("MAIL_USERNAME"), config.get("MAIL_PASSWORD")
    if bool(name) != bool(password):
        missing = "MAIL_PASSWORD" if name else "MAIL_USERNAME"
        sentence = _(
            "Mail sign-in: %(prefix)s%(lacking)s is not set, so nobody signs in.", prefix=ENV_PREFIX, lacking=missing
        )
        return Diagnostic(False, sentence)
    is_encrypted = config.get("MAIL_USE_TLS") or config.get("MAIL_PORT") == IMPLICIT_TLS_PORT
    if name and not is_encrypted:
        sentence = _(
            "Mail sign-in: the password travels in the clear. Set %(prefix)sMAIL_USE_TLS=true.", prefix=ENV_PREFIX
        )
        return Diagnostic(False, sentence)
    return Diagnostic(True, _("Mail sign-in: as %(name)s.", name=name) if name else _("Mail sign-in: none is needed."))


def sender(shop: Shop | None) -> Diagnostic:
    """Whether mails have a sender that other mail servers accept."""
    address = (shop.sender_email if shop else None) or current_app.config["MAIL_DEFAULT_SENDER"]
    if not address:
        return Diagnostic(
            False,
            _("Sender: none. Give one in Konfiguration, or set %(prefix)sMAIL_DEFAULT_SENDER.", prefix=ENV_PREFIX),
        )
    try:
        domain = addresses.parse(address).domain
    except addresses.InvalidAddressError as error:
        return Diagnostic(False, _("Sender: %(sender)s cannot be used (%(reason)s).", sender=address, reason=error))
    if "." not in domain:
        return Diagnostic(False, _("Sender: nobody outside takes mail from the domain of %(sender)s.", sender=address))
    return Diagnostic(True, _("Sender: %(sender)s.", sender=address))


def links() -> Diagnostic:
    """Whether the links in users' mails have a base URL."""
    if current_app.config.get("BASE_URL"):
        return Diagnostic(True, _("Links: they lead to %(address)s.", address=current_app.config["BASE_URL"]))
    if not current_app.config["MAIL_SERVER"]:
        return Diagnostic(True, _("Links: administrators hand them over, since no mail leaves."))
    return Diagnostic(
        False,
        _("Links: invitations cannot be mailed. Set %(prefix)sBASE_URL to where people reach us.", prefix=ENV_PREFIX),
    )


def templates(shop: Shop) -> Diagnostic:
    """Whether each template of the shop's own renders and contains what its kind of mail requires."""
    own_templates = sorted(mail_templates.own_templates())
    for kind, language in own_templates:
        source = active_source(kind, language)
        problems = checking.faults(kind, language, source, shop) or checking.omissions(kind, language, source, shop)
        if problems:
            return Diagnostic(
                False,
                _(
                    "Mail templates: %(kind)s.%(language)s: %(reason)s Mend it in Konfiguration.",
                    kind=kind.value,
                    language=language,
                    reason=problems[0].sentence,
                ),
            )
    return Diagnostic(
        True, _("Mail templates: %(count)s of the shop's own, and all can be used.", count=len(own_templates))
    )


def outbox() -> Diagnostic:
    """Whether mails are delivered: none was given up, and none waits longer than OVERDUE_AFTER for a worker."""
    given_up = message_search.count_needing_attention()
    if given_up:
        return Diagnostic(
            False,
            ngettext(
                "Outbox: %(count)s mail was given up. See Konfiguration, Messages.",
                "Outbox: %(count)s mails were given up. See Konfiguration, Messages.",
                given_up,
                count=given_up,
            ),
        )
    overdue = _count(Message.due_at < now() - OVERDUE_AFTER)
    if overdue:
        return Diagnostic(
            False,
            ngettext(
                "Outbox: %(count)s mail waits for a worker. Start «webshop-orders worker».",
                "Outbox: %(count)s mails wait for a worker. Start «webshop-orders worker».",
                overdue,
                count=overdue,
            ),
        )
    held = _count(Message.state == MessageState.HELD)
    sentence = ngettext("Outbox: %(count)s mail is held.", "Outbox: %(count)s mails are held.", held, count=held)
    return Diagnostic(True, sentence)


def _count(condition: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(Message).where(condition)) or 0
