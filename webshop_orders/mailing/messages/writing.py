"""Writing a mail with the template in use; a template of the shop's that fails is never the customer's misfortune."""

import logging
from collections.abc import Mapping
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.mailing.templates import shipped as shipped_templates
from webshop_orders.mailing.templates.errors import TemplateError
from webshop_orders.mailing.templates.rendering import RenderedMail, render
from webshop_orders.models import MailSource, MailTemplate, MessageKind

logger = logging.getLogger(__name__)


def active_source(kind: MessageKind, language: str) -> MailSource:
    """The template that mails of a kind are written with: the shop's own, or else the shipped one."""
    return find_own_source(kind, language) or shipped_templates.source(kind, language)


def find_own_source(kind: MessageKind, language: str) -> MailSource | None:
    """The template that the shop wrote itself, where it uses one of its own."""
    version_id = shop_settings.current().mail_templates.get(f"{kind.value}.{language}")
    if version_id is None:
        return None
    known: dict[int, MailSource | None] = current_app.extensions.setdefault("mail_sources", {})
    if version_id not in known:  # versions never change, so each is read once
        with db.session.no_autoflush:
            known[version_id] = db.session.scalar(select(MailTemplate.source).where(MailTemplate.id == version_id))
    return known[version_id]


def render_with_fallback(kind: MessageKind, language: str, facts: Mapping[str, Any]) -> tuple[RenderedMail, str | None]:
    """A mail, and what staff should know of how it was written.

    No change of an order may fail because of a template, so where the shop's own does, the shipped one is used.
    """
    own = find_own_source(kind, language)
    if own is None:
        return render(shipped_templates.source(kind, language), language, facts), None
    try:
        return render(own, language, facts), None
    except TemplateError as error:
        logger.warning("the shop's template %s in %s could not be used: %s", kind, language, error)
        remark = _("The shop's own template could not be used (%(reason)s), so the shipped one was.", reason=error)
        return render(shipped_templates.source(kind, language), language, facts), remark
