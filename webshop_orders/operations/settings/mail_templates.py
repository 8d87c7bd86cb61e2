"""The versions of the shop's mail templates: listing, saving, and resetting to the shipped ones."""

from flask_babel import gettext as _
from sqlalchemy import select

from webshop_orders import shop_settings
from webshop_orders.db.extensions import db
from webshop_orders.errors import NoChange, StaleVersion
from webshop_orders.mailing.messages.active_templates import active_source, find_own_source
from webshop_orders.models import Actor, MailSource, MailTemplate, MessageKind


def versions(kind: MessageKind, language: str) -> list[MailTemplate]:
    """All versions of a template, the one in use first."""
    stored = select(MailTemplate).where(MailTemplate.kind == kind, MailTemplate.language == language)
    return list(db.session.scalars(stored.order_by(MailTemplate.id.desc())))


def own_templates() -> set[tuple[MessageKind, str]]:
    """The kinds and languages for which the shop uses its own templates."""
    keys = (key.split(".") for key in shop_settings.current().mail_templates)
    return {(MessageKind(kind), language) for kind, language in keys}


def save(
    kind: MessageKind, language: str, source: MailSource, *, by: Actor, shown_version: int | None = None
) -> MailTemplate:
    """Use a checked template from now on. `shown_version` is the id of the version that the editor showed; 0 for none.

    Raises StaleVersion if another version was saved since, and NoChange if the same source is in use.
    """
    shop_settings.for_update()
    newest = next(iter(versions(kind, language)), None)
    if shown_version is not None and shown_version != (newest.id if newest else 0):
        saved_by = newest.saved_by if newest else ""
        raise StaleVersion(
            _(
                "%(name)s saved this template while you were working on it. What you typed is kept; save again to "
                "replace it.",
                name=saved_by,
            ),
            form_version=shown_version,
        )
    if source == active_source(kind, language):
        raise NoChange(_("The template is in use already, just as it stands."))
    return _add(kind, language, source, by=by)


def reset(kind: MessageKind, language: str, *, by: Actor) -> MailTemplate:
    """Use the shipped template again; the shop's versions are kept. Raises NoChange if it is in use already."""
    if find_own_source(kind, language) is None:
        raise NoChange(_("The shipped template is in use already."))
    return _add(kind, language, None, by=by)


def _add(kind: MessageKind, language: str, source: MailSource | None, *, by: Actor) -> MailTemplate:
    template = MailTemplate(kind=kind, language=language, source=source, saved_by=by.name)
    db.session.add(template)
    db.session.flush()
    shop, key = shop_settings.for_update(), f"{kind.value}.{language}"
    others = {other: version for other, version in shop.mail_templates.items() if other != key}
    shop.mail_templates = {**others, key: template.id} if source else others
    return template
