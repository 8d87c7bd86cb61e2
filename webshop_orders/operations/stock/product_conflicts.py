"""What another user changed of a product since a form of it was shown (rule 32)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask_babel import get_locale
from flask_babel import gettext as _

from webshop_orders import shop_settings
from webshop_orders.errors import FieldError, StaleFields
from webshop_orders.models import Actor, Product, ProductEvent
from webshop_orders.operations.stock import product_history
from webshop_orders.text.formatting import date_time, money, percent


def leave_as_they_are(
    product: Product,
    values: Mapping[str, Any],
    version: int,
    *,
    by: Actor,
    events: Sequence[ProductEvent] | None = None,
) -> dict[str, Any]:
    """The values of a form that its user changed; those that the form showed leave the product as it is now.

    `version` is the one that the form was shown from; `events` are the changes since, where they were read already.
    Raises StaleFields where another user changed the same since, or where the product never had that version.
    """
    if not 1 <= version <= product.version:
        raise StaleFields(_("The product was changed while you were working on it."), form_version=version)
    events = product_history.since(product, version) if events is None else events
    shown: dict[str, Any] = {}
    for event in events:
        for name, change in event.changes.items():
            shown.setdefault(name, change["before"])
    typed = {name: value for name, value in values.items() if name not in shown or value != shown[name]}
    conflicts = [
        FieldError(name, _sentence(product, name, by_others[-1]))
        for name, value in typed.items()
        if value != getattr(product, name) and (by_others := _by_others(events, name, by))
    ]
    if conflicts:
        raise StaleFields(
            _("The product was changed while you were working on it."),
            form_version=version,
            missed_events=events,
            conflicts=conflicts,
        )
    return typed


def _by_others(events: Sequence[ProductEvent], name: str, by: Actor) -> list[ProductEvent]:
    return [
        event for event in events if name in event.changes and (event.user_id is None or event.user_id != by.user_id)
    ]


def _sentence(product: Product, name: str, event: ProductEvent) -> str:
    return _(
        "%(who)s changed this to «%(value)s» at %(when)s.",
        who=event.actor_name,
        value=_shown(product, name),
        when=date_time(event.at, shop_settings.current().time_zone, str(get_locale())),
    )


def _shown(product: Product, name: str) -> str:
    """The present value of a column, for people."""
    value = getattr(product, name)
    match name:
        case "price":
            return money(value, product.currency, str(get_locale()))
        case "vat_rate":
            return percent(value, str(get_locale()))
        case "backorderable" if value is None:
            return _("As the shop")
        case "backorderable" | "active":
            return _("Yes") if value else _("No")
        case _:
            return str(value) if value is not None else "–"
