"""Mails with a link for one user: written as they leave, so that the link is kept nowhere and its time begins then."""

from flask_babel import force_locale
from flask_babel import gettext as _
from markupsafe import escape

from webshop_orders import account_links, shop_settings
from webshop_orders.mailing import addresses
from webshop_orders.models import AccountMail, AccountMailKind, ActorKind, Message, MessageKind, User
from webshop_orders.outbox.letters import UnsendableError


def write(mail: AccountMail, user: User) -> Message:
    """The mail as a message that is kept nowhere; raises UnsendableError for a user who was switched off since."""
    if not user.active or user.email is None:
        raise UnsendableError(_("The user is switched off."))
    link = account_links.make(user, mail.kind)
    with force_locale(mail.language):
        subject, before, after = _words(mail, user)
    return Message(
        kind=MessageKind.SHOP_NOTIFICATION,
        language=mail.language,
        message_id=mail.message_id,
        sender=addresses.sender(shop_settings.current()),
        recipient=user.email,
        subject=subject,
        text="\n\n".join([*before, link, *after]) + "\n",
        html=_html(mail.language, before, link, after),
        queued_at=mail.queued_at,
        caused_by=mail.caused_by,
        caused_by_kind=ActorKind.SYSTEM,
    )


def _words(mail: AccountMail, user: User) -> tuple[str, list[str], list[str]]:
    """The subject, and what stands before and after the link."""
    hello, shop = _("Hello %(name)s!", name=user.name), shop_settings.current().name
    if mail.kind is AccountMailKind.INVITATION:
        invited = _("%(who)s invites you to the order desk of %(shop)s.", who=mail.caused_by, shop=shop)
        how = _("Choose a password on this page, and you are in. The link works once, within three days:")
        return _("Welcome to the order desk of %(shop)s", shop=shop), [hello, invited, how], []
    how = _("Choose a new password on this page. The link works once, within an hour:")
    ignore = _("If you did not ask for it, you need not do anything: your password stays as it is.")
    return _("New password for the order desk of %(shop)s", shop=shop), [hello, how], [ignore]


def _html(language: str, before: list[str], link: str, after: list[str]) -> str:
    paragraphs = [*map(escape, before), f'<a href="{escape(link)}">{escape(link)}</a>', *map(escape, after)]
    body = "".join(f"<p>{paragraph}</p>" for paragraph in paragraphs)
    return f'<!doctype html><html lang="{escape(language)}"><body>{body}</body></html>'
