"""The topics of other shops' webhooks: only those about orders place and change orders.

https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks-properties
https://shopify.dev/docs/api/webhooks
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from webshop_orders.models import ConnectionKind


class TopicKind(StrEnum):
    """What a topic is about; of UNCLEAR ones, the shape of the payload decides."""

    ORDER = "order"
    CANCELLED_ORDER = "cancelled_order"
    REFUND = "refund"
    UNCLEAR = "unclear"
    OTHER = "other"


@dataclass(frozen=True)
class Topics:
    """The topics of a shop system: those of whole orders, of cancelled ones and of refunds, and how others about orders
    begin.

    `foreign_fields` are those by which payloads that look like orders are told to be something else.
    """

    orders: frozenset[str]
    cancellations: frozenset[str]
    prefix: str
    refunds: frozenset[str] = frozenset()
    foreign_fields: frozenset[str] = field(default_factory=frozenset)

    def kind(self, topic: str | None) -> TopicKind:
        name = (topic or "").strip().casefold()
        if name in self.cancellations:
            return TopicKind.CANCELLED_ORDER
        if name in self.orders:
            return TopicKind.ORDER
        if name in self.refunds:
            return TopicKind.REFUND
        return TopicKind.UNCLEAR if not name or name.startswith(self.prefix) else TopicKind.OTHER

    def is_foreign(self, payload: dict[str, Any]) -> bool:
        """Whether a payload is a draft, a checkout or the like, whatever its topic says."""
        return any(payload.get(name) is not None for name in self.foreign_fields)


TOPICS: Mapping[ConnectionKind, Topics] = {
    ConnectionKind.WOOCOMMERCE: Topics(
        orders=frozenset({"order.created", "order.updated", "order.restored"}),
        cancellations=frozenset({"order.deleted"}),
        prefix="order.",
        # Subscriptions of WooCommerce Subscriptions, and refunds.
        foreign_fields=frozenset({"billing_period", "refunded_by"}),
    ),
    ConnectionKind.SHOPIFY: Topics(
        orders=frozenset(
            f"orders/{event}" for event in ("create", "updated", "paid", "fulfilled", "partially_fulfilled")
        ),
        cancellations=frozenset({"orders/cancelled", "orders/delete"}),
        prefix="orders/",
        refunds=frozenset({"refunds/create"}),
        # Draft orders and abandoned checkouts.
        foreign_fields=frozenset({"invoice_url", "abandoned_checkout_url"}),
    ),
}
