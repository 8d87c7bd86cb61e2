"""Everything between a mail that is written and its reader: server, sign-in, sender, templates, outbox."""

from datetime import timedelta

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import ColumnElement, func, select

from webshop_orders.columns import now
from webshop_orders.config import PREFIX
from webshop_orders.doctor.finding import Finding
from webshop_orders.extensions import db, mail
from webshop_orders.mailing import addresses, checking
from webshop_orders.mailing.writing import source_in_use
from webshop_orders.models import Message, MessageState, Shop
from webshop_orders.operations import mail_templates, message_listing
from webshop_orders.outbox import outcomes
from webshop_orders.smtp import IMPLICIT_TLS_PORT

OVERDUE = timedelta(minutes=15)


def server() -> Finding:
    """Whether the mail server takes our connection, encrypted and signed in as it is set up."""
    host, port = current_app.config["MAIL_SERVER"], current_app.config.get("MAIL_PORT") or 25
    if not host:
        return Finding(
            False, _("Mail server: none, so mail waits in the outbox. Set %(prefix)sMAIL_SERVER.", prefix=PREFIX)
        )
    try:
        with mail.connect():
            return Finding(True, _("Mail server: %(host)s:%(port)s answers.", host=host, port=port))
    except outcomes.FAILURES as error:
        return Finding(
            False,
            _(
                "Mail server: %(host)s:%(port)s refuses us (%(reason)s). Mend the %(prefix)sMAIL_… settings.",
                host=host,
                port=port,
                reason=outcomes.failed(error).answer,
                prefix=PREFIX,
            ),
        )


def sign_in() -> Finding:
    """Whether name and password are given together, and travel encrypted."""
    config = current_app.config
    name, password = config.get("MAIL_USERNAME"), config.get("MAIL_PASSWORD")
    if bool(name) != bool(password):
        lacking = "MAIL_PASSWORD" if name else "MAIL_USERNAME"
        sentence = _(
            "Mail sign-in: %(prefix)s%(lacking)s is not set, so nobody signs in.", prefix=PREFIX, lacking=lacking
        )
        return Finding(False, sentence)
    encrypted = config.get("MAIL_USE_TLS") or config.get("MAIL_PORT") == IMPLICIT_TLS_PORT
    if name and not encrypted:
        sentence = _("Mail sign-in: the password travels in the clear. Set %(prefix)sMAIL_USE_TLS=true.", prefix=PREFIX)
        return Finding(False, sentence)
    return Finding(True, _("Mail sign-in: as %(name)s.", name=name) if name else _("Mail sign-in: none is needed."))


def sender(shop: Shop | None) -> Finding:
    """Whether mails have a sender that other mail servers take."""
    given = (shop.sender_email if shop else None) or current_app.config["MAIL_DEFAULT_SENDER"]
    if not given:
        return Finding(
            False,
            _("Sender: none. Give one in Konfiguration, or set %(prefix)sMAIL_DEFAULT_SENDER.", prefix=PREFIX),
        )
    try:
        domain = addresses.parse(given).domain
    except addresses.NotAnAddressError as error:
        return Finding(False, _("Sender: %(sender)s cannot be used (%(reason)s).", sender=given, reason=error))
    if "." not in domain:
        return Finding(False, _("Sender: nobody outside takes mail from the domain of %(sender)s.", sender=given))
    return Finding(True, _("Sender: %(sender)s.", sender=given))


def links() -> Finding:
    """Whether mails with links for users can say where they lead."""
    if current_app.config.get("BASE_URL"):
        return Finding(True, _("Links: they lead to %(address)s.", address=current_app.config["BASE_URL"]))
    if not current_app.config["MAIL_SERVER"]:
        return Finding(True, _("Links: administrators hand them over, since no mail leaves."))
    return Finding(
        False, _("Links: invitations cannot be mailed. Set %(prefix)sBASE_URL to where people reach us.", prefix=PREFIX)
    )


def templates(shop: Shop) -> Finding:
    """Whether each template that the shop wrote can be used, and says what its mail is for."""
    own = sorted(mail_templates.own_templates())
    for kind, language in own:
        source = source_in_use(kind, language)
        found = checking.faults(kind, language, source, shop) or checking.omissions(kind, language, source, shop)
        if found:
            return Finding(
                False,
                _(
                    "Mail templates: %(kind)s.%(language)s: %(reason)s Mend it in Konfiguration.",
                    kind=kind.value,
                    language=language,
                    reason=found[0].sentence,
                ),
            )
    return Finding(True, _("Mail templates: %(count)s of the shop's own, and all can be used.", count=len(own)))


def outbox() -> Finding:
    """Whether mails leave: none that nobody could deliver, and none that no worker comes for."""
    given_up = message_listing.count_in_need()
    if given_up:
        return Finding(False, _("Outbox: %(count)s mails were given up. See Konfiguration, Messages.", count=given_up))
    overdue = _count(Message.due_at < now() - OVERDUE)
    if overdue:
        return Finding(
            False, _("Outbox: %(count)s mails wait for a worker. Start «webshop-orders worker».", count=overdue)
        )
    return Finding(True, _("Outbox: %(count)s mails are held.", count=_count(Message.state == MessageState.HELD)))


def _count(condition: ColumnElement[bool]) -> int:
    return db.session.scalar(select(func.count()).select_from(Message).where(condition)) or 0
