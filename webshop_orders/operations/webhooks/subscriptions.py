"""Webhooks: which addresses of other systems subscribe to which events, and the messages queued for them."""

import re
from collections.abc import Iterable
from datetime import timedelta
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import delete, select
from sqlalchemy.orm import defer

from webshop_orders import shop_settings
from webshop_orders.clock import now
from webshop_orders.db.extensions import db
from webshop_orders.db.locks import get_for_update
from webshop_orders.errors import NoChange, NotFound, RuleViolation
from webshop_orders.models import (
    Actor,
    DisabledReason,
    InboxKind,
    MessageState,
    Webhook,
    WebhookAttempt,
    WebhookEvent,
    WebhookMessage,
)
from webshop_orders.models.webhook import new_secret
from webshop_orders.operations.inbox import derived, items

MAX_WEBHOOKS = 50
PAGE = 50
PREVIOUS_SECRET_VALID = timedelta(days=1)
# No user name or password, which would end up in logs.
ADDRESS = re.compile(r"https?://(\[[0-9a-fA-F:.]+\]|[0-9A-Za-z.-]+)(:[0-9]{1,5})?(/[!-~]*)?(\?[!-~]*)?")


def get(webhook_id: int) -> Webhook:
    """A webhook, to be read; raises NotFound."""
    return _existing(db.session.get(Webhook, webhook_id))


def lock(webhook_id: int) -> Webhook:
    """A webhook, locked to be changed; raises NotFound."""
    return _existing(get_for_update(Webhook, webhook_id))


def _existing(webhook: Webhook | None) -> Webhook:
    if webhook is None:
        raise NotFound(_("There is no such webhook."))
    return webhook


def list_all() -> list[Webhook]:
    return list(db.session.scalars(select(Webhook).order_by(Webhook.id)))


def add(url: str, events: Iterable[WebhookEvent], *, by: Actor) -> Webhook:
    """Subscribe an address to events; raises RuleViolation for an address that is not allowed."""
    check_address(url)
    subscribed = _checked(events)
    if len(list_all()) >= MAX_WEBHOOKS:
        raise RuleViolation(_("There is room for %(most)s webhooks.", most=MAX_WEBHOOKS))
    webhook = Webhook(url=url, events=subscribed, made_by=by.name)
    db.session.add(webhook)
    _update_settings()
    return webhook


def change(webhook: Webhook, url: str, events: Iterable[WebhookEvent]) -> None:
    """Set the address and events of a webhook; messages that are queued already go to the new address too."""
    check_address(url)
    webhook.url, webhook.events, webhook.paused_until = url, _checked(events), None
    _update_settings()


def rotate_secret(webhook: Webhook) -> None:
    """Give a webhook a new secret; the previous one signs as well for a day, so that the receiver can switch."""
    webhook.previous_secret, webhook.previous_secret_until = webhook.secret, now() + PREVIOUS_SECRET_VALID
    webhook.secret = new_secret()


def disable(webhook: Webhook, reason: DisabledReason = DisabledReason.BY_HAND) -> None:
    """Send nothing more to a webhook; queued messages wait until it is enabled, or expire (`outbox/retention.py`).

    Raises NoChange where it is off.
    """
    if not webhook.is_active:
        raise NoChange(_("The webhook is switched off already."))
    webhook.disabled_at, webhook.disabled_because = now(), reason
    derived.webhook(webhook)
    _update_settings()


def enable(webhook: Webhook) -> None:
    """Send to a webhook again, starting with its queued messages. Raises NoChange where it is on."""
    if webhook.is_active:
        raise NoChange(_("The webhook is switched on already."))
    webhook.disabled_at = webhook.disabled_because = webhook.paused_until = None
    derived.webhook(webhook)
    _update_settings()


def remove(webhook: Webhook) -> None:
    """Delete a webhook with all its messages."""
    message_ids = select(WebhookMessage.id).where(WebhookMessage.webhook_id == webhook.id)
    db.session.execute(delete(WebhookAttempt).where(WebhookAttempt.message_id.in_(message_ids)))
    db.session.execute(delete(WebhookMessage).where(WebhookMessage.webhook_id == webhook.id))
    items.take(InboxKind.WEBHOOK_OFF, str(webhook.id))
    db.session.delete(webhook)
    _update_settings()


def messages_of(webhook: Webhook, *, before: int | None = None) -> list[WebhookMessage]:
    """A page of the messages of a webhook, the latest first, without their bodies, and one more where there are more.

    `before` is the cursor: the id of the last one on the previous page.
    """
    query = select(WebhookMessage).where(WebhookMessage.webhook_id == webhook.id).options(defer(WebhookMessage.body))
    if before is not None:
        query = query.where(WebhookMessage.id < before)
    return list(db.session.scalars(query.order_by(WebhookMessage.id.desc()).limit(PAGE + 1)))


def get_message(webhook_id: int, message_id: int) -> WebhookMessage:
    """A message of a webhook, sent or queued; raises NotFound."""
    message = db.session.get(WebhookMessage, message_id)
    if message is None or message.webhook_id != webhook_id:
        raise NotFound(_("There is no such message."))
    return message


def attempts_of(message: WebhookMessage) -> list[WebhookAttempt]:
    """The attempts to deliver a message, the latest first."""
    attempts = select(WebhookAttempt).where(WebhookAttempt.message_id == message.id)
    return list(db.session.scalars(attempts.order_by(WebhookAttempt.number.desc())))


def queue_again(message: WebhookMessage) -> None:
    """Send a message once more, under the same id; raises NoChange where it is queued already."""
    if not message.can_be_requeued:
        raise NoChange(_("That is on its way already."))
    message.state, message.due_at, message.tried_from = MessageState.QUEUED, now(), now()


def check_address(url: str) -> None:
    """Raise RuleViolation for an address that is not allowed; what it resolves to is checked at each delivery."""
    try:
        is_valid = ADDRESS.fullmatch(url) is not None and urlsplit(url).port != 0
    except ValueError:  # a port beyond 65535
        is_valid = False
    if not is_valid:
        raise RuleViolation(_("Give a web address such as https://erp.example.com/hooks."), field="url")
    if url.startswith("http://") and not current_app.config.get("WEBHOOKS_TO_PRIVATE"):
        raise RuleViolation(_("The address must begin with https://, since orders hold personal data."), field="url")


def _checked(events: Iterable[WebhookEvent]) -> list[str]:
    selected = set(events)
    if not selected:
        raise RuleViolation(_("Choose at least one event."), field="events")
    return [event.value for event in WebhookEvent if event in selected]


def _update_settings() -> None:
    """Copy the events of each active webhook to the settings, so that changes of orders need no query for them."""
    db.session.flush()
    shop = shop_settings.for_update()  # before reading the webhooks, so that none is lost when two are added at once
    shop.webhook_events = {str(webhook.id): webhook.events for webhook in list_all() if webhook.is_active}
