"""The addresses of other systems that are told what happens, and what they were told."""

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
    MessageState,
    Webhook,
    WebhookAttempt,
    WebhookEvent,
    WebhookMessage,
)
from webshop_orders.models.webhook import new_secret

MOST = 50
PAGE = 50
OLD_SECRET_WORKS = timedelta(days=1)
# No user name or password, which would end up in logs.
ADDRESS = re.compile(r"https?://(\[[0-9a-fA-F:.]+\]|[0-9A-Za-z.-]+)(:[0-9]{1,5})?(/[!-~]*)?(\?[!-~]*)?")


def get(webhook_id: int) -> Webhook:
    """A webhook, to be read; raises NotFound."""
    return _existing(db.session.get(Webhook, webhook_id))


def lock(webhook_id: int) -> Webhook:
    """A webhook, to be changed: nobody else can until the transaction ends. Raises NotFound."""
    return _existing(get_for_update(Webhook, webhook_id))


def _existing(webhook: Webhook | None) -> Webhook:
    if webhook is None:
        raise NotFound(_("There is no such webhook."))
    return webhook


def list_all() -> list[Webhook]:
    return list(db.session.scalars(select(Webhook).order_by(Webhook.id)))


def add(url: str, events: Iterable[WebhookEvent], *, by: Actor) -> Webhook:
    """Tell an address of chosen events from now on; raises Refused for what is no address that may be told."""
    check_address(url)
    wanted = _chosen(events)
    if len(list_all()) >= MOST:
        raise RuleViolation(_("There is room for %(most)s webhooks.", most=MOST))
    webhook = Webhook(url=url, events=wanted, made_by=by.name)
    db.session.add(webhook)
    _tell_settings()
    return webhook


def change(webhook: Webhook, url: str, events: Iterable[WebhookEvent]) -> None:
    """Set where a webhook goes and what it is told of; what it has yet to hear goes to the new address too."""
    check_address(url)
    webhook.url, webhook.events, webhook.paused_until = url, _chosen(events), None
    _tell_settings()


def rotate_secret(webhook: Webhook) -> None:
    """Give a webhook a new secret; the old one signs as well for a day, so that the other side can change over."""
    webhook.previous_secret, webhook.previous_secret_until = webhook.secret, now() + OLD_SECRET_WORKS
    webhook.secret = new_secret()


def disable(webhook: Webhook, reason: DisabledReason = DisabledReason.BY_HAND) -> None:
    """Tell a webhook nothing more; what it has yet to hear waits until it is switched on again."""
    if not webhook.is_active:
        raise NoChange(_("The webhook is switched off already."))
    webhook.disabled_at, webhook.disabled_because = now(), reason
    _tell_settings()


def enable(webhook: Webhook) -> None:
    """Go on telling a webhook, beginning with what it has yet to hear."""
    if webhook.is_active:
        raise NoChange(_("The webhook is switched on already."))
    webhook.disabled_at = webhook.disabled_because = webhook.paused_until = None
    _tell_settings()


def remove(webhook: Webhook) -> None:
    """Forget a webhook with all that it was told."""
    its_messages = select(WebhookMessage.id).where(WebhookMessage.webhook_id == webhook.id)
    db.session.execute(delete(WebhookAttempt).where(WebhookAttempt.message_id.in_(its_messages)))
    db.session.execute(delete(WebhookMessage).where(WebhookMessage.webhook_id == webhook.id))
    db.session.delete(webhook)
    _tell_settings()


def messages_of(webhook: Webhook, *, before: int | None = None) -> list[WebhookMessage]:
    """What a webhook was told, the latest first, without the bodies; one more than a page where there is more."""
    told = select(WebhookMessage).where(WebhookMessage.webhook_id == webhook.id).options(defer(WebhookMessage.body))
    if before is not None:
        told = told.where(WebhookMessage.id < before)
    return list(db.session.scalars(told.order_by(WebhookMessage.id.desc()).limit(PAGE + 1)))


def get_message(webhook_id: int, message_id: int) -> WebhookMessage:
    """Something that a webhook was told or has yet to hear; raises NotFound."""
    message = db.session.get(WebhookMessage, message_id)
    if message is None or message.webhook_id != webhook_id:
        raise NotFound(_("There is no such message."))
    return message


def attempts_at(message: WebhookMessage) -> list[WebhookAttempt]:
    """Each try to tell it, the latest first."""
    made = select(WebhookAttempt).where(WebhookAttempt.message_id == message.id)
    return list(db.session.scalars(made.order_by(WebhookAttempt.number.desc())))


def queue_again(message: WebhookMessage) -> None:
    """Tell it once more, under the same id; raises NothingToChange where it is under way."""
    if not message.can_be_requeued:
        raise NoChange(_("That is on its way already."))
    message.state, message.due_at, message.tried_from = MessageState.QUEUED, now(), now()


def check_address(url: str) -> None:
    """See that an address is one that can be told; raises Refused. Where it leads is looked at when it is told."""
    try:
        is_ok = ADDRESS.fullmatch(url) is not None and urlsplit(url).port != 0
    except ValueError:  # a port beyond 65535
        is_ok = False
    if not is_ok:
        raise RuleViolation(_("Give a web address such as https://erp.example.com/hooks."), field="url")
    if url.startswith("http://") and not current_app.config.get("WEBHOOKS_TO_PRIVATE"):
        raise RuleViolation(_("The address must begin with https://, since orders hold personal data."), field="url")


def _chosen(events: Iterable[WebhookEvent]) -> list[str]:
    chosen = set(events)
    if not chosen:
        raise RuleViolation(_("Choose at least one event."), field="events")
    return [event.value for event in WebhookEvent if event in chosen]


def _tell_settings() -> None:
    """Keep with the settings what each webhook that is on is told of, so that changes of orders need not ask."""
    db.session.flush()
    shop = shop_settings.for_update()  # before looking, so that two who add one at once both stand in it
    shop.webhook_events = {str(one.id): one.events for one in list_all() if one.is_active}
