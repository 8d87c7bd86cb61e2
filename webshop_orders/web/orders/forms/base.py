"""The base class of forms that change an order."""

import re
import secrets
from collections.abc import Callable
from itertools import count
from typing import Any, ClassVar

from flask import g, request

from webshop_orders.errors import ConfirmationWarning
from webshop_orders.models import Actor, Event, Order
from webshop_orders.operations.orders import touched_parts
from webshop_orders.operations.orders.touched_parts import Part
from webshop_orders.text.languages import lazy_gettext as _l
from webshop_orders.web.http.forms import BaseForm

REQUEST_KEY = re.compile(r"[A-Za-z0-9_-]{8,64}")


class OrderForm(BaseForm):
    """A form on a tab of an order. It carries the order's version as rendered, and an idempotency key.

    `kind` and `key` identify a form on the page, such as that of one shipment among several. `warnings` need the
    user's confirmation before the form is carried out; `confirmed_codes` are those that it confirms already.
    `page` is the page that the form is on, where that is not its tab itself.
    `bumps_version` is whether the change makes a new version of the order, so that a stale form must be refused: where
    others changed what it `rests_on`. What they changed besides is in `changed_meanwhile`. `purpose` is what the user
    was about to do, in the words of the button; None where it cannot be sent again.
    """

    tab: str
    page: ClassVar[str] = ""
    kind: ClassVar[str]
    purpose: Any = _l("Save")
    bumps_version: ClassVar[bool] = True

    def __init__(self, key: int | None = None, **values: Any) -> None:
        super().__init__(**values)
        self.key = key
        self.warnings: list[ConfirmationWarning] = []
        self.changed_meanwhile: list[Event] = []

    def rests_on(self, order: Order) -> set[Part]:
        """The parts of the order that the form was filled in upon; everything unless a form says less."""
        return {touched_parts.EVERYTHING}

    def in_the_way(self, order: Order, changes: list[Event]) -> list[Event]:
        """The changes since the form was rendered that it cannot be carried out after."""
        others = touched_parts.by_others(changes, self.actor)
        missed = touched_parts.touching(others, self.rests_on(order))
        self.changed_meanwhile = [event for event in others if event not in missed]
        return missed

    @property
    def form_version(self) -> int | None:
        """The order's version when the form was rendered; -1, which no order has, where it is missing."""
        if not self.bumps_version:
            return None
        text = request.form.get("version", "")
        return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else -1

    @property
    def actor(self) -> Actor:
        """The current user, with the form's idempotency key: the same form sent twice is carried out once."""
        return actor_of_form()

    @property
    def confirmed_codes(self) -> set[str]:
        return set(request.form.getlist("agreed"))


def submitted_key() -> str | None:
    """The idempotency key of the submitted form; None where it has none, or something else."""
    key = BaseForm.submitted("request_key")
    return key if REQUEST_KEY.fullmatch(key) else None


def actor_of_form() -> Actor:
    """The current user, with the idempotency key of the submitted form."""
    actor: Actor = g.user.actor
    return actor.with_request_key(submitted_key())


def request_keys() -> Callable[[], str]:
    """The idempotency keys of a page as it is rendered once: each call of the function gives another one."""
    page, numbers = secrets.token_urlsafe(12), count()
    return lambda: f"{page}-{next(numbers)}"
