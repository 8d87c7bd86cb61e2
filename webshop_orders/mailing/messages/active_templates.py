"""The template in use for a kind of mail, and rendering with it; the shipped one where the shop's own fails."""

import logging
from collections.abc import Mapping
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.mailing.templates.rendered_mail import RenderedMail, TemplateError
from webshop_orders.models import MailSource, MailTemplate, MessageKind

logger = logging.getLogger(__name__)


def active_source(kind: MessageKind, language: str) -> MailSource:
    """The template that mails of a kind are rendered with: the shop's own, or else the shipped one."""
    return find_own_source(kind, language) or shipped_source(kind, language)


def shipped_source(kind: MessageKind, language: str) -> MailSource:
    from webshop_orders.mailing.templates import shipped_templates

    return shipped_templates.source(kind, language)


def find_own_source(kind: MessageKind, language: str) -> MailSource | None:
    """The shop's own template; None where it uses the shipped one."""
    version_id = shop_settings.current().mail_templates.get(f"{kind.value}.{language}")
    if version_id is None:
        return None
    cached: dict[int, MailSource | None] = current_app.extensions.setdefault("mail_sources", {})
    if version_id not in cached:  # versions never change, so each is read once
        with db.session.no_autoflush:
            cached[version_id] = db.session.scalar(select(MailTemplate.source).where(MailTemplate.id == version_id))
    return cached[version_id]


def render_with_fallback(
    kind: MessageKind, language: str, context: Mapping[str, Any]
) -> tuple[RenderedMail, str | None]:
    """A mail, and a remark for staff where the shop's own template failed.

    No change of an order may fail because of a template, so the shipped one is used instead.
    """
    from webshop_orders.mailing.templates.rendering import render

    own = find_own_source(kind, language)
    if own is None:
        return render(shipped_source(kind, language), language, context), None
    try:
        return render(own, language, context), None
    except TemplateError as error:
        facts = {"kind": kind.value, "language": language, "error": type(error).__name__}
        logger.warning("the shop's own template could not be used", extra=facts)
        remark = _("The shop's own template could not be used (%(reason)s), so the shipped one was.", reason=error)
        return render(shipped_source(kind, language), language, context), remark
