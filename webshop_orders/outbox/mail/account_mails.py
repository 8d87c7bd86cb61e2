"""Mails with a link for one user, rendered when sent: the link is stored nowhere, and its lifetime starts then."""

from flask import current_app
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.mailing import addresses
from webshop_orders.mailing.templates import shipped_templates
from webshop_orders.mailing.templates.rendering import render
from webshop_orders.models import AccountMail, User
from webshop_orders.outbox.mail.mime import MailContent, UnsendableError
from webshop_orders.security import password_links


def write(mail: AccountMail, user: User) -> MailContent:
    """The mail with its link.

    Raises UnsendableError if the user is inactive or has no e-mail address, or if BASE_URL is not set.
    """
    if not user.active or user.email is None:
        raise UnsendableError(_("The user is switched off."))
    if not current_app.config.get("BASE_URL"):
        raise UnsendableError(_("There is no BASE_URL that a link could lead to."))
    shop = shop_settings.current()
    facts = {
        "shop": {"name": shop.name, "email": None},
        "user": {"name": user.name},
        "by": mail.caused_by,
        "link": password_links.make(user, mail.kind),
    }
    rendered = render(shipped_templates.source(mail.kind, mail.language), mail.language, facts)
    return MailContent(
        sender=addresses.sender(shop),
        recipient=user.email,
        subject=rendered.subject,
        text=rendered.text,
        html=rendered.html,
        language=mail.language,
        message_id=mail.message_id,
        queued_at=mail.queued_at,
    )
