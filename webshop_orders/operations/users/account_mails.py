"""Mails with a link for one user: an invitation, or a password reset."""

import uuid
from collections.abc import Iterable
from datetime import timedelta

from flask import current_app
from flask_babel import get_locale
from sqlalchemy import func, select

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.mailing import addresses
from webshop_orders.mailing.vocabulary import mail_language
from webshop_orders.models import AccountMail, AccountMailKind, User

WINDOW = timedelta(hours=1)
MAX_RESETS_PER_HOUR = 3


def can_be_sent() -> bool:
    """Whether a mail server and BASE_URL, which links in mails need, are configured."""
    return bool(current_app.config.get("MAIL_SERVER") and current_app.config.get("BASE_URL"))


def kind_for(user: User) -> AccountMailKind:
    """An invitation for users who never had a password, otherwise a reset."""
    return AccountMailKind.RESET if user.password_hash else AccountMailKind.INVITATION


def queue(user: User, kind: AccountMailKind, *, by: str) -> AccountMail:
    """Queue a mail with a link; its text is written when it is sent."""
    shop = shop_settings.current()
    mail = AccountMail(
        user_id=user.id,
        kind=kind,
        language=mail_language(shop.language or str(get_locale()), shop),
        message_id=f"<{uuid.uuid4()}@{addresses.parse(addresses.sender(shop)).domain}>",
        caused_by=by,
        due_at=now(),
    )
    db.session.add(mail)
    return mail


def queue_reset(user: User) -> bool:
    """Queue a reset that was requested on the sign-in page; returns False if none can be sent, or too many were."""
    recent = select(func.count()).where(AccountMail.user_id == user.id, AccountMail.queued_at > now() - WINDOW)
    if not can_be_sent() or (db.session.scalar(recent) or 0) >= MAX_RESETS_PER_HOUR:
        return False
    queue(user, AccountMailKind.RESET, by=user.name)
    return True


def latest(users: Iterable[User]) -> dict[int, AccountMail]:
    """The newest mail to each user, by the user's id."""
    newest = select(func.max(AccountMail.id)).where(AccountMail.user_id.in_([user.id for user in users]))
    mails = db.session.scalars(select(AccountMail).where(AccountMail.id.in_(newest.group_by(AccountMail.user_id))))
    return {mail.user_id: mail for mail in mails}
